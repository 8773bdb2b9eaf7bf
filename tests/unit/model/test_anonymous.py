"""What tells whose output it is goes, and the same thing stays the same thing."""

import pytest

from mspctl.model.anonymous import Anonymous


@pytest.mark.parametrize(
    ("said", "hidden"),
    [
        (
            "dc1 at 10.0.0.20, gateway 10.0.0.1, dc1 again 10.0.0.20",
            "host1 at 192.0.2.1, gateway 192.0.2.2, host1 again 192.0.2.1",
        ),
        ("127.0.0.1 ::1 0.0.0.0 224.0.0.251", "127.0.0.1 ::1 0.0.0.0 224.0.0.251"),
        ("fd00::1:2 2003:de:1::7", "2001:db8::1 2001:db8::2"),
        (
            "version 1.2.3.4.5, kernel 10.0.20348, 999.1.1.1",
            "version 1.2.3.4.5, kernel 10.0.20348, 999.1.1.1",
        ),
        ("12:34:56 it began", "12:34:56 it began"),
        ("aa:bb:cc:dd:ee:ff AA-BB-CC-DD-EE-FF", "00:00:5e:00:53:01 00-00-5e-00-53-02"),
        ("UUID=0b1e6d5c-0001-4b6f-9d2f-0123456789ab", "UUID=00000000-0000-0000-0000-000000000001"),
        ("S-1-5-21-11-22-33-1105 S-1-5-18 S-1-5-32-544", "S-1-5-21-1-2-1-1105 S-1-5-18 S-1-5-32-544"),
        ("mail to anna.b@acme-dental.example", "mail to user1@example.test"),
        (
            "/home/anna/x C:\\Users\\Anna\\y C:\\Users\\Public",
            "/home/user1/x C:\\Users\\user1\\y C:\\Users\\Public",
        ),
        ("DC1.acme.local dc12 predc1", "host1.client1.local dc12 predc1"),
    ],
)
def test_it_has_a_stand_in(said: str, hidden: str) -> None:
    assert Anonymous((("dc1", "host1"), ("acme", "client1"))).text(said) == hidden


def test_a_uuid_of_our_own_text_is_no_hosts() -> None:
    ours, theirs = "0fa1201d-4330-4fa8-8ae9-b877473b6441", "0b1e6d5c-0001-4b6f-9d2f-0123456789ab"
    hidden = Anonymous(known=f"$security = '{ours.upper()}'")
    assert hidden.text(f"{ours} {theirs}") == f"{ours} 00000000-0000-0000-0000-000000000001"
