"""Finds and reads the files of a library: the project's own first, then the shipped ones."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mspctl.errors import ConfigurationError
from mspctl.model.place import Place
from mspctl.parse.source import Source, read_source

MAX_BYTES = 1024 * 1024
"""A playbook, module or script of more than 1 MiB is a mistake."""

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Places:
    """Folders in the order in which they are searched."""

    playbooks: tuple[Path, ...]
    modules: tuple[Path, ...]
    shell: Path
    adapters: tuple[Path, ...] = ()

    @property
    def powershell(self) -> Path:
        """The same of `shell` for Windows."""
        return self.shell.with_name("windows")

    def playbook(self, name: str) -> Path | None:
        """The playbook's file."""
        return _first(folder / f"{name}.yml" for folder in self.playbooks)

    def module(self, name: str) -> Path | None:
        """The module's `module.yml`."""
        return _first(folder / name / "module.yml" for folder in self.modules)

    def adapter(self, name: str, suffix: str) -> Path | None:
        """The file of an adapter for one platform."""
        return _first(folder / f"{name}{suffix}" for folder in self.adapters)

    def adapter_names(self, suffix: str) -> tuple[str, ...]:
        """All adapters for one platform, by name."""
        return _names(file.stem for folder in self.adapters for file in folder.glob(f"*{suffix}"))

    def playbook_names(self) -> tuple[str, ...]:
        """All playbooks, by name."""
        return _names(file.stem for folder in self.playbooks for file in folder.glob("*.yml"))

    def module_names(self) -> tuple[str, ...]:
        """All modules, by name."""
        return _names(file.parent.name for folder in self.modules for file in folder.glob("*/module.yml"))


def places_of(project: Path | None, templates: Path, playbooks: Path) -> Places:
    """The places for a project; without one, only the shipped folders."""
    own_playbooks = (project / "playbooks",) if project else ()
    own_modules = (project / "templates" / "modules",) if project else ()
    own_adapters = (project / "templates" / "foreign",) if project else ()
    return Places(
        playbooks=_distinct((*own_playbooks, playbooks)),
        modules=_distinct((*own_modules, templates / "modules")),
        shell=templates / "bundle" / "posix",
        adapters=_distinct((*own_adapters, templates / "foreign")),
    )


def read_text(path: Path) -> Source:
    """A text of the library, the same on every machine.

    Without a BOM, lines end with LF, the last one too. Raises ConfigurationError as `read_source`.
    """
    source = read_source(path, max_bytes=MAX_BYTES)
    text = normalised(source.text)
    if text and not text.endswith("\n"):
        text += "\n"
    return Source(source.file, source.content, text)


def normalised(text: str) -> str:
    """The text with LF at the ends of lines, as every checkout of it should have been."""
    return text.replace("\r\n", "\n")


def folder_text(path: Path) -> str:
    """As `read_text`, only the text; a missing file is a ConfigurationError that says so."""
    if not path.is_file():
        raise ConfigurationError("the file is missing", place=Place(str(path)))
    return read_text(path).text


def _first(paths: Iterator[Path]) -> Path | None:
    return next((path for path in paths if path.is_file()), None)


def _names(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if NAME.fullmatch(name)}))


def _distinct(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    return tuple({path.resolve(): path for path in paths if path.is_dir()}.values())
