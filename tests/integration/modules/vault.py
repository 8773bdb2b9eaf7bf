"""A folder to back up and a repository for it, for the modules that work with restic."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from mspctl.model.value import Value
from tests.integration.modules.here import Here
from tests.integration.modules.runner import Result, run_one
from tests.integration.modules.samples import Use

PASSWORD = 'it\'s a "canary" canary-7c41d9e05cf1'
FILES = 30


class Vault:
    """A folder to back up, a repository for it, and the modules that work on both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "source"
        self.repository = folder / "repository"
        self.sockets: dict[str, Value] = {}
        self._here = Here(folder, {})
        self.source.mkdir()
        for number in range(FILES):
            (self.source / f"file [{number}] *").write_bytes(os.urandom(500))

    def copy(self, folder: Path) -> Self:
        """A repository of one's own below `folder`, of the same source at the same place."""
        copy = type(self).__new__(type(self))
        copy.__dict__ |= self.__dict__
        copy.repository = folder / "repository"
        shutil.copytree(self.repository, copy.repository)
        return copy

    def run(
        self, module: str = "restic", *, check: bool = False, password: str = PASSWORD, **given: Value
    ) -> Result:
        """A module on this repository."""
        values: dict[str, Value] = {}
        if module == "restic":
            values["sources"] = (str(self.source),)
        if module == "restic-proof":
            values["scratch"] = str(self.folder)
        return self.use(module, values | given, check=check, password=password)

    def use(
        self, module: str, given: Mapping[str, Value], *, check: bool = False, password: str = PASSWORD
    ) -> Result:
        """The same with values that are all said."""
        values: dict[str, Value] = {"repository": str(self.repository), "name": "web1"}
        values["cache"] = str(self.folder / "cache")
        return run_one(self._here, Use(module, values | dict(given), {"password": password}), check=check)

    def restic(self, *arguments: str) -> list[str]:
        """A command of the tool itself, past the modules."""
        password = self.folder / "password"
        password.write_text(PASSWORD)
        options = ["--repo", str(self.repository), "--password-file", str(password), "--no-cache"]
        return ["restic", *options, *arguments]

    def packs(self) -> list[Path]:
        """What holds the data, the largest last."""
        return sorted((self.repository / "data").glob("*/*"), key=lambda file: file.stat().st_size)

    def dump(self, *databases: str, **sockets: Value) -> Result:
        """Databases of the servers at `sockets` into the repository."""
        values: dict[str, Value] = {"databases": databases}
        return self.use("restic-databases", values | self.sockets | sockets)

    def prove(self, scratch: Path, *databases: str) -> Result:
        """The last dumps into servers below `scratch`."""
        return self.run("restic-databases-proof", databases=databases, scratch=str(scratch))
