"""A client's backup through the command line, on a real sshd with the real restic."""

import time
from pathlib import Path

import pytest

from tests.e2e.cli import Cli
from tests.integration.modules.here import needs
from tests.integration.modules.quickkey import quicken

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def saved(cli: Cli, tmp_path: Path) -> Cli:
    """The project's host has a backup policy, its repository beside it."""
    needs("restic")
    source, key = tmp_path / "source", tmp_path / "key"
    source.mkdir()
    for number in range(5):
        (source / f"file {number}").write_text(str(number) * 100)
    key.write_text("s3cret canary")
    key.chmod(0o600)
    file = cli.project / "inventory" / "clients" / "acme.yml"
    lines = [
        "backup:",
        f"  sources: [{source}]",
        f"  repository: {tmp_path}/store-{{client}}-{{host}}",
        f'  password: "file:{key}"',
        "  keep: {last: 3}",
        "  goals: {rpo: 1d, rto: 4h, proof: 30d}",
    ]
    file.write_text(file.read_text() + "\n".join(lines) + "\n")
    return cli


def test_a_backup_is_made_and_a_restore_proven(saved: Cli, tmp_path: Path) -> None:
    time.sleep(1.1)  # a file of the very second of the backup is not hashed
    first = saved("backup", "--client", "acme")
    assert first.returncode == 1
    assert "there is no repository at" in first.stdout
    assert "init=true" in first.stdout
    offered = saved("restore", "list", "--client", "acme")
    assert "is its disk mounted" in offered.stderr + offered.stdout
    assert "init=true" not in offered.stderr + offered.stdout, "who restores must not make a new one"
    forecast = saved("backup", "--client", "acme", "--check", "-e", "init=true")
    assert forecast.returncode == 0
    assert not (tmp_path / "store-acme-local1").exists()
    done = saved("backup", "--client", "acme", "-e", "init=true")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    quicken(tmp_path / "store-acme-local1", "s3cret canary")
    step, *others = saved.last()["hosts"][0]["steps"]
    assert [each["status"] for each in others] == ["skipped"] * 4
    assert (step["status"], step["metrics"]["backup.files"]) == ("changed", "5")
    assert (tmp_path / "store-acme-local1" / "config").exists()
    proven = saved.json("backup", "prove", "--client", "acme")
    assert proven["counts"] == {"ok": 1}
    assert proven["hosts"][0]["steps"][0]["metrics"]["proof.files"] == "5"
    assert saved("backup", "verify", "--client", "acme", "-e", "parts=1").returncode == 0
    offered = saved("restore", "list", "--client", "acme")
    assert (offered.returncode, str(tmp_path / "source") in offered.stdout) == (0, True), offered.stdout
    assert saved("call", "start", "acme", "-m", "a file is gone").returncode == 0
    back = tmp_path / "back"
    restored = saved(
        "restore", "--client", "acme", "-e", f"target={back}", "-e", f"paths={tmp_path}/source/file 3"
    )
    assert (restored.returncode, restored.stdout) == (0, "")
    assert [file.read_text() for file in back.rglob("file*")] == ["3" * 100]
    assert saved("call", "stop", "--cause", "deleted").returncode == 0
    assert saved("restore", "list", "--client", "acme").returncode == 0
    (attached,) = saved.json("call", "show", "1")["runs"]
    assert (attached["playbook"], attached["counts"]) == ("restore", {"changed": 1})
    told = saved("call", "write", "1").stdout
    assert "restore\n- acme/local1: changed" in told, told
    (known,) = saved.json("backup", "status")["backups"]
    assert (known["state"], known["backup"]["tries"], known["backup"]["failures"]) == ("good", 2, 1)
    assert (known["proof"]["due"], known["check"]["facts"]["verify.part"]) == (False, "1/1")
    assert (known["restore_estimated"], known["proof"]["run"]) == (True, proven["run"])
    assert saved("backup", "status", "--due").returncode == 0
    assert not any("canary" in line for line in saved.journal())


def test_what_may_not_be_what_one_wants_is_told_where_one_picks(saved: Cli, tmp_path: Path) -> None:
    """On the day it matters, with tar: the last backup is the first one after the ransomware."""
    source, store = tmp_path / "source", tmp_path / "store-acme-local1"
    file = saved.project / "inventory" / "clients" / "acme.yml"
    file.write_text(file.read_text().replace("backup:\n", "backup:\n  tool: tar\n"))
    for number in range(30):
        (source / f"file {number}").write_text(str(number) * 100)
    never = saved("backup", "status", "--due")
    assert (never.returncode, "no run has made a backup" in " ".join(never.stdout.split())) == (1, True)
    assert saved("backup", "--client", "acme", "-e", "init=true").returncode == 0
    for path in source.iterdir():
        path.write_text("encrypted")
    assert saved("backup", "--client", "acme").returncode == 0
    listed = saved("restore", "list", "--client", "acme").stdout.splitlines()
    assert [line.split()[-1] for line in listed] == ["BUT", "suspicious", str(source)]
    refused = saved("restore", "--client", "acme", "-e", f"target={tmp_path}/back", "--check")
    good = listed[2].split()[1]
    assert (refused.returncode, f"the last good one before it is {good} of" in refused.stdout) == (1, True)
    named = ("-e", f"snapshot={good}", "-e", f"target={tmp_path}/back")
    assert saved("restore", "--client", "acme", *named).returncode == 0
    assert (tmp_path / "back" / f"{source}/file 7".lstrip("/")).read_text() == "7" * 100
    assert len(list(store.glob("files.*"))) == 2


def test_a_host_without_a_policy_is_skipped_and_options_before_a_command_are_refused(cli: Cli) -> None:
    run = cli.json("backup", "--client", "acme")
    assert run["counts"] == {"skipped": 1}
    assert "no backup agreed" in cli("backup", "status", "--client", "acme").stdout
    nothing = cli("restore", "--client", "acme")
    assert (nothing.returncode, "nothing to restore from" in nothing.stdout) == (1, True)
    done = cli("backup", "--client", "acme", "verify")
    assert (done.returncode, "options go behind `verify`" in done.stderr) == (2, True)


def test_the_rule_of_copies_is_counted_from_what_was_seen(cli: Cli, tmp_path: Path) -> None:
    """With rsync, which encrypts nothing; two copies, of which the second comes later."""
    needs("rsync")
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "file").write_text("x" * 100)
    file = cli.project / "inventory" / "clients" / "acme.yml"
    file.write_text(
        file.read_text()
        + f"""
backup:
  tool: rsync
  sources: [{tmp_path}/source]
  repository: {tmp_path}/first
  medium: nas
  second: {{repository: "{tmp_path}/second", medium: removable, offsite: true, immutable: true}}
  goals: {{rpo: 1d, rule: 3-2-1-1-0}}
"""
    )
    time.sleep(1.1)  # a file of the very second of the backup is not hashed
    assert cli("backup", "--client", "acme", "-e", "init=true").returncode == 0
    assert cli("backup", "verify", "--client", "acme").returncode == 0
    known = cli("backup", "status", "--rule").stdout
    assert "repository: no restore is proven; second: no restore is proven" in " ".join(known.split())
    assert cli("backup", "prove", "--client", "acme").returncode == 0
    (stands,) = cli.json("backup", "status")["backups"]
    assert [each["met"] for each in stands["rule"]] == [True] * 5
    assert stands["rule"][0]["counts"] == ["host", "repository", "second"]
    assert (stands["encrypted"], stands["goals"]["rule"]) == (False, "3-2-1-1-0")
    (tmp_path / "second" / "mspctl-repository").unlink()
    assert cli("backup", "--client", "acme").returncode == 1
    due = cli("backup", "status", "--due")
    assert (due.returncode, "3-2-1-1-0 is not met: 0 errors" in " ".join(due.stdout.split())) == (1, True)
