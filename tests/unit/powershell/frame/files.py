"""Files that several processes have open at once, as Windows shares them or not."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.unit.powershell.engine.members import call
from tests.unit.powershell.engine.values import NOTHING, PsError, Thing, Val, thing, to_text, to_whole
from tests.unit.powershell.frame.world import Process

_BOTH = frozenset({"read", "write"})


@dataclass(eq=False)
class _Open:
    path: str
    access: frozenset[str]
    share: frozenset[str]
    owner: Process


class Files:
    """The disk of a host: contents by name in lower case, and who has what open."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self._open: list[_Open] = []

    def let_go(self, owner: Process) -> None:
        """Windows closes the files of a process that ends."""
        self._open = [each for each in self._open if each.owner is not owner and each.owner.alive]

    def statics(self, owner: Process) -> dict[str, Callable[..., Val]]:
        """What `[System.IO.File]` and `[System.IO.Directory]` do, for one process."""
        return {
            "io.file::open": lambda *given: self._opened(owner, *given),
            "io.file::readalltext": lambda path: self._shared(owner, path, "read").decode(),
            "io.file::writealltext": lambda path, text: self._put(owner, path, text),
            "io.directory::delete": self._delete,
            "io.directory::getdirectories": self._folders,
            "io.path::getfilename": lambda path: to_text(path).rpartition("\\")[2],
        }

    def _opened(self, owner: Process, path: Val, mode: Val, access: Val, share: Val) -> Thing:
        name, how = to_text(path).lower(), to_text(mode).lower()
        if how == "createnew" and name in self.contents:
            raise PsError(f"The file '{path}' already exists.", kind="System.IO.IOException")
        if how == "open" and name not in self.contents:
            raise PsError(f"Could not find file '{path}'.", kind="System.IO.FileNotFoundException")
        self._in_folder(name)
        one = _Open(name, _words(access), _words(share), owner)
        self._free(one)
        self.contents.setdefault(name, b"")
        self._open.append(one)
        return _Stream(self, one, len(self.contents[name]) if how == "append" else 0)

    def _free(self, one: _Open) -> None:
        self._open = [each for each in self._open if each.owner.alive]
        for other in self._open:
            if other.path == one.path and not (one.access <= other.share and other.access <= one.share):
                problem = f"The process cannot access the file '{one.path}': another process uses it."
                raise PsError(problem, kind="System.IO.IOException")

    def close(self, one: _Open) -> None:
        self._open = [each for each in self._open if each is not one]

    def _shared(self, owner: Process, path: Val, access: str) -> bytes:
        name = to_text(path).lower()
        self._free(_Open(name, frozenset({access}), frozenset({"read"}), owner))
        return self.contents[name]

    def _put(self, owner: Process, path: Val, text: Val) -> Val:
        name = to_text(path).lower()
        self._in_folder(name)
        self._free(_Open(name, frozenset({"write"}), frozenset({"read"}), owner))
        self.contents[name] = to_text(text).encode()
        return NOTHING

    def _in_folder(self, name: str) -> None:
        folder = name.rpartition("\\")[0] + "\\"
        if not any(each.startswith(folder) for each in self.contents):
            raise PsError(f"Could not find a part of the path '{name}'.", kind="System.IO.IOException")

    def _delete(self, path: Val, _recursive: Val) -> Val:
        inside = to_text(path).lower().rstrip("\\") + "\\"
        self._open = [each for each in self._open if each.owner.alive]
        for other in self._open:
            if other.path.startswith(inside) and "delete" not in other.share:
                raise PsError(f"'{other.path}' is in use.", kind="System.IO.IOException")
        for name in [name for name in self.contents if name.startswith(inside)]:
            del self.contents[name]
        return NOTHING

    def _folders(self, path: Val, pattern: Val) -> Val:
        inside, begin = to_text(path).lower() + "\\", to_text(pattern).rstrip("*")
        names = {k[len(inside) :].partition("\\")[0] for k in self.contents if k.startswith(inside)}
        return [f"{path}\\{name}" for name in sorted(names) if name.startswith(begin)]


class _Stream(Thing):
    """System.IO.FileStream."""

    def __init__(self, files: Files, one: _Open, at: int) -> None:
        super().__init__(
            {
                "write()": self._write,
                "read()": self._read,
                "seek()": self._seek,
                "flush()": None,
                "setlength()": self._cut,
                "dispose()": self._close,
                "length": 0,
            },
            "System.IO.FileStream",
        )
        self._files, self._one, self._at = files, one, at

    def get(self, name: str) -> Val:
        return len(self._content()) if name.lower() == "length" else super().get(name)

    def _content(self) -> bytes:
        # Deleted while it was open: Windows keeps it for whoever has it.
        return self._files.contents.get(self._one.path, b"")

    def _write(self, content: Val, start: Val, length: Val) -> Val:
        given = bytes(content)[to_whole(start) : to_whole(start) + to_whole(length)]
        old = self._content()
        self._files.contents[self._one.path] = old[: self._at] + given + old[self._at + len(given) :]
        self._at += len(given)
        return NOTHING

    def _read(self, buffer: Val, start: Val, length: Val) -> int:
        found = self._content()[self._at : self._at + to_whole(length)]
        buffer[to_whole(start) : to_whole(start) + len(found)] = list(found)
        self._at += len(found)
        return len(found)

    def _seek(self, offset: Val, _from: Val) -> int:
        self._at = to_whole(offset)
        return self._at

    def _cut(self, length: Val) -> Val:
        self._files.contents[self._one.path] = self._content()[: to_whole(length)]
        return NOTHING

    def _close(self) -> Val:
        self._files.close(self._one)
        return NOTHING


def buffered(stream: Thing, size: Val) -> Thing:
    """System.IO.BufferedStream."""
    kept = bytearray()

    def flush() -> Val:
        if kept:
            call(stream, "Write", [list(kept), 0, len(kept)])
            kept.clear()
        return NOTHING

    def write(content: Val, start: Val, length: Val) -> Val:
        kept.extend(bytes(content[to_whole(start) : to_whole(start) + to_whole(length)]))
        return flush() if len(kept) >= to_whole(size) else NOTHING

    return thing({"Write()": write, "Flush()": flush})


def _words(value: Val) -> frozenset[str]:
    words = {word.strip().lower() for word in to_text(value).split(",")}
    return frozenset((words - {"none", "readwrite"}) | (_BOTH if "readwrite" in words else frozenset()))


def directory(owner_sid: str, *, open_to: tuple[str, ...] = (), link: bool = False) -> Thing:
    """System.IO.DirectoryInfo of a folder that belongs to somebody."""
    rules = [
        thing({"IdentityReference": thing({"Value": sid}), "AccessControlType": "Allow"}) for sid in open_to
    ]
    acl = thing({"GetOwner()": thing({"Value": owner_sid}), "GetAccessRules()": rules})
    return thing({"GetAccessControl()": acl, "Attributes": 16 | (1024 if link else 0)})
