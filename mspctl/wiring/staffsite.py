"""`mspctl site build`: the staff's pages in a folder of their own, made again only when something changed."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from mspctl.errors import StorageError, UsageError
from mspctl.model.place import Place
from mspctl.report.staff.site import pages
from mspctl.wiring.app import App
from mspctl.wiring.exemptions import SOON
from mspctl.wiring.fleet import fleet_of, log_mark
from mspctl.wiring.privatefile import write_file
from mspctl.wiring.version import version

MANIFEST = ".mspctl-site.json"
"""What makes a folder ours: its files, and the state of the world that they show."""


@dataclass(frozen=True, slots=True)
class Built:
    """What is there now; `written` is 0 where nothing has changed since the last time."""

    index: Path
    clients: int
    hosts: int
    written: int
    removed: int = 0


def build_site(app: App, folder: Path, *, only_if_changed: bool = False) -> Built:
    """Write all pages, and remove those of clients that are gone. A reader never sees half a page.

    Raises:
        UsageError: there is something else in the folder.
        ConfigurationError, StorageError: the inventory or the run log cannot be read, or a file not be
            written.
    """
    before = _manifest(folder)
    inventory = app.inventory()
    known = (version(), inventory.digest, log_mark(app), f"{app.clock.now():%Y-%m-%dT%H}")
    mark = sha256("\n".join(known).encode()).hexdigest()
    index = folder / "index.html"
    if only_if_changed and before.get("mark") == mark and index.is_file():
        return Built(index, len(inventory.clients), len(inventory.hosts), 0)
    fleet = fleet_of(app, inventory)
    names = []
    for name, text in pages(fleet, SOON.days):
        write_file(folder / name, text.encode())
        names.append(name)
    gone = [name for name in _files(before) if name not in names]
    for name in gone:
        _remove(folder / name)
    write_file(folder / MANIFEST, json.dumps({"mark": mark, "files": names}, indent=1).encode())
    return Built(index, len(fleet.clients), len(fleet.hosts), len(names), len(gone))


def _manifest(folder: Path) -> dict[str, object]:
    """That of the last build, empty before the first. Raises UsageError: the folder is not ours."""
    path = folder / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
            raise UsageError(
                f"{folder} is in use for something else",
                hint="give an empty folder, or one that does not exist yet, with --output",
            ) from None
        return {}
    except ValueError:
        return {}  # somebody edited it; the pages are made again
    except OSError as error:
        raise StorageError(f"it cannot be read: {error.strerror}", place=Place(str(path))) from error
    return found if isinstance(found, dict) else {}


def _files(manifest: dict[str, object]) -> list[str]:
    """The pages in it; nothing that lies elsewhere is ever removed."""
    found = manifest.get("files")
    names = [name for name in found if isinstance(name, str)] if isinstance(found, list) else []
    return [name for name in names if name.endswith(".html") and ".." not in name and name[:1] != "/"]


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"it cannot be removed: {error.strerror}", place=Place(str(path))) from error
