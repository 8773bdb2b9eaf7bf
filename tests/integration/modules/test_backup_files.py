"""Backups, proofs and checks with the real restic: what went well is there, and what did not says so."""

import os
import secrets
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mspctl.model.outcome import Forecast, StepStatus
from mspctl.model.value import Value
from tests.integration.modules.here import needs
from tests.integration.modules.quickkey import quick_repository
from tests.integration.modules.vault import FILES, PASSWORD, Vault, failed_with, small_disk


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    """Made once: a vault with one good snapshot. Tests that break it take a copy."""
    needs("restic")
    vault = Vault(tmp_path_factory.mktemp("vault"))
    time.sleep(1.1)  # a file of the very second of the backup is not hashed
    without = vault.run()
    assert (without.status, list(without.findings)) == (StepStatus.FAILED, ["backup:no-repository"])
    assert "-e init=true" in without.reason
    quick_repository(vault.repository, PASSWORD)
    made = vault.run()
    assert made.status is StepStatus.CHANGED, made.reason
    assert made.findings == {}
    assert made.changes["snapshot"]["files"] == made.metrics["backup.hashed"] == str(FILES)
    assert made.facts["backup.snapshot"].startswith(made.changes["snapshot"]["id"])
    return vault


@pytest.fixture
def vault(backed_up: Vault, tmp_path: Path) -> Vault:
    """A repository of one's own, of the same source at the same place."""
    return backed_up.copy(tmp_path)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of two MiB."""
    with small_disk(tmp_path / "small") as folder:
        yield folder


def test_what_is_not_worth_a_backup_never_gets_one(backed_up: Vault, tmp_path: Path) -> None:
    (tmp_path / "empty" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to(backed_up.source)
    for name, word in (("empty", "empty-source"), ("link", "linked-source"), ("gone", "missing-source")):
        result = backed_up.run(sources=(str(backed_up.source), str(tmp_path / name)))
        assert failed_with(result) == {f"backup:{word}"}
        assert str(tmp_path / name) in result.reason
    assert failed_with(backed_up.run(mountpoints=(str(tmp_path),))) == {"backup:not-mounted"}
    assert backed_up.run(mountpoints=("/proc",), check=True).forecast is Forecast.CHANGE
    assert failed_with(backed_up.run(keep=("daily=none",))) == {"backup:retention"}
    assert failed_with(backed_up.run(password="another")) == {"backup:wrong-password"}
    assert not list(tmp_path.glob("repository"))


def test_a_restore_is_proven_file_by_file_and_leaves_nothing(backed_up: Vault) -> None:
    proof = backed_up.run("backup-proof", files=10)
    assert proof.status is StepStatus.OK, proof.reason
    assert (proof.metrics["proof.files"], proof.metrics["proof.bad"]) == ("10", "0")
    assert (proof.facts["proof.extent"], proof.findings, proof.changes) == ("sample", {}, {})
    assert int(proof.metrics["proof.estimate"]) > 0
    whole = backed_up.run("backup-proof", whole=True, rto=0.01)
    assert "s (measured), and 0.01 s were agreed" in whole.findings["backup:rto"]["reason"]
    assert (whole.facts["proof.extent"], whole.metrics["proof.files"]) == ("whole", str(FILES))
    assert not list(backed_up.folder.glob("mspctl-proof.*"))


def test_the_day_it_matters(vault: Vault, tmp_path: Path) -> None:
    target, lost = tmp_path / "back", vault.source / "file [7] *"
    where: dict[str, Value] = {"target": str(target)}
    elsewhere = tmp_path / "link"
    elsewhere.symlink_to(tmp_path)
    listed = vault.run("backup-snapshots")
    assert (listed.status, listed.metrics) == (StepStatus.OK, {"backup.snapshots": "1"})
    ((name, told),) = listed.facts.items()
    assert told.endswith(f"Z {vault.source}")
    forecast = vault.use("backup-restore", where, check=True)
    assert (forecast.forecast, forecast.changes["restore"]["files"]) == (Forecast.CHANGE, str(FILES))
    assert not target.exists()
    wrong: tuple[tuple[dict[str, Value], str], ...] = (
        ({"snapshot": "47114711"}, "not-there"),
        ({"paths": (str(lost), "/etc/nothing")}, "not-there"),
        ({"target": str(vault.source)}, "not-empty"),
        ({"target": str(elsewhere)}, "not-ours"),
    )
    for given, word in wrong:
        assert failed_with(vault.use("backup-restore", where | given)) == {f"backup:{word}"}
    some: dict[str, Value] = {"snapshot": name.partition(":")[2], "paths": (str(lost),)}
    one = vault.use("backup-restore", where | some)
    assert one.status is StepStatus.CHANGED, one.reason
    assert (one.metrics["restore.files"], one.metrics["restore.proven"]) == ("1", "1")
    assert [file.read_bytes() for file in target.rglob("file*")] == [lost.read_bytes()]
    was = lost.read_bytes()
    lost.unlink()
    placed = vault.run("backup-restore", paths=(str(lost),), target="/", in_place=True)
    assert (placed.status, lost.read_bytes()) == (StepStatus.CHANGED, was), placed.reason
    assert placed.metrics["restore.proven"] == "1", "what was not restored is not counted"
    vault.rest()


def test_a_file_that_is_not_what_the_source_had_is_named_though_the_repository_is_sound(vault: Vault) -> None:
    """As if the backup had been made of something else: the list of hashes says so, restic cannot."""
    listed = subprocess.run(
        vault.restic("dump", "--tag", "mspctl-manifest", "latest", "/mspctl-manifest"),
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    one, two = listed[1].split(" ", 2), listed[2].split(" ", 2)
    listed[1:] = [" ".join(("0" * 64, *one[1:])), " ".join((*two[:2], two[2] + "-gone"))]
    subprocess.run(
        vault.restic(
            *("backup", "--host", "web1", "--tag", "mspctl-manifest"),
            *("--stdin", "--stdin-filename", "mspctl-manifest"),
        ),
        input="\n".join(listed) + "\n",
        check=True,
        capture_output=True,
        text=True,
    )
    proof = vault.run("backup-proof")
    assert failed_with(proof) == {f"proof:{one[2]}", f"proof:{two[2]}-gone"}
    assert "is not what it was" in proof.findings[f"proof:{one[2]}"]["reason"]
    assert "is missing" in proof.findings[f"proof:{two[2]}-gone"]["reason"]
    assert (proof.metrics["proof.bad"], proof.facts) == ("2", {})
    placed = vault.run("backup-restore", paths=(one[2],), target="/", in_place=True)
    assert (placed.status, placed.metrics["restore.proven"]) == (StepStatus.CHANGED, "0"), placed.reason
    assert placed.findings[f"proof:{one[2]}"]["level"] == "warning", "it is told where it is in use, too"
    vault.rest()


def test_damage_that_a_backup_does_not_meet_is_found(vault: Vault) -> None:
    pack = vault.packs()[-1]
    content = bytearray(pack.read_bytes())
    content[len(content) // 3] ^= 1
    pack.chmod(0o600)
    pack.write_bytes(content)
    assert failed_with(vault.run("backup-verify", parts=1)) == {"backup:damaged"}
    proof = vault.run("backup-proof", whole=True)
    assert "backup:damaged" in failed_with(proof)
    assert any(name.startswith("proof:/") for name in proof.findings), proof.findings
    assert "proof.snapshot" not in proof.facts
    pack.write_bytes(content[: len(content) // 2])
    assert failed_with(vault.run("backup-verify", parts=1)) == {"backup:damaged"}
    pack.unlink()
    assert failed_with(vault.run("backup-verify", parts=0)) == {"backup:damaged"}
    assert not list(vault.folder.glob("mspctl-proof.*"))


def test_a_lock_is_respected_while_somebody_holds_it_and_taken_away_after(vault: Vault) -> None:
    holder = subprocess.Popen(
        vault.restic("backup", "--stdin"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 20
        while not list((vault.repository / "locks").iterdir()):
            assert time.monotonic() < until
            time.sleep(0.05)
        assert failed_with(vault.run("backup-verify", parts=1)) == {"backup:locked"}
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    sound = vault.run("backup-verify", parts=1)
    assert (sound.status, set(sound.findings)) == (StepStatus.OK, {"backup:stale-lock"}), sound.reason
    assert sound.facts == {"verify.part": "1/1", "verify.repository": str(vault.repository)}


def test_a_snapshot_with_nothing_of_a_source_is_none_and_one_from_the_future_means_a_wrong_clock(
    vault: Vault,
) -> None:
    assert failed_with(vault.run(excludes=("file*",))) == {"backup:nothing-in-it"}
    arguments = ("backup", "--host", "web1", "--tag", "mspctl", "--time", "2099-01-01 00:00:00")
    subprocess.run(vault.restic(*arguments, str(vault.source)), check=True, capture_output=True)
    assert failed_with(vault.run()) == {"backup:clock"}


def test_a_full_repository_is_no_backup_and_a_full_scratch_no_proof(vault: Vault, small: Path) -> None:
    shutil.copytree(vault.repository, small / "repository")
    more = vault.folder / "more"
    more.mkdir(exist_ok=True)
    (more / "large").write_bytes(os.urandom(4 * 1024 * 1024))
    result = vault.run(repository=str(small / "repository"), sources=(str(more),))
    assert "backup:repository-full" in failed_with(result)
    (small / "fill").write_bytes(b"0" * 1_200_000)
    assert failed_with(vault.run("backup-proof", scratch=str(small))) == {"backup:no-room"}


def test_when_much_has_changed_no_old_snapshot_goes_until_somebody_accepts_it(vault: Vault) -> None:
    with vault.altered() as files:
        for file in files[: FILES * 2 // 3]:
            file.write_bytes(os.urandom(600))
        first = vault.run(keep=("last=1",))
        assert first.status is StepStatus.CHANGED, first.reason
        assert int(first.findings["backup:suspicious"]["changed_percent"]) >= 66
        later = vault.run(keep=("last=1",))
        assert set(later.findings) == {"backup:suspicious"}, "it is not forgotten by the next run"
        accepted = vault.run(keep=("last=1",), accept=True)
        assert accepted.findings == {}
        left = subprocess.run(vault.restic("snapshots", "--json"), check=True, capture_output=True, text=True)
        assert left.stdout.count('"short_id"') == 2, "a snapshot and its list of hashes"


def test_the_password_is_in_no_argument_and_no_environment(vault: Vault) -> None:
    # One that no other test has: those that run beside this one give theirs to borg in its environment.
    secret = secrets.token_hex(12)
    seen: dict[str, bytes] = {}
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.005):
            for folder in Path("/proc").glob("[0-9]*"):
                try:
                    argv, environment = ((folder / name).read_bytes() for name in ("cmdline", "environ"))
                except OSError:
                    continue
                seen[folder.name] = seen.get(folder.name, b"") + argv + environment

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        # With a key of restic's own, which keeps each command busy for long enough to be seen.
        shutil.rmtree(vault.repository)
        assert vault.run(init=True, password=secret).status is StepStatus.CHANGED
    finally:
        ended.set()
        watcher.join()
    assert any(b"--password-file\0/proc/self/fd/3" in told for told in seen.values())
    assert not any(secret.encode() in told for told in seen.values())
