"""What an onboarding reads and writes: addresses, approved keys, the kept state, the proposed file."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mspctl.errors import ConfigurationError, UsageError
from mspctl.model.onboarding import Answer, Baseline, Door, Login, Minutes, Onboarding
from mspctl.parse.addresslist import named_addresses
from mspctl.parse.approvals import Approvals, approvals
from mspctl.parse.effortfile import parse_effort
from mspctl.parse.inventory import load_inventory
from mspctl.parse.onboardingfile import onboarding_text, read_onboarding
from mspctl.parse.proposal import host_names, proposal, reachable
from mspctl.parse.source import source_of

MARK = "SHA256:" + "a" * 43
OTHER = "SHA256:" + "b" * 43
SSH = "SSH-2.0-OpenSSH_9.2"


def test_networks_are_expanded_to_what_a_computer_can_have() -> None:
    assert named_addresses(["10.0.0.0/30", "10.0.0.1", "WEB1.example."]) == (
        "10.0.0.1",
        "10.0.0.2",
        "web1.example",
    )
    assert named_addresses(["10.0.0.8/31"]) == ("10.0.0.8", "10.0.0.9")
    assert named_addresses(["fd00::/126"]) == ("fd00::1", "fd00::2", "fd00::3")


@pytest.mark.parametrize("text", ["10.0.0.0/33", "10.0.0.0/8", "10.0.0.1/30", "127.1", "a b", "::/0", "/24"])
def test_no_network_by_a_slip(text: str) -> None:
    with pytest.raises(UsageError):
        named_addresses([text])


def test_a_list_may_hold_comments_and_names_each_wrong_line(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text("# their network\n10.0.0.0/30\n\n10.0.0.77  # the door\n")
    assert named_addresses([], file)[-1] == "10.0.0.77"
    file.write_text("10.0.0.1\nx y\n10.0.0.400\n")
    with pytest.raises(ConfigurationError) as caught:
        named_addresses([], file)
    assert [str(each.place).partition(":")[2] for each in caught.value.problems] == ["2:1", "3:1"]


def test_approvals_in_each_form(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    key = "AAAAC3NzaC1lZDI1NTE5AAAAIO6nsPRhD8oJYEVDlRcgTbAHqSQYWKXpyCzeFmaiZTVn"
    file.write_text(
        f"10.0.0.1 {MARK}\n[10.0.0.2]:2222 256 {MARK} root@web2 (ED25519)\n\n"
        f"10.0.0.3 ssh-ed25519 {key} # seen on the console\n{OTHER}\n"
    )
    found = approvals(file, [])
    assert found.approves("10.0.0.1", 22, MARK)
    assert not found.approves("10.0.0.1", 22, OTHER), "a host that is named is bound to its own"
    assert not found.approves("10.0.0.2", 22, MARK), "that was said of another port"
    assert found.approves("10.0.0.2", 2222, MARK)
    assert found.approves("10.0.0.9", 22, OTHER)
    (bound,) = found.of("10.0.0.3", 22)
    assert bound.startswith("SHA256:")
    assert approvals(None, [MARK]) == Approvals(of_any=frozenset({MARK}))
    assert not Approvals().approves("10.0.0.1", 22, MARK)


@pytest.mark.parametrize(
    "line", ["10.0.0.1", f"no_host! {MARK}", "10.0.0.1 ssh-ed25519 %%%", "[10.0.0.1]22 " + MARK, "MD5:00:11"]
)
def test_a_line_that_approves_nothing_is_an_error(line: str, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"{line}\n")
    with pytest.raises(ConfigurationError, match="approves nothing"):
        approvals(file, [])


STATE = Onboarding(
    "acme",
    "Acme: & Söhne #1",
    "Europe/Berlin",
    "hq",
    (2222, 22),
    Login("ops", "file:keys/acme", become="sudo", windows_user="ACME\\msp", windows_password="env:WIN"),
    ("10.0.0.0/24",),
    datetime(2026, 11, 29, 12, tzinfo=UTC),
    (
        Answer("10.0.0.11", (Door(2222, SSH), Door(80)), "web1.acme.example", "debian"),
        Answer("10.0.0.12", (Door(22, SSH),), "WEB1", "debian", ""),
        Answer("10.0.0.13", (Door(22, SSH),), "", "", "auth: nobody was let in"),
        Answer("10.0.0.20", (Door(5986), Door(3389))),
        Answer("10.0.0.21", (Door(5985),)),
        Answer("10.0.0.30", (Door(22, "answers, but not as SSH does"), Door(80))),
    ),
    "0" * 64,
    Baseline(datetime(2026, 11, 29, 13, tzinfo=UTC), ("run1", "run2")),
)


def test_what_is_kept_is_what_is_read(tmp_path: Path) -> None:
    file = tmp_path / "found.yml"
    assert read_onboarding(file) is None
    for state in (STATE, Onboarding("acme")):
        file.write_text(onboarding_text(state))
        assert read_onboarding(file) == state


@given(st.text(max_size=80), st.text(max_size=80))
@settings(max_examples=15, deadline=None)
def test_whatever_a_host_says_can_be_kept_and_proposed(
    tmp_path_factory: pytest.TempPathFactory, greeting: str, name: str
) -> None:
    folder = tmp_path_factory.mktemp("onboarding")
    answer = Answer("10.0.0.11", (Door(22, SSH + greeting),), name, "debian", greeting)
    state = replace(STATE, answers=(answer,))
    (folder / "found.yml").write_text(onboarding_text(state), encoding="utf-8")
    assert read_onboarding(folder / "found.yml") is not None
    assert len(load(folder, proposal(state))) == 1


def load(folder: Path, text: str) -> dict[str, str]:
    (folder / "clients").mkdir()
    (folder / "mspctl.yml").write_text("name: Northern Lights IT\n")
    (folder / "clients" / "acme.yml").write_text(text, encoding="utf-8")
    return {
        host.name: f"{host.access.connection.value} {host.access.address}:{host.access.port} "
        f"{host.access.user} {host.access.become.value}"
        for host in load_inventory(folder).hosts
    }


def test_the_proposal_holds_who_can_be_reached_and_nobody_else(tmp_path: Path) -> None:
    assert load(tmp_path, proposal(STATE)) == {
        "web1": "ssh 10.0.0.11:2222 ops sudo",
        "web1-2": "ssh 10.0.0.12:22 ops sudo",
        "10.0.0.13": "ssh 10.0.0.13:22 ops sudo",
        "10.0.0.20": "winrm 10.0.0.20:5986 ACME\\msp none",
        "10.0.0.21": "winrm 10.0.0.21:5985 ACME\\msp none",
    }
    assert len(reachable(STATE)) == 5


@given(st.lists(st.text(max_size=70), max_size=6))
@settings(max_examples=40, deadline=None)
def test_no_two_hosts_get_one_name(names: list[str]) -> None:
    answers = [Answer(f"10.0.0.{number}", name=name) for number, name in enumerate(names)]
    assert len(set(host_names(answers).values())) == len(names)


def test_effort_of_the_provider() -> None:
    text = b"no-backup = {once = 30, each = 90}\n"
    assert parse_effort(source_of(text, "effort.toml"), ("no-backup",)) == {"no-backup": Minutes(30, 90)}
    wrong = b"no-backup = 5\nno-bakcup = {once = -1}\n"
    with pytest.raises(ConfigurationError) as caught:
        parse_effort(source_of(wrong, "effort.toml"), ("no-backup",))
    told = str(caught.value)
    assert "did you mean no-backup?" in told
    assert "expected a table" in told
    assert "expected a whole number" in told
