"""I15: plain-text `password:` or private key block: refused, pointing to references; never echoed."""

import logging
import traceback
from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError
from mspctl.parse.inventory import load_inventory
from tests.hostile.inventory_rows import ONE_HOST, check, refused, write_inventory

CANARY = "hunter2CANARY"
KEY = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{CANARY}\n-----END OPENSSH PRIVATE KEY-----"
BLOCK = "|\n" + "".join(f"              {line}\n" for line in KEY.splitlines())

PLACES = {
    "host password": f"{{password: {CANARY}}}",
    "quoted": f'{{password: "{CANARY}"}}',
    "like a reference": f'{{password: "abc:{CANARY}"}}',
    "like a URL": f'{{password: "file://{CANARY}"}}',
    "bad variable name": f'{{password: "env:{CANARY}-x y"}}',
    "become": f"{{become_password: {CANARY}}}",
    "passphrase": f"{{identity_passphrase: {CANARY}}}",
    "identity": f"\n        identity: {BLOCK}",
    "identity in quotes": '{identity: "' + KEY.replace("\n", "\\n") + '"}',
    "notes": f"\n        notes: {BLOCK}",
    "list": f"{{password: [{CANARY}]}}",
    "map": f"{{password: {{value: {CANARY}}}}}",
    "variable": f"{{vars: {{db_password: {CANARY}}}}}",
    "variable in a map": f"{{vars: {{db: {{password: {CANARY}}}}}}}",
    "variable with a key": f"\n        vars:\n          k: {BLOCK}",
    "short word": f"{{vars: {{RootPW: {CANARY}}}}}",
    "another language": f"{{vars: {{admin_kennwort: {CANARY}}}}}",
    "token": f"{{vars: {{api_token: {CANARY}}}}}",
    "URL as gateway": f'{{gateway: "ops:{CANARY}@gw"}}',
    "URL as address": f'{{address: "ssh://ops:{CANARY}@web1"}}',
}


@pytest.mark.parametrize("place", PLACES)
def test_plain_secrets_are_refused_and_never_shown(
    tmp_path: Path, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    inventory = write_inventory(tmp_path, {"acme": ONE_HOST.replace("{address: 10.0.0.1}", PLACES[place])})
    with pytest.raises(ConfigurationError) as caught:
        load_inventory(inventory)
    error = caught.value
    for shown in (str(error), repr(error), repr(error.problems), caplog.text, *_frames(error)):
        assert CANARY not in shown
    assert error.__cause__ is None
    assert error.__context__ is None
    assert all(problem.place is not None and problem.place.line >= 5 for problem in error.problems)
    if "URL as" not in place:
        assert any("env:NAME, file:PATH or systemd:NAME" in problem.hint for problem in error.problems)


def _frames(error: BaseException) -> list[str]:
    """The local values of each of mspctl's frames in the traceback, as a debugger would show them."""
    found = []
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if "/mspctl/" in frame.f_code.co_filename:
            found.append(repr(frame.f_locals))
    return found


def test_the_command_shows_neither(tmp_path: Path) -> None:
    write_inventory(tmp_path, {"acme": ONE_HOST.replace("{address: 10.0.0.1}", PLACES["host password"])})
    answer = check(tmp_path)
    assert answer.code == 2
    assert "sites.hq.hosts.web1.password: a secret is never written here" in answer.stderr
    assert CANARY not in answer.stdout + answer.stderr


def test_a_password_in_the_database_url(tmp_path: Path) -> None:
    provider = f"name: MSP\ndatabase: postgresql+psycopg://u:{CANARY}@db/mspctl\n"
    write_inventory(tmp_path, {"acme": ONE_HOST}, provider)
    answer = check(tmp_path)
    assert answer.code == 2
    assert "database: the URL holds a password" in answer.stderr
    assert CANARY not in answer.stdout + answer.stderr


@pytest.mark.parametrize("text", ["env:ACME_PW", "file:keys/acme", "systemd:acme-pw", "cred:env:ACME_PW"])
def test_references_are_accepted(tmp_path: Path, text: str) -> None:
    inventory = write_inventory(
        tmp_path, {"acme": ONE_HOST.replace("address: 10.0.0.1", f"password: '{text}'")}
    )
    (host,) = load_inventory(inventory).hosts
    assert str(host.access.password) == text.removeprefix("cred:")
    assert host.access.password is not None
    assert str(host.access.password.place) == "inventory/clients/acme.yml:5:24"


def test_nothing_wrong_stays_silent_about_a_misspelled_key(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, ONE_HOST.replace("address: 10.0.0.1", f"pasword: {CANARY}"))
    assert problem.hint == "did you mean password?"
    assert CANARY not in str(problem)
