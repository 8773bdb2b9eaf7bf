"""The backup policy of a host: what is kept where, for how long, and how good it has to be."""

from dataclasses import dataclass
from enum import StrEnum

from mspctl.model.secret import SecretRef


class BackupTool(StrEnum):
    """What makes the backup; `none`: the host has none of ours."""

    RESTIC = "restic"
    BORG = "borg"
    TAR = "tar"
    RSYNC = "rsync"
    NONE = "none"

    @property
    def encrypts(self) -> bool:
        """True if nobody can read its repository without a password."""
        return self in {BackupTool.RESTIC, BackupTool.BORG}


class Medium(StrEnum):
    """What a copy is on; the host's own disk is `disk`."""

    DISK = "disk"
    REMOVABLE = "removable"
    NAS = "nas"
    SERVER = "server"
    CLOUD = "cloud"
    TAPE = "tape"


class CopyRule(StrEnum):
    """How many copies were agreed on; how each digit is counted is told by mspctl.report.facts.copies."""

    SHORT = "3-2-1"
    FULL = "3-2-1-1-0"


@dataclass(frozen=True, slots=True)
class Keep:
    """How many snapshots are kept; with all at 0 every snapshot is."""

    last: int = 0
    hourly: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0
    yearly: int = 0

    @property
    def rules(self) -> tuple[str, ...]:
        """Such as `daily=7`, in the order of their length."""
        return tuple(f"{name}={count}" for name in self.__slots__ if (count := getattr(self, name)))


@dataclass(frozen=True, slots=True)
class Goals:
    """What was agreed with the client, in seconds; 0: nothing was.

    `rpo`: how old the last good backup may be; `rto`: how long a restore may take; `proof`: how long ago the
    last proven restore may be; `rule`: how many copies there are to be.
    """

    rpo: float = 0.0
    rto: float = 0.0
    proof: float = 0.0
    rule: CopyRule | None = None


FILES = "files"
"""The adapter that looks for files."""
ON_THE_SAME_DISK = frozenset({"btrfs-snapshots", "lvm-snapshots", "shadow-copies", "zfs-snapshots"})
"""Adapters of backups that are lost together with what they are of."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """A backup that somebody else makes, which the adapter `kind` asks for on the host.

    `path` is a glob of files for the adapter `files`; `of` tells any other what is meant: a job, a volume.
    It is good if the adapter says so, it is at most `max_age` seconds old and has at least `min_bytes`.
    """

    name: str
    path: str
    max_age: float
    min_bytes: int = 1
    medium: Medium | None = None
    offsite: bool = False
    immutable: bool = False
    kind: str = FILES
    of: str = ""
    same_disk: bool | None = None
    """True: it is lost together with the disk of the data; None: as its kind usually is."""

    @property
    def apart(self) -> bool:
        """True if it outlives the disk of the host's data, and so counts as a copy."""
        return self.kind not in ON_THE_SAME_DISK if self.same_disk is None else not self.same_disk

    @property
    def rule(self) -> str:
        """What the module on the host is told."""
        what = self.path if self.path.startswith("/") else f"{self.kind}:{self.path or self.of}"
        return f"{self.name}|{round(self.max_age)}|{self.min_bytes}|{what}"


@dataclass(frozen=True, slots=True)
class Second:
    """A second repository, of the same tool with the same password, into which all is backed up as well."""

    repository: str = ""
    medium: Medium | None = None
    offsite: bool = False
    immutable: bool = False


@dataclass(frozen=True, slots=True)
class BackupPolicy:
    """What the inventory says about the backup of one host.

    `sources`, `mountpoints` are absolute paths on the host; `excludes` are patterns of the tool;
    `mountpoints` must be mounted, or there is no backup. `repository` is as the tool wants it, and may hold
    `{client}`, `{site}` and `{host}`.
    """

    tool: BackupTool = BackupTool.RESTIC
    sources: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    mountpoints: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()
    """Each `postgresql:NAME` or `mariadb:NAME`; the name `*` means all."""
    repository: str = ""
    password: SecretRef | None = None
    keep: Keep = Keep()
    goals: Goals = Goals()
    foreign: tuple[Foreign, ...] = ()
    """Backups of others on this host, which are only looked at."""
    medium: Medium | None = None
    """What the repository is on; None if nobody said."""
    offsite: bool = False
    immutable: bool = False
    """Who is on the host cannot remove or change it: it is offline, or its server only adds."""
    second: Second = Second()

    @property
    def expected(self) -> bool:
        """True if there is to be any backup of this host, ours or another's."""
        return self.wanted or bool(self.foreign)

    @property
    def wanted(self) -> bool:
        """True if the inventory asks for a backup of ours of this host."""
        return self.tool is not BackupTool.NONE and bool(self.repository or self.sources or self.databases)

    def repository_of(self, client: str, site: str, host: str) -> str:
        """The repository of one host, its names filled in."""
        return _filled(self.repository, client, site, host)

    def second_of(self, client: str, site: str, host: str) -> str:
        """Likewise the second one; empty if there is none."""
        return _filled(self.second.repository, client, site, host)


def _filled(text: str, client: str, site: str, host: str) -> str:
    for name, value in {"client": client, "site": site, "host": host}.items():
        text = text.replace("{" + name + "}", value)
    return text


NO_BACKUP = BackupPolicy()
"""Shared by all hosts about whose backup the inventory says nothing."""
