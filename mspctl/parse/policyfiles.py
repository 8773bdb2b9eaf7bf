"""The shape of `patching`, `windows` and `blackouts`, which may stand at every level of the inventory.

Each docstring and description below is also what the editor shows (see mspctl.parse.schema).
"""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from mspctl.model.patching import Approval, RebootPolicy, Scope
from mspctl.parse.backupfiles import BackupBlock
from mspctl.parse.block import Block
from mspctl.parse.fields import Boolean, Line, Name, Number, Seconds, Text, Whole, enum_word, wrong
from mspctl.parse.placed import Placed
from mspctl.parse.securityfiles import SecurityBlock
from mspctl.parse.spans import BlackoutItem, Day, Windows

Glob = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9*?\[\]][A-Za-z0-9*?\[\]!+.:~^_@/-]{0,199}$")
]
Days = Annotated[Whole, Field(ge=0, le=3650)]
Percent = Annotated[Number, Field(ge=0, le=100)]


class HoldBlock(Placed):
    """A package that stays as it is: who wants that, why, and until when."""

    package: Glob = Field(description="the package's name, or a glob")
    version: Glob | None = Field(None, description="only versions that match this glob; all if not set")
    reason: Line = Field(description="why; shown beside the held package")
    owner: Line = Field(description="whom to ask")
    until: Day | None = Field(None, description="its last day, as 2026-12-31; for ever if not set")


class DeferBlock(Block):
    """How old an update must be, in days since it was first seen at this client, before it is installed."""

    days: Days | None = Field(None, description="all updates but security updates")
    security_days: Days | None = Field(None, description="security updates")


class HooksBlock(Block):
    """Shell lines that run around the work: on the host, or (`controller_…`) on the machine of mspctl."""

    before: Text | None = Field(None, description="before anything is changed; if it fails, nothing is")
    after: Text | None = Field(None, description="at the end, if `before` went well")
    drain: Text | None = Field(None, description="before a reboot, to send users and load elsewhere")
    undrain: Text | None = Field(None, description="after a reboot, once the probes are well")
    snapshot: Text | None = Field(None, description="before anything is changed, to make a way back")
    controller_before: Text | None = Field(
        None, description="on this machine, before the host is connected to; if it fails, nothing is done"
    )
    controller_after: Text | None = Field(
        None, description="on this machine, once the host has ended; MSPCTL_OUTCOME says how"
    )


class ProbeBlock(Block):
    """One question whose answer must be yes before and after; exactly one key."""

    service: Line | None = Field(None, description="this service is active")
    port: Line | None = Field(None, description="HOST:PORT accepts a connection from the host")
    url: Line | None = Field(None, description="this URL answers with success")
    command: Line | None = Field(None, description="this line exits with 0")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise wrong(
                "a probe has exactly one key", "service, port, url or command; write one probe for each"
            )
        return self


class WaveBlock(Block):
    """Hosts that are patched together, after the wave before went well."""

    name: Name
    tags: list[Name] | None = Field(None, description="hosts with one of these tags")
    count: Annotated[Whole, Field(ge=1, le=100_000)] | None = Field(None, description="so many hosts")
    percent: Percent | None = Field(None, description="this share of all hosts")
    min_success: Percent | None = Field(
        None, description="per cent that must end well before the next wave; 100 if not set"
    )
    pause: Annotated[Seconds, Field(ge=0, le=86_400)] | None = Field(
        None, description="time before the next wave"
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if len({"tags", "count", "percent"} & self.model_fields_set) > 1:
            raise wrong("a wave is chosen in one way", "tags, or count, or percent; none of them: the rest")
        return self


class PatchingBlock(Block):
    """What may be patched, when hosts reboot, what is checked around it.

    Keys merge one by one; the lists `include`, `exclude` and `hold` add up. Null takes a key back to mspctl's
    own.
    """

    scope: Annotated[Scope, *enum_word(Scope)] | None = Field(
        None, description="all updates (the default), or security updates only"
    )
    include: list[Glob] | None = Field(None, description="only packages that match one of these globs")
    exclude: list[Glob] | None = Field(None, description="no package that matches one of these globs")
    hold: list[HoldBlock] | None = Field(None, description="packages that stay as they are")
    defer: DeferBlock | None = None
    approval: Annotated[Approval, *enum_word(Approval)] | None = Field(
        None, description="what waits for `mspctl patches approve`; feature: all but security updates"
    )
    reboot: Annotated[RebootPolicy, *enum_word(RebootPolicy)] | None = Field(
        None, description="never by default; window: if needed, inside the window `reboot` (or else `patch`)"
    )
    allow_removals: Boolean | None = Field(None, description="updates may remove packages")
    probes: list[ProbeBlock] | None = Field(None, description="what must work before and after")
    hooks: HooksBlock | None = None
    warn_users: Annotated[Seconds, Field(ge=0, le=86_400)] | None = Field(
        None, description="how long before a reboot whoever is logged in is told"
    )
    waves: list[WaveBlock] | None = Field(
        None, description="who goes first; replaces the waves of the level above"
    )


class Policed(Block):
    """A level of the inventory at which policy may stand."""

    patching: PatchingBlock | None = None
    backup: BackupBlock | None = None
    security: SecurityBlock | None = None
    windows: dict[Name, Windows | None] | None = Field(None, description="when what may happen, by name")
    blackouts: list[BlackoutItem] | None = Field(None, description="when nothing may happen; they add up")
