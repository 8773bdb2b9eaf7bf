"""A client is taken over in several calls: what is missing is named, nothing trusted or replaced silently."""

import json
import os
import pty
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509 import IPAddress

from mspctl.parse.importers.draft import dump_yaml
from mspctl.testing.sshd import Sshd, make_key
from tests.e2e.cli import Cli
from tests.e2e.fixtures import remove_spools
from tests.e2e.inprocess import call
from tests.integration.certificates import self_signed
from tests.integration.monitor.servers import site

WINDOWS = "127.0.5.5"
"""Beyond what the other tests here look through, who may run at the same time: its port is that of all."""

STEPS = {
    "onboard": [{"name": "Facts", "module": "facts"}, {"name": "Roles", "module": "roles"}],
    "security": [{"name": "Facts", "module": "facts"}],
}


class Newcomer:
    """A project without clients; a host and a web server that nobody has told it of."""

    def __init__(self, folder: Path, sshd: Sshd) -> None:
        self.sshd = sshd
        project = folder / "project"
        (project / "inventory" / "clients").mkdir(parents=True)
        (project / "inventory" / "mspctl.yml").write_text("name: Northern Lights IT\n")
        (project / "playbooks").mkdir()
        for name, steps in STEPS.items():  # the shipped ones look at all of this machine
            text = dump_yaml({"name": name, "description": "Looks.", "steps": steps})
            params = "params: {fail_on: {type: text, default: never, help: Ignored}}\n"
            (project / "playbooks" / f"{name}.yml").write_text(text + params)
        self.cli = Cli(project, folder / "state")

    @property
    def folder(self) -> Path:
        return self.cli.project / "onboarding" / "newco"

    @property
    def file(self) -> Path:
        return self.cli.project / "inventory" / "clients" / "newco.yml"

    @property
    def pins(self) -> Path:
        return self.cli.project / "inventory" / "known_hosts" / "newco"

    def audit(self) -> list[str]:
        return (self.cli.state / "mspctl" / "audit.jsonl").read_text().splitlines()

    def json(self, *words: str) -> Any:  # noqa: ANN401 - whatever the document holds
        return json.loads(call(self.cli, "--json", *words)[1])

    def onboard(self, *words: str) -> tuple[int, str, str]:
        return call(self.cli, "onboard", "newco", *words)

    def first(self, *more: str, address: str = "127.0.0.0/29") -> tuple[int, str, str]:
        login = ("--user", self.sshd.user, "--identity", f"file:{self.sshd.client_key}")
        return self.onboard(address, "--ssh-port", str(self.sshd.port), "--wait", "5", *login, *more)


@pytest.fixture
def newcomer(tmp_path: Path, sshd: Sshd) -> Iterator[Newcomer]:
    made = Newcomer(tmp_path, sshd)
    yield made
    remove_spools(made.cli)


def test_a_client_is_taken_over_step_by_step(newcomer: Newcomer) -> None:
    mark, log = newcomer.sshd.fingerprint, newcomer.sshd
    code, _, errors = newcomer.onboard()
    assert (code, "which addresses?" in errors) == (2, True)

    code, told, errors = newcomer.first("--name", "New Co", "--timezone", "Europe/Berlin")
    assert (code, mark in told) == (1, True)
    assert f"nobody has approved its key; compare it, then give --approve {mark}" in errors
    assert "proposal.yml waits for you" in errors
    assert not newcomer.pins.exists()
    assert "Accepted" not in log.log, "nobody logs in to a stranger"

    code, _, errors = newcomer.onboard("--approve", mark)
    assert (code, "approved its key" in errors) == (1, False)
    assert any("host-key-pinned" in line and mark in line for line in newcomer.audit())
    proposed = newcomer.folder / "proposal.yml"
    assert f"port: {newcomer.sshd.port}, os: debian" in proposed.read_text()
    assert not newcomer.file.exists()

    own = proposed.read_text().replace("name: New Co\n", "name: New Company\n")
    proposed.write_text(own)
    code, told, errors = newcomer.onboard("--write")
    assert (code, newcomer.file.read_text()) == (0, own), "what a person changed is what is written"
    assert "effort for the quote: " in told
    page = (newcomer.folder / "onboarding.md").read_text()
    assert page.startswith("# Onboarding: New Company\n")
    assert all(f"## In {days} days: " in page for days in (30, 60, 90))
    (report,) = newcomer.folder.glob("newco-*.html")
    assert "New Company" in report.read_text()

    runs = newcomer.json("runs", "list")["runs"]
    assert sorted(each["playbook"] for each in runs) == ["onboard", "security"]
    again = newcomer.json("onboard", "newco")
    assert (again["written"], again["left"]) == (True, [])
    assert again["effort"]["total"] == again["effort"]["set_up"] + sum(
        each["minutes"] for each in again["risks"]
    )
    assert sorted(again["runs"]) == sorted(each["run"] for each in runs)
    assert newcomer.json("runs", "list")["runs"] == runs, "what was looked at is not looked at again"


def test_keys_that_were_compared_are_bound_to_their_hosts(newcomer: Newcomer) -> None:
    file, sshd = newcomer.cli.project / "keys.txt", newcomer.sshd
    wrong = "SHA256:" + "A" * 43
    file.write_text(f"# by phone\n[127.0.0.1]:{sshd.port} {wrong}\n{sshd.fingerprint}\n")
    code, _, errors = newcomer.first("--fingerprints", str(file))
    assert (code, newcomer.pins.exists()) == (1, False)
    assert f"127.0.0.1:{sshd.port}: shows other keys than the ones that you have named for it" in errors
    file.write_text(sshd.known_hosts_line + "\n")
    code, _, errors = newcomer.onboard("--fingerprints", str(file), "--write")
    assert (code, newcomer.pins.read_text()) == (0, sshd.known_hosts_line + "\n"), errors

    make_key(sshd.folder / "new", "ed25519")
    for name in ("host_key", "host_key.pub"):
        (sshd.folder / name).write_bytes((sshd.folder / name.replace("host_key", "new")).read_bytes())
    sshd.stop()
    sshd.start()
    code, _, errors = newcomer.onboard("--approve", sshd.fingerprint, "--again")
    assert (code, "its key is changed; see mspctl trust" in errors) == (1, True)
    assert newcomer.pins.read_text() != sshd.known_hosts_line + "\n", "a changed key is not for onboarding"


def test_what_answers_and_cannot_be_looked_after_is_a_risk(newcomer: Newcomer) -> None:
    with site() as web:
        ports = ("--ssh-port", str(web.port))
        code, told, errors = newcomer.first("--approve", newcomer.sshd.fingerprint, "--write", *ports)
        assert code == 0, errors
        listed = newcomer.cli.project / "list.txt"
        listed.write_text("127.0.0.9  # the new one\n127.0.0.248/30\n")
        more = ("--list", str(listed), "--ssh-port", str(web.port), "--wait", "5")
        code, _, errors = newcomer.onboard(*more)
        assert (code, "to do: 127.0.0.9: nobody answers at the ports that were tried" in errors) == (1, True)
        assert "127.0.0.249" not in errors, "of a network nobody expects that all answer"
        assert newcomer.onboard()[0] == 0, "it is told in the call that names it"
    newcomer.file.write_text(newcomer.file.read_text().replace("address: 127.0.0.1", "address: 127.0.0.77"))
    code, told, errors = newcomer.onboard("--again")
    assert code == 1
    assert "127.0.0.77" in errors
    assert "127.0.0.1 answers and is not in the inventory" in errors
    assert "Computers that nobody can look after yet" in told
    assert "Hosts that could not be looked at completely" in told


def test_a_host_that_another_client_has_does_not_spoil_the_inventory(newcomer: Newcomer) -> None:
    other = newcomer.file.with_name("other.yml")
    hosts = "sites: {hq: {hosts: {web1: {address: 127.0.0.1}}}}\n"
    other.write_text("client: other\ntimezone: UTC\n" + hosts)
    code, _, errors = newcomer.first("--approve", newcomer.sshd.fingerprint, "--write")
    assert (code, newcomer.file.exists()) == (2, False), "nobody's schedules would run any more"
    assert "and other/web1 are the same computer, 127.0.0.1" in errors
    assert "name its `gateway`" in errors
    assert call(newcomer.cli, "inventory", "check")[0] == 0
    proposal = newcomer.folder / "proposal.yml"
    for file in (other, proposal):
        file.write_text(file.read_text().replace("address: 127.0.0.1", "shared: true, address: 127.0.0.1"))
    assert newcomer.onboard("--write")[0] == 0


def test_a_windows_host_is_known_by_its_certificate(newcomer: Newcomer, tmp_path: Path) -> None:
    made = self_signed(
        IPAddress(ip_address(WINDOWS)), datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
    )
    (tmp_path / "server.pem").write_bytes(made.whole)
    newcomer.cli.environment["WIN"] = "s3cret-password"
    account = ("--windows-user", "ACME\\msp", "--windows-password", "env:WIN")
    with site(tmp_path / "server.pem", address=(WINDOWS, 5986)) as server:
        code, told, errors = newcomer.onboard(WINDOWS, "--wait", "5", *account)
        mark = f"SHA256:{made.fingerprint}"
        assert (code, mark in told, f"give --approve {mark}" in errors) == (1, True, True)
        assert not any(method == "POST" for method, _, _ in server.asked), "no password for a stranger"
        assert "connection: winrm" in (newcomer.folder / "proposal.yml").read_text()
        code, _, errors = newcomer.onboard("--approve", mark)
        assert ("nobody has approved" in errors, WINDOWS in errors) == (False, True), "this is no WinRM"
    assert " x509 " in newcomer.pins.read_text()
    kept = "".join(file.read_text() for file in newcomer.folder.iterdir())
    assert "s3cret-password" not in kept + told + errors


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("10.0.0.0/8",), "addresses are too many"),
        (("10.0.0.1/24",), "host bits set"),
        (("10.0.0.300",), "four decimal numbers"),
        (("-oProxyCommand=x",), "No such option"),
        (("127.0.0.1", "--approve", "md5:00"), "no fingerprint"),
        (("127.0.0.1", "--identity", "hunter2", "--ssh-port", "SSHD"), "only a reference to it"),
        (("127.0.0.2", "--password", "hunter2"), "only a reference to it"),
        (("127.0.0.2", "--timezone", "Europe/Berln"), "Europe/Berlin"),
        (("127.0.0.2", "--wait", "0.2"), "nobody answers by SSH or WinRM at 127.0.0.2"),
    ],
)
def test_bad_input_is_refused(newcomer: Newcomer, words: tuple[str, ...], problem: str) -> None:
    given = [word.replace("SSHD", str(newcomer.sshd.port)) for word in words]
    code, told, errors = newcomer.onboard(*given)
    assert (code, told) == (2, "")
    assert problem in errors
    kept = newcomer.folder / "found.yml"
    assert "hunter2" not in errors + (kept.read_text() if kept.exists() else "")
    assert not newcomer.file.exists()


def test_wrong_names_and_damaged_files_are_told_with_their_place(newcomer: Newcomer) -> None:
    assert "is no name for a client" in call(newcomer.cli, "onboard", "New Co", "127.0.0.1")[2]
    assert "is no name for a client" in call(newcomer.cli, "onboard", "../x", "127.0.0.1")[2]
    newcomer.folder.mkdir(parents=True)
    (newcomer.folder / "found.yml").write_text("format: 1\nclient: newco\nanswers: [{adress: 127.0.0.1}]\n")
    code, _, errors = newcomer.onboard()
    assert (code, "found.yml:3:12" in errors) == (2, True), errors
    (newcomer.folder / "found.yml").unlink()
    (newcomer.cli.project / "list.txt").write_text("127.0.0.1 # web\n\nnot an address\n")
    code, _, errors = newcomer.onboard("--list", str(newcomer.cli.project / "list.txt"))
    assert (code, "list.txt:3:1" in errors) == (2, True), errors


def test_on_a_terminal_somebody_is_asked(newcomer: Newcomer) -> None:
    newcomer.first()
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*newcomer.cli.argv, "onboard", "newco"],
        env=newcomer.cli.environment,
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    seen = b""
    for question in (b"Pin the keys of 1 host", b"newco.yml? [y/N]"):
        while question not in seen:
            seen += os.read(master, 4096)
        seen = seen.partition(question)[2]
        os.write(master, b"y\n")
    try:
        while chunk := os.read(master, 4096):
            seen += chunk
    except OSError:  # the terminal is closed with the process
        pass
    os.close(master)
    assert process.wait(timeout=100) == 0, seen
    assert newcomer.pins.read_text() == newcomer.sshd.known_hosts_line + "\n"
    assert newcomer.file.exists()
