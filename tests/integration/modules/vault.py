"""A folder to back up and a repository for it, for the modules that work with restic."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Self

from mspctl.model.outcome import StepStatus
from mspctl.model.value import Value
from tests.integration.modules.here import Here
from tests.integration.modules.runner import Result, run_one
from tests.integration.modules.samples import Use

PASSWORD = 'it\'s a "canary" canary-7c41d9e05cf1'
FILES = 30


def failed_with(result: Result) -> set[str]:
    """The names of the findings of a step that has to have failed."""
    assert result.status is StepStatus.FAILED, result.reason
    return set(result.findings)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of two MiB at a folder that it makes."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def unreadable(file: Path) -> Iterator[None]:
    """Nobody can read the file meanwhile, not even root: the kernel knows no speed of the loopback."""
    subprocess.run(["mount", "--bind", "/sys/class/net/lo/speed", str(file)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(file)], check=True)


class Vault:
    """A folder to back up, a repository for it, and the modules that work on both."""

    def __init__(
        self, folder: Path, tool: str = "restic", variables: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.folder = folder
        self.tool = tool
        self.cache = folder / "cache"
        self.source = folder / "source"
        self.repository = folder / "repository"
        self.sockets: dict[str, Value] = {}
        self._here = Here(folder, variables)
        self._last = ""
        self.source.mkdir()
        for number in range(FILES):
            (self.source / f"file [{number}] *").write_bytes(os.urandom(500))

    def copy(self, folder: Path) -> Self:
        """A repository of one's own below `folder`, of the same source at the same place."""
        copy = type(self).__new__(type(self))
        copy.__dict__ |= self.__dict__
        copy.repository, copy.cache = folder / "repository", folder / "cache"
        shutil.copytree(self.repository, copy.repository)
        return copy

    @contextmanager
    def altered(self) -> Iterator[list[Path]]:
        """The files of the source, in order, to be altered; afterwards as they were, for the other tests."""
        files = sorted(self.source.iterdir())
        was = {file: (file.read_bytes(), file.stat()) for file in files}
        try:
            yield files
        finally:
            for file, (content, before) in was.items():
                file.write_bytes(content)
                os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
            self.rest()

    def rest(self) -> None:
        """The source was written to: a file of the very second of a backup is not hashed by it."""
        time.sleep(1.1)

    def run(
        self, module: str = "backup-files", *, check: bool = False, password: str = PASSWORD, **given: Value
    ) -> Result:
        """A module on this repository."""
        values: dict[str, Value] = {}
        if module == "backup-files":
            values["sources"] = (str(self.source),)
        if module == "backup-proof":
            values["scratch"] = str(self.folder)
        return self.use(module, values | given, check=check, password=password)

    def use(
        self, module: str, given: Mapping[str, Value], *, check: bool = False, password: str = PASSWORD
    ) -> Result:
        """The same with values that are all said."""
        values: dict[str, Value] = {"repository": str(self.repository), "name": "web1", "tool": self.tool}
        values["cache"] = str(self.cache)
        while self._last == f"{datetime.now(UTC):%Y%m%dT%H%M%S}":  # some name a snapshot by its second
            time.sleep(0.05)
        done = run_one(self._here, Use(module, values | dict(given), {"password": password}), check=check)
        self._last = done.facts.get("backup.snapshot", self._last)
        return done

    def restic(self, *arguments: str) -> list[str]:
        """A command of the tool itself, past the modules."""
        password = self.folder / "password"
        password.write_text(PASSWORD)
        options = ["--repo", str(self.repository), "--password-file", str(password), "--no-cache"]
        return ["restic", *options, *arguments]

    def borg_environment(self) -> dict[str, str]:
        """For borg itself, past the modules."""
        told = {"BORG_BASE_DIR": str(self.cache / "borg"), "BORG_PASSPHRASE": PASSWORD, "TZ": "UTC"}
        return {**os.environ, **told}

    def borg(self, *arguments: str) -> None:
        """A command of borg itself."""
        command = ["borg", *arguments]
        subprocess.run(command, env=self.borg_environment(), check=True, capture_output=True)

    def packs(self) -> list[Path]:
        """What holds the data, the largest last."""
        return sorted((self.repository / "data").glob("*/*"), key=lambda file: file.stat().st_size)

    def dump(self, *databases: str, **sockets: Value) -> Result:
        """Databases of the servers at `sockets` into the repository."""
        values: dict[str, Value] = {"databases": databases}
        return self.use("backup-databases", values | self.sockets | sockets)

    def prove(self, scratch: Path, *databases: str) -> Result:
        """The last dumps into servers below `scratch`."""
        return self.run("backup-databases-proof", databases=databases, scratch=str(scratch))
