"""The lab's apt repository: real .debs, two signed suites, reached by the hosts as file:///srv/lab-repo."""

import hashlib
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from mspctl.testing.lab.cache import Cache
from mspctl.testing.lab.command import run
from mspctl.testing.lab.gpg import gpg, make_key
from mspctl.testing.lab.packages import DEBS, SECURITY, STABLE, Deb

KEYRING = "etc/apt/keyrings/lab.gpg"
_LABELS: Mapping[str, str] = {STABLE: "Lab", SECURITY: "Lab-Security"}
_USER = "Lab <lab@invalid>"


@dataclass(frozen=True, slots=True)
class Repository:
    """A finished repository: `folder` holds dists and pool, `keys` the gpg home that signs it."""

    folder: Path
    keys: Path
    digest: str
    architecture: str

    @property
    def public_key(self) -> Path:
        return self.keys.parent / "lab.gpg"

    @property
    def source_list(self) -> str:
        """The line of a sources.list for each suite, as the hosts see the repository."""
        return "".join(f"deb [signed-by=/{KEYRING}] file:/srv/lab-repo {suite} main\n" for suite in _LABELS)


def repository(cache: Cache) -> Repository:
    """The repository of all lab packages, old and new; built if it is not in the cache."""
    architecture = run(["dpkg", "--print-architecture"]).stdout.strip()
    text = repr([asdict(deb) for deb in DEBS]) + architecture + Path(__file__).read_text("utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]

    def make(place: Path) -> None:
        make_key(place, _USER)
        new = Repository(place / "repo", place / "gpg", digest, architecture)
        add(new, DEBS)

    place = cache.obtain("repositories", digest, make)
    return Repository(place / "repo", place / "gpg", digest, architecture)


def copy(original: Repository, folder: Path) -> Repository:
    """The same repository in another folder, where `add` does not change the cached one."""
    shutil.copytree(original.folder, folder)
    return Repository(folder, original.keys, original.digest, original.architecture)


def add(target: Repository, debs: Iterable[Deb]) -> None:
    """Build `debs` into their suites' pools, then list and sign the suites anew."""
    for deb in debs:
        _build(target, deb)
    for suite in _LABELS:
        _index(target, suite)


def _build(target: Repository, deb: Deb) -> None:
    pool = target.folder / "pool" / deb.suite
    pool.mkdir(parents=True, exist_ok=True)
    tree = target.folder / "tree"
    control = tree / "DEBIAN"
    control.mkdir(parents=True)
    fields = {"Package": deb.name, "Version": deb.version, "Architecture": target.architecture}
    fields |= {"Maintainer": _USER, "Priority": "optional", "Section": "admin", **deb.fields}
    fields["Description"] = f"{deb.name} of the lab"
    _write(control / "control", "".join(f"{name}: {value}\n" for name, value in fields.items()), 0o644)
    for name, text in deb.scripts.items():
        _write(control / name, text, 0o644 if name == "templates" else 0o755)
    if deb.conffiles:
        _write(control / "conffiles", "".join(f"{path}\n" for path in deb.conffiles), 0o644)
    for path, text in deb.files.items():
        executable = Path(path).parent.name in {"bin", "sbin", "init.d"}
        _write(tree / path, text, 0o755 if executable else 0o644)
    for place in (tree, *(found for found in tree.rglob("*") if found.is_dir())):
        place.chmod(0o755)
    run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, pool])
    shutil.rmtree(tree)


def _write(file: Path, text: str, mode: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)


def _index(target: Repository, suite: str) -> None:
    dist = target.folder / "dists" / suite
    binary = dist / "main" / f"binary-{target.architecture}"
    binary.mkdir(parents=True, exist_ok=True)
    (target.folder / "pool" / suite).mkdir(parents=True, exist_ok=True)
    listing = run(["sh", "-c", 'cd "$1" && apt-ftparchive packages "pool/$2"', "sh", target.folder, suite])
    (binary / "Packages").write_text(listing.stdout, encoding="utf-8")
    facts = {"Origin": "Lab", "Label": _LABELS[suite], "Suite": suite, "Codename": suite, "Version": "12"}
    facts |= {"Architectures": target.architecture, "Components": "main"}
    options = [f"-oAPT::FTPArchive::Release::{name}={value}" for name, value in facts.items()]
    for stale in ("Release", "InRelease"):
        (dist / stale).unlink(missing_ok=True)
    release = run(["apt-ftparchive", *options, "release", dist]).stdout
    signed = gpg(target.keys, ["--clearsign", "--digest-algo", "SHA512"], stdin=release)
    for name, text in (("Release", release), ("InRelease", signed)):
        temporary = dist / f"{name}.new"
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(dist / name)
