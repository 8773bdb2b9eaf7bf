"""The same backup with the other tools: the real borg, tar and rsync, and what each makes of damage."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mspctl.model.outcome import StepStatus
from tests.integration.modules.here import needs
from tests.integration.modules.quickkey import quick_repository
from tests.integration.modules.vault import FILES, PASSWORD, Vault, failed_with, small_disk, unreadable

TOOLS = ("borg", "tar", "rsync")


@pytest.fixture(scope="module", params=TOOLS)
def backed_up(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Vault:
    """Made once for each tool: a vault with one good snapshot. Tests that break it take a copy."""
    tool: str = request.param
    needs(tool)
    vault = Vault(tmp_path_factory.mktemp(tool), tool)
    time.sleep(1.1)  # a file of the very second of the backup is not hashed
    vault.repository.mkdir()
    without = vault.run()
    assert failed_with(without) == {"backup:no-repository"}, "as a disk that is not mounted looks"
    made = vault.run(init=True)
    assert made.status is StepStatus.CHANGED, made.reason
    assert made.findings == {}
    assert made.changes["snapshot"]["files"] == made.metrics["backup.hashed"] == str(FILES)
    assert made.facts["backup.repository"] == str(vault.repository)
    assert made.facts["backup.encrypted"] == ("yes" if tool == "borg" else "no")
    assert ("not encrypted" in made.reason) is (tool != "borg")
    return vault


@pytest.fixture
def vault(backed_up: Vault, tmp_path: Path) -> Vault:
    """A repository of one's own, of the same source at the same place."""
    return backed_up.copy(tmp_path)


def test_it_is_proven_verified_listed_and_restored(backed_up: Vault, tmp_path: Path) -> None:
    proof = backed_up.run("backup-proof", whole=True)
    assert proof.status is StepStatus.OK, proof.reason
    assert (proof.facts["proof.extent"], proof.metrics["proof.files"]) == ("whole", str(FILES))
    checked = backed_up.run("backup-verify")
    assert checked.status is StepStatus.OK, checked.reason
    assert checked.facts["verify.part"].endswith("/13")
    listed = backed_up.run("backup-snapshots")
    ((name, told),) = listed.facts.items()
    assert told.endswith(f"Z {backed_up.source}")
    target, one = tmp_path / "back", backed_up.source / "file [7] *"
    missing = backed_up.run("backup-restore", paths=("/etc/nothing",), target=str(target))
    assert failed_with(missing) == {"backup:not-there"}
    back = backed_up.run(
        "backup-restore", snapshot=name.partition(":")[2], paths=(str(one),), target=str(target)
    )
    assert back.status is StepStatus.CHANGED, back.reason
    assert (back.metrics["restore.files"], back.metrics["restore.proven"]) == ("1", "1")
    assert [file.read_bytes() for file in target.rglob("file*")] == [one.read_bytes()]


def test_what_changed_is_counted_and_old_ones_stay_until_somebody_accepts_it(vault: Vault) -> None:
    with vault.altered() as files:
        for file in files[:20]:
            file.write_bytes(os.urandom(600))
        files[20].unlink()
        first = vault.run(keep=("last=1",))
        assert first.status is StepStatus.CHANGED, first.reason
        assert first.findings["backup:suspicious"]["changed_percent"] == str(20 * 100 // 29)
        assert (first.metrics["backup.gone"], int(first.metrics["backup.grown"]) >= 1500) == ("1", True)
        accepted = vault.run(keep=("last=2",), accept=True)
        assert (accepted.findings, accepted.metrics["backup.changed"]) == ({}, "0")
        assert list(states(vault).values()) == ["good", "suspicious", "good"], "both good ones"


def test_damage_is_found_by_the_check_and_the_proof(vault: Vault) -> None:
    data = {"borg": "data/0/*", "tar": "files.*/files.tar.gz", "rsync": "files.*/tree/**/file*"}[vault.tool]
    largest = max(vault.repository.glob(data), key=lambda file: file.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[len(content) // 3] ^= 1
    largest.chmod(0o600)
    largest.write_bytes(content)
    assert failed_with(vault.run("backup-verify", parts=1)) == {"backup:damaged"}
    proof = vault.run("backup-proof", whole=True)
    assert proof.status is StepStatus.FAILED
    assert "proof.snapshot" not in proof.facts
    largest.unlink()
    assert failed_with(vault.run("backup-verify", parts=1)) == {"backup:damaged"}


def test_nothing_of_a_source_and_a_future_snapshot_are_failures(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    sources = (str(vault.source), str(tmp_path / "empty"))
    assert failed_with(vault.run(sources=sources)) == {"backup:empty-source"}
    assert failed_with(vault.run(mountpoints=(str(tmp_path),))) == {"backup:not-mounted"}
    assert failed_with(vault.run(excludes=("*file*",))) == {"backup:nothing-in-it"}
    if vault.tool == "borg":
        name = f"{vault.repository}::mspctl.files.web1.20990101T000000"
        vault.borg("create", "--timestamp", "2099-01-01T00:00:00", name, str(vault.source))
    else:
        (vault.repository / "files.web1.20990101T000000").mkdir()
    assert failed_with(vault.run()) == {"backup:clock"}


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of two MiB."""
    with small_disk(tmp_path / "small") as folder:
        yield folder


@pytest.mark.parametrize("backed_up", ["tar"], indirect=True)
def test_old_snapshots_go_by_days_weeks_and_months(vault: Vault) -> None:
    made_before = list(vault.repository.glob("files.*"))  # perhaps of the day that has just ended
    vault.run()
    for each in made_before:
        shutil.rmtree(each)
    now = datetime.now(UTC)
    days = [now - timedelta(days=back) for back in range(1, 120)]
    for day in days:
        for hour in ("03", "15"):
            (vault.repository / f"files.web1.{day:%Y%m%d}T{hour}0000").mkdir()
    (vault.repository / "files.web10.20200101T000000").mkdir()
    made = vault.run(keep=("last=1", "daily=3", "weekly=4", "monthly=3"))
    assert (made.status, set(made.findings)) == (StepStatus.CHANGED, set()), made.reason
    left = {each.name for each in vault.repository.glob("files.*")}
    wanted = {made.facts["backup.snapshot"], *first_of(days, "%Y%m%d", 2), *first_of(days, "%G%V", 4)}
    wanted |= set(first_of(days, "%Y%m", 3))
    assert left == {"files.web10.20200101T000000"} | {f"files.web1.{each}" for each in wanted}


@pytest.mark.parametrize("backed_up", ["tar", "rsync"], indirect=True)
def test_a_repository_within_a_source_is_not_backed_up_into_itself(vault: Vault) -> None:
    (vault.repository.parent / "file").write_text("x")
    made = vault.run(sources=(str(vault.repository.parent),))
    assert (made.status, made.metrics["backup.files"]) == (StepStatus.CHANGED, "1"), made.reason


@pytest.mark.parametrize("backed_up", ["tar", "rsync"], indirect=True)
def test_what_a_run_left_half_made_is_no_snapshot_and_the_next_run_clears_it(vault: Vault) -> None:
    half = vault.repository / ".part.files.web1.20260101T000000"
    others = vault.repository / ".part.files.web10.20260101T000000"
    for left in (half, others):
        (left / "tree").mkdir(parents=True)
        (left / "tree" / "file").write_text("half")
    before = {each.name for each in vault.repository.glob("files.*")}
    listed = vault.run("backup-snapshots")
    assert "20260101" not in str(listed.facts) + str(listed.findings) + str(listed.changes)
    made = vault.run()
    assert (made.status, set(made.findings)) == (StepStatus.CHANGED, set()), made.reason
    new = f"files.web1.{made.facts['backup.snapshot']}"
    assert {each.name for each in vault.repository.glob("files.*")} == before | {new}
    assert not half.exists()
    assert others.exists(), "another host may just be making it"


@pytest.mark.parametrize("backed_up", ["borg"], indirect=True)
def test_what_a_killed_borg_left_goes_with_the_old_snapshots(vault: Vault) -> None:
    # To borg all files are changed that another test has put back as they were.
    assert vault.run(accept=True).status is StepStatus.CHANGED
    for name in ("web1.20260101T000000.checkpoint", "web10.20260101T000000.checkpoint"):
        vault.borg("create", f"{vault.repository}::mspctl.files.{name}", str(vault.source))
    made = vault.run(keep=("last=9",))
    assert (made.status, set(made.findings)) == (StepStatus.CHANGED, set()), made.reason
    command = ["borg", "list", "--consider-checkpoints", "--format", "{name}{NL}", str(vault.repository)]
    told = subprocess.run(
        command, env=vault.borg_environment(), check=True, capture_output=True, text=True
    ).stdout
    left = [name for name in told.split() if name.endswith(".checkpoint")]
    assert left == ["mspctl.files.web10.20260101T000000.checkpoint"], "another host may just be making it"
    assert len(vault.run("backup-snapshots").facts) == 3


@pytest.mark.parametrize("backed_up", ["tar"], indirect=True)
def test_when_most_bytes_are_gone_it_is_suspicious_though_few_files_changed(vault: Vault) -> None:
    folder = vault.repository.parent / "large"
    folder.mkdir()
    for number in range(30):
        (folder / str(number)).write_text("small")
    (folder / "large").write_bytes(os.urandom(10_000))
    first = vault.run(sources=(str(folder),))
    assert set(first.findings) <= {"backup:no-manifest"}, "all of it is too young to be hashed"
    (folder / "large").write_bytes(b"")
    result = vault.run(sources=(str(folder),))
    told = result.findings["backup:suspicious"]
    assert (told["shrunk_percent"], told["changed_percent"]) == ("98", "3")
    assert result.metrics["backup.grown"] == "-10000"
    later = vault.run(sources=(str(folder),))
    assert "backup:suspicious" in later.findings, "it is not forgotten, though no file was hashed"


@pytest.mark.parametrize("tool", ["restic", "rsync"])
def test_an_incomplete_or_suspicious_snapshot_never_takes_the_place_of_a_good_one(
    tmp_path: Path, tool: str
) -> None:
    needs(tool)
    vault = Vault(tmp_path, tool)
    if tool == "restic":
        quick_repository(vault.repository, PASSWORD)
    files = sorted(vault.source.iterdir())
    good = vault.run(init=True).facts["backup.snapshot"]
    with unreadable(files[0]):
        torn = vault.run(keep=("last=2",))
        assert failed_with(torn) == {"backup:incomplete"}
        assert torn.changes["snapshot"]["id"] in torn.reason
    for file in files[: FILES * 2 // 3]:
        file.write_bytes(os.urandom(900))
    bad = vault.run(keep=("last=2",)).facts["backup.snapshot"]
    assert list(states(vault).values()) == ["suspicious", "unknown", "good"], "nothing goes"
    target = tmp_path / "back"
    refused = vault.run("backup-restore", target=str(target))
    assert failed_with(refused) == {"backup:suspicious"}
    assert f"the last good one before it is {short(good)} of 20" in refused.reason
    named = vault.run("backup-restore", target=str(target), snapshot=short(bad))
    assert (named.status, set(named.findings)) == (StepStatus.CHANGED, {"backup:suspicious"}), named.reason
    last = vault.run(keep=("last=2",), accept=True)
    left = states(vault)
    assert list(left) == [short(last.facts["backup.snapshot"]), short(bad), short(good)], left
    assert (last.findings, list(left.values())) == ({}, ["good", "suspicious", "good"])


def short(snapshot: str) -> str:
    """What a list calls it."""
    return snapshot[:8] if len(snapshot) > 40 else snapshot


def states(vault: Vault) -> dict[str, str]:
    """Of each snapshot, the newest first, what a list says of it."""
    words = {"(suspicious)": "suspicious", "(not": "unknown"}
    listed = vault.run("backup-snapshots").facts
    return {name.partition(":")[2]: words.get(told.split()[1], "good") for name, told in listed.items()}


def first_of(days: Sequence[datetime], bucket: str, count: int) -> Sequence[str]:
    """The newest of each day, week or month before today's, so many of them; today's is the one just made."""
    newest = dict[str, str]()
    for day in days:
        newest.setdefault(day.strftime(bucket), f"{day:%Y%m%d}T150000")
    newest.pop(datetime.now(UTC).strftime(bucket), None)
    return list(newest.values())[: count - (bucket != "%Y%m%d")]


@pytest.mark.parametrize("backed_up", ["borg"], indirect=True)
def test_borgs_password_and_locks(vault: Vault) -> None:
    assert failed_with(vault.run(password="another")) == {"backup:wrong-password"}
    holder = subprocess.Popen(
        ["borg", "with-lock", str(vault.repository), "sleep", "60"],
        env=vault.borg_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until = time.monotonic() + 20
        while not list(vault.repository.glob("lock.exclusive/*")):
            assert time.monotonic() < until
            time.sleep(0.05)
        assert failed_with(vault.run("backup-verify", parts=0)) == {"backup:locked"}
    finally:
        os.killpg(holder.pid, signal.SIGKILL)
        holder.communicate()
    sound = vault.run("backup-verify", parts=0)
    assert (sound.status, set(sound.findings)) == (StepStatus.OK, {"backup:stale-lock"}), sound.reason


def test_a_full_repository_is_no_backup(vault: Vault, small: Path) -> None:
    subprocess.run(["cp", "-a", f"{vault.repository}/.", str(small)], check=True)
    (vault.folder / "more").mkdir(exist_ok=True)
    (vault.folder / "more" / "large").write_bytes(os.urandom(4 * 1024 * 1024))
    result = vault.run(repository=str(small), sources=(str(vault.folder / "more"),), accept=True)
    assert "backup:repository-full" in failed_with(result)
