"""A repository on this machine, whatever the format: where it is, what signs it, what it is made of."""

import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Store:
    """A finished repository: `folder` is what the hosts see, `keys` the gpg home that signs it."""

    folder: Path
    keys: Path
    digest: str

    @property
    def public_key(self) -> Path:
        """The armoured key that its hosts trust."""
        return self.keys.parent / "lab.asc"

    def copied(self, folder: Path) -> "Store":
        """The same in another folder, where additions leave the cached one alone; made if it is not there."""
        if not folder.exists():
            shutil.copytree(self.folder, folder)
        return Store(folder, self.keys, self.digest)
