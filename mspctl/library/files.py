"""Files of the project that playbooks put on hosts: `{{ file('motd') }}`, read while compiling, each once."""

import os
import stat
from contextlib import ExitStack
from pathlib import Path

from mspctl.errors import ConfigurationError
from mspctl.library.places import normalised
from mspctl.model.place import Place
from mspctl.model.suggestion import did_you_mean
from mspctl.parse.source import source_of

MAX_BYTES = 1024 * 1024
_FOLDERS = ("files", "templates/files")
_CLOSED = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class ProjectFiles:
    """Reads from the project's `files/`, then `templates/files/`; never from outside, whatever the name says.

    Each part of a name is opened relative to the folder before it and without following symbolic links, so
    nobody can swap a folder meanwhile.
    """

    def __init__(self, project: Path | None) -> None:
        self._project = project
        self._texts: dict[str, str] = {}

    def read(self, name: str) -> str:
        """The text of a file: UTF-8, without a BOM, lines ending with LF.

        Raises:
            ConfigurationError: not there, outside the folders, a symbolic link, not text, or over 1 MiB.
        """
        if name not in self._texts:
            self._texts[name] = self._read(name)
        return self._texts[name]

    def _read(self, name: str) -> str:
        parts = _parts(name, "files/")
        for folder in _FOLDERS if self._project else ():
            content = _content(Path(str(self._project), folder), parts)
            if content is not None:
                source = source_of(content, f"{folder}/{name}")
                return normalised(source.text)
        raise ConfigurationError(
            f"there is no file {name} in files/ nor in templates/files/", hint=self._near(name)
        )

    def _near(self, name: str) -> str:
        if self._project is None:
            return "this run has no project folder"
        folders = [self._project / folder for folder in _FOLDERS]
        return did_you_mean(
            name, (str(file.relative_to(top)) for top in folders for file in top.rglob("*") if file.is_file())
        )


def read_below(folder: Path, name: str) -> bytes | None:
    """The bytes of a file below a folder, None if there is none; never of one outside, nor by a link.

    Raises:
        ConfigurationError: the name leads outside, or it is no file of at most 1 MiB.
    """
    return _content(folder, _parts(name, f"{folder}/"))


def _parts(name: str, where: str) -> list[str]:
    parts = str(name).split("/")
    if "\0" in name or any(part in ("", ".", "..") for part in parts):
        raise ConfigurationError(
            f"{name!r} is not the name of a file below {where}", hint="no .. and no leading /"
        )
    return parts


def _content(folder: Path, parts: list[str]) -> bytes | None:
    """The bytes, or None if there is no such file."""
    place = Place("/".join((str(folder), *parts)))
    with ExitStack() as stack:
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            stack.callback(os.close, descriptor)
            for depth, part in enumerate(parts):
                directory = os.O_DIRECTORY if depth < len(parts) - 1 else 0
                descriptor = os.open(part, _CLOSED | directory, dir_fd=descriptor)
                stack.callback(os.close, descriptor)
        except FileNotFoundError:
            return None
        except OSError as error:
            hint = "symbolic links are not followed"
            raise ConfigurationError(
                f"the file cannot be read: {error.strerror}", place=place, hint=hint
            ) from None
        return _bounded(descriptor, place)


def _bounded(descriptor: int, place: Place) -> bytes:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise ConfigurationError("this is not a file", place=place)
    with open(descriptor, "rb", closefd=False) as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        hint = "put it into a package, or fetch it on the host"
        raise ConfigurationError(f"the file is larger than {MAX_BYTES // 1024} KiB", place=place, hint=hint)
    return content
