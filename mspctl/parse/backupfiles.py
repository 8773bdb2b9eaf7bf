"""The shape of `backup`, which may stand at every level of the inventory.

Each docstring and description below is also what the editor shows (see mspctl.parse.schema).
"""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, Strict, StringConstraints

from mspctl.model.backup import BackupTool, CopyRule, Medium
from mspctl.parse.block import Block
from mspctl.parse.fields import Boolean, Line, Name, Reference, Seconds, Whole, enum_word, wrong
from mspctl.parse.node import shown

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PLACEHOLDERS = ("client", "site", "host")
_LOGIN = re.compile(r"://[^/@\s]*:[^/@\s]*@")
_ON_WINDOWS = re.compile(r"[A-Za-z]:\\|\\\\[^\\]+\\")
_KINDS = ("/", "sftp:", "rest:http://", "rest:https://", "ssh://")


def _repository(text: str) -> str:
    if _LOGIN.search(text):
        raise wrong("the repository's address holds a password", "give the host's root a key")
    if not text.startswith(_KINDS) and not _ON_WINDOWS.match(text):
        hint = (
            "an absolute path on the host; for restic sftp:user@server:/path or rest:https://server/path; "
            "for borg ssh://user@server/path"
        )
        raise wrong(f"`{shown(text)}` is no repository", hint)
    unknown = [name for name in _PLACEHOLDER.findall(text) if name not in _PLACEHOLDERS]
    if unknown or set("{}") & set(_PLACEHOLDER.sub("", text)):
        raise wrong(f"`{shown(text)}` names what it cannot", "{client}, {site} and {host} may stand in it")
    return text


AbsolutePath = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^(/|[A-Za-z]:\\|\\\\[^\\\n\r\x00]+\\)[^\n\r\x00]{0,1023}$"),
]
ForeignPath = Annotated[
    str,
    StringConstraints(
        strict=True,
        pattern=r"^(/[^\n\r\x00|'\"`$\\]{0,500}|([A-Za-z]:|\\\\[^\\\n\r\x00]+)\\[^\n\r\x00|'\"`$]{0,500})$",
    ),
]
ForeignOf = Annotated[str, StringConstraints(strict=True, pattern=r"^[^\n\r\x00|]{1,200}$")]
AdapterName = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Repository = Annotated[
    str, Strict(), StringConstraints(pattern=r"^[^\s\x00]{1,500}$"), AfterValidator(_repository)
]
Database = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^(postgresql|mariadb):([A-Za-z0-9_.][A-Za-z0-9_.-]{0,62}|\*)$"),
]
Count = Annotated[Whole, Field(ge=0, le=10_000)]
Goal = Annotated[Seconds, Field(ge=60, le=315_360_000)]


AMedium = Annotated[Medium, *enum_word(Medium)]


class KeepBlock(Block):
    """How many snapshots stay: the last of each hour, day and so on. Nothing set: every snapshot stays."""

    last: Count | None = Field(None, description="the last ones, whatever their age")
    hourly: Count | None = None
    daily: Count | None = None
    weekly: Count | None = None
    monthly: Count | None = None
    yearly: Count | None = None


class GoalsBlock(Block):
    """What was agreed on; reports measure against it."""

    rpo: Goal | None = Field(None, description="how old the last good backup may be, as 24h")
    rto: Goal | None = Field(None, description="how long a whole restore may take, as 4h")
    proof: Goal | None = Field(None, description="how long ago the last proven restore may be, as 30d")
    rule: Annotated[CopyRule, *enum_word(CopyRule)] | None = Field(
        None,
        description="3 copies on 2 kinds of media, 1 elsewhere; 3-2-1-1-0: and 1 that nobody "
        "on the host can remove, 0 errors in proofs and checks",
    )


class CopyBlock(Block):
    """Where a copy is, for the rule of copies. It is counted only if it was seen in time."""

    medium: AMedium | None = Field(None, description="what it is on; the disk of the host itself is disk")
    offsite: Boolean | None = Field(None, description="true if it is in another building")
    immutable: Boolean | None = Field(
        None, description="true if nobody on the host can remove it: offline, or a server that only adds"
    )


class SecondBlock(CopyBlock):
    """A second repository, of the same tool and with the same password: all is backed up there, too."""

    repository: Repository | None = Field(None, description="as `repository`")


class ForeignBlock(CopyBlock):
    """A backup that somebody else makes: an adapter asks how old, how large and how good it is."""

    name: Name
    kind: AdapterName | None = Field(
        None, description="the [adapter](../howto/backups.md#adapters); without it, files are looked for"
    )
    path: ForeignPath | None = Field(
        None, description="where its files are on the host, a glob as /srv/veeam/web1/*.vbk"
    )
    of: ForeignOf | None = Field(
        None, description="what the adapter is to ask for: a job, a volume, a guest; files have `path`"
    )
    max_age: Goal = Field(description="how old the last good one may be, as 26h")
    min_size: Annotated[Whole, Field(ge=1, le=10**15)] | None = Field(
        None, description="how many bytes it has at least"
    )
    same_disk: Boolean | None = Field(
        None,
        description="true if it is lost together with the disk of the data, as snapshots are: "
        "then it counts for no digit of the rule of copies",
    )


class BackupBlock(CopyBlock):
    """What is backed up, where to, and how good it has to be.

    Keys merge one by one; the lists `sources`, `excludes`, `mountpoints`, `databases` and `foreign` add
    up. Null takes a key back.
    """

    tool: Annotated[BackupTool, *enum_word(BackupTool)] | None = Field(
        None,
        description="restic by default; tar and rsync do not encrypt; "
        "none: no backup of ours, whatever the levels above say",
    )
    sources: list[AbsolutePath] | None = Field(None, description="folders and files on the host")
    excludes: list[Line] | None = Field(None, description="patterns of the tool for what is left out")
    mountpoints: list[AbsolutePath] | None = Field(
        None, description="what must be mounted, sources and repositories; else there is no backup"
    )
    databases: list[Database] | None = Field(
        None, description="postgresql:NAME or mariadb:NAME; the name * means all of the host's"
    )
    repository: Repository | None = Field(
        None,
        description="a path on the host; sftp:… or rest:… for restic, ssh://… for borg; "
        "{client}, {site} and {host} may stand in it",
    )
    password: Reference | None = Field(
        None, description="what the repository is encrypted with; tar and rsync need none"
    )
    foreign: list[ForeignBlock] | None = Field(None, description="backups of others that are looked at")
    second: SecondBlock | None = None
    keep: KeepBlock | None = None
    goals: GoalsBlock | None = None
