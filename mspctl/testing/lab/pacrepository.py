"""The lab's pacman repository: real packages, signed; hosts reach it as file:///srv/lab-repo-pacman."""

import hashlib
import io
import os
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from mspctl.testing.lab.cache import Cache
from mspctl.testing.lab.gpg import gpg, make_key
from mspctl.testing.lab.pacs import PACS, Pac
from mspctl.testing.lab.rpms import Signer
from mspctl.testing.lab.store import Store

_USERS: Mapping[Signer, str] = {"lab": "Lab Pac <pac@invalid>", "stranger": "Stranger <stranger@invalid>"}
_DATABASE = "lab.db"


def pac_repository(cache: Cache) -> Store:
    """The repository of all lab packages for pacman, old and new; built if it is not in the cache."""
    text = repr([asdict(pac) for pac in PACS]) + Path(__file__).read_text("utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]

    def make(place: Path) -> None:
        keys = make_key(place, _USERS["lab"])
        gpg(
            keys, ["--passphrase", "", "--quick-generate-key", _USERS["stranger"], "ed25519", "sign", "never"]
        )
        add_pacs(Store(place / "repo", keys, digest), PACS)

    place = cache.obtain("repositories", f"pac-{digest}", make)
    return Store(place / "repo", place / "gpg", digest)


def add_pacs(target: Store, pacs: Iterable[Pac]) -> None:
    """Build and sign `pacs`, then list the newest of each name: a database of pacman knows no other."""
    target.folder.mkdir(exist_ok=True)
    for pac in pacs:
        file = target.folder / _file(pac)
        file.write_bytes(_build(pac))
        _sign(target, file, pac.signer)
    newest = {
        name.rsplit("-", 3)[0]: name for name in sorted(file.name for file in target.folder.glob("*.tar"))
    }
    database = target.folder / f"{_DATABASE}.new"
    with tarfile.open(database, "w:gz") as archive:
        for name in newest.values():
            _list(archive, target.folder / name)
    _sign(target, database, "lab")
    # pacman fetches the database first: in between a host sees a signature that does not fit, and says so.
    for new, old in ((f"{database}.sig", f"{_DATABASE}.sig"), (database, _DATABASE)):
        _take_the_place(Path(new), target.folder / old)


def _take_the_place(new: Path, old: Path) -> None:
    """A pacman asks for what was changed since its own file, in whole seconds."""
    if old.exists():
        time = max(new.stat().st_mtime, int(old.stat().st_mtime) + 1)
        os.utime(new, (time, time))
    new.replace(old)


def _file(pac: Pac) -> str:
    return f"{pac.name}-{pac.version}-any.pkg.tar"


def _information(pac: Pac) -> tuple[tuple[str, str], ...]:
    return (
        ("pkgname", pac.name),
        ("pkgbase", pac.name),
        ("pkgver", pac.version),
        ("pkgdesc", f"{pac.name} of the lab"),
        ("builddate", "1700000000"),
        ("packager", _USERS["lab"]),
        ("size", "0"),
        ("arch", "any"),
        *pac.fields,
    )


def _build(pac: Pac) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        _put(archive, ".PKGINFO", "".join(f"{name} = {value}\n" for name, value in _information(pac)))
        if pac.install:
            _put(archive, ".INSTALL", pac.install)
        for folder in sorted({str(place) for path in pac.files for place in Path(path).parents} - {"."}):
            archive.addfile(_folder(folder))
        for path, text in pac.files.items():
            _put(archive, path, text)
    return packed.getvalue()


def _folder(path: str) -> tarfile.TarInfo:
    folder = tarfile.TarInfo(path)
    folder.type, folder.mode = tarfile.DIRTYPE, 0o755
    return folder


def _put(archive: tarfile.TarFile, path: str, text: str) -> None:
    member = tarfile.TarInfo(path)
    member.size = len(text.encode())
    archive.addfile(member, io.BytesIO(text.encode()))


_TITLES: Mapping[str, str] = {
    "pkgname": "NAME",
    "pkgbase": "BASE",
    "pkgver": "VERSION",
    "pkgdesc": "DESC",
    "builddate": "BUILDDATE",
    "packager": "PACKAGER",
    "size": "ISIZE",
    "arch": "ARCH",
    "depend": "DEPENDS",
    "replaces": "REPLACES",
    "conflict": "CONFLICTS",
}


def _list(archive: tarfile.TarFile, file: Path) -> None:
    content = file.read_bytes()
    with tarfile.open(file) as package:
        member = package.extractfile(".PKGINFO")
        assert member is not None
        lines = [line.partition(" = ")[::2] for line in member.read().decode().splitlines()]
    entry: dict[str, list[str]] = {"FILENAME": [file.name]}
    for name, value in lines:
        if name in _TITLES:
            entry.setdefault(_TITLES[name], []).append(value)
    entry["CSIZE"] = [str(len(content))]
    entry["SHA256SUM"] = [hashlib.sha256(content).hexdigest()]
    folder = f"{entry['NAME'][0]}-{entry['VERSION'][0]}"
    archive.addfile(_folder(folder))
    text = "".join(f"%{title}%\n" + "\n".join(values) + "\n\n" for title, values in entry.items())
    _put(archive, f"{folder}/desc", text)


def _sign(target: Store, file: Path, signer: Signer) -> None:
    gpg(
        target.keys,
        ["--local-user", _USERS[signer], "--output", f"{file}.sig", "--yes", "--detach-sign", str(file)],
    )
