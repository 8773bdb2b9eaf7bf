"""The shape of `monitor` in the inventory: what is watched, and who is told.

Each docstring and description below is also what the editor shows (see mspctl.parse.schema).
"""

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from mspctl.errors import Problem
from mspctl.model.monitoring import MAINTENANCE, QUARTER_HOUR, Heal, Monitoring, Notice, Probe, ProbeKind
from mspctl.model.place import Place
from mspctl.model.suggestion import did_you_mean
from mspctl.parse.block import Block
from mspctl.parse.fields import Free, Line, Name, Reference, Seconds, Whole, wrong

_DAY = 86_400
_PORT = re.compile(r".*:[0-9]{1,5}")
_KINDS = frozenset(kind.value for kind in ProbeKind)


class HealBlock(Block):
    """A playbook that is run when an incident opens, a limited number of times."""

    playbook: Name = Field(
        description="such as one that restarts a service; it is run as by hand, on that host"
    )
    times: Annotated[Whole, Field(ge=1, le=100)] | None = Field(
        None, description="at most so often, 2 by default"
    )
    within: Annotated[Seconds, Field(ge=60, le=30 * _DAY)] | None = Field(
        None, description="in so much time, 1d by default"
    )
    limit: Line | None = Field(None, description="the host, if the probe is about none of the inventory")


class WatchBlock(Block):
    """One question with exactly one of the keys `ping`, `tcp`, `http`, `tls`, `dns`, `smtp`, `ssh`, `module`.

    The name of a host of this client stands for its address, and makes the question one about that host.
    """

    ping: Line | None = Field(None, description="HOST answers an ICMP echo")
    tcp: Line | None = Field(None, description="HOST:PORT accepts a connection")
    http: Line | None = Field(None, description="this URL answers below 400; https: also its certificate")
    tls: Line | None = Field(None, description="HOST:PORT shows a valid certificate")
    dns: Line | None = Field(None, description="this name has an address (or `NAME MX`, `NAME TXT`, …)")
    smtp: Line | None = Field(None, description="HOST or HOST:PORT greets and answers to EHLO")
    ssh: Line | None = Field(None, description="HOST or HOST:PORT says its version")
    module: Name | None = Field(
        None, description="on the hosts: this module's check; that something would change is bad"
    )
    params: dict[Name, Free] | None = Field(None, description="module: its parameters")
    on: Line | None = Field(None, description="module: which hosts, as for --limit; all if not set")
    expect: Line | None = Field(
        None, description="http: text in the page; dns: the answer; ssh and smtp: text in the greeting"
    )
    server: Line | None = Field(None, description="dns: the server that is asked, this machine's if not set")
    timeout: Annotated[Seconds, Field(ge=0.1, le=60)] | None = Field(None, description="5s by default")
    down_after: Annotated[Whole, Field(ge=1, le=100)] | None = Field(
        None, description="so many bad answers in a row make an incident, 2 by default"
    )
    depends_on: list[Name] | None = Field(
        None, description="probes without which this one cannot be well; their incident is enough"
    )
    service: Line | None = Field(
        None, description="what it stands for in uptimes; the probe's name if not set"
    )
    heal: HealBlock | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = _KINDS & self.model_fields_set
        if len(kinds) != 1:
            raise wrong("a probe has exactly one kind", f"one of {', '.join(sorted(_KINDS))}")
        (kind,) = kinds
        for key in ("params", "on"):
            if kind != "module" and key in self.model_fields_set:
                raise wrong(f"`{key}` belongs to `module`")
        if kind in {"module", "ping", "tcp", "tls"} and self.expect is not None:
            raise wrong(f"`expect` does not belong to `{kind}`")
        if self.tcp is not None and not _PORT.fullmatch(self.tcp):
            raise wrong("`tcp` needs a port", "as in tcp: db1:5432")
        if self.http is not None and not self.http.startswith(("http://", "https://")):
            raise wrong("`http` needs a whole URL", "as in http: https://shop.example.com/")
        if kind != "dns" and self.server is not None:
            raise wrong("`server` belongs to `dns`")
        return self


class NoticeBlock(Block):
    """Who is told of incidents: one digest for all that happened, never one message each."""

    urls: list[Reference] | None = Field(
        None,
        description="where digests go: secrets that hold URLs of Apprise, such as mailto://… or ntfy://…",
    )
    every: Annotated[Seconds, Field(ge=0, le=_DAY)] | None = Field(
        None, description="at most one digest in so much time, 15m by default"
    )
    alive: Reference | None = Field(
        None, description="a secret URL that is fetched after each run, for who waits for a sign of life"
    )


class MonitorBlock(Block):
    """What `mspctl monitor` asks, and what it makes of the answers."""

    probes: dict[Name, WatchBlock] | None = Field(None, description="the questions, by name")
    gates: dict[Name, Name] | None = Field(
        None, description="site: the probe behind which all of the site is; if that is bad, it alone is told"
    )
    maintenance: list[Name] | None = Field(
        None, description="windows in which nothing becomes an incident: maintenance and patch by default"
    )
    notify: NoticeBlock | None = None

    @model_validator(mode="after")
    def _names(self) -> Self:
        probes = self.probes or {}
        for name, probe in probes.items():
            for other in probe.depends_on or ():
                if other not in probes:
                    raise wrong(f"`{name}` depends on `{other}`, which is no probe")
                if probes[other].module is not None:
                    raise wrong(f"`{name}` depends on `{other}`, which is asked on hosts")
        for site, name in (self.gates or {}).items():
            if name not in probes or probes[name].module is not None:
                raise wrong(f"the gate of `{site}`, `{name}`, is no probe that this machine asks")
        _check_circles({name: tuple(probe.depends_on or ()) for name, probe in probes.items()})
        return self


def _check_circles(before: Mapping[str, tuple[str, ...]]) -> None:
    done: set[str] = set()
    while len(done) < len(before):
        ready = {name for name, others in before.items() if name not in done and done.issuperset(others)}
        if not ready:
            rest = ", ".join(sorted(set(before) - done))
            raise wrong(f"these probes depend on each other in a circle: {rest}")
        done |= ready


def gate_problems(block: MonitorBlock | None, sites: Collection[str], place: Place) -> tuple[Problem, ...]:
    """Gates of sites that the client does not have."""
    return tuple(
        Problem(f"there is no site `{site}`", place, f"monitor.gates.{site}", did_you_mean(site, sites))
        for site in (block.gates if block and block.gates else ())
        if site not in sites
    )


def monitoring_of(block: MonitorBlock | None, places: Mapping[str, Place]) -> Monitoring:
    """The model of a client's `monitor`."""
    if block is None:
        return Monitoring()
    notify = block.notify
    notice = Notice()
    if notify is not None:
        every = QUARTER_HOUR if notify.every is None else int(notify.every)
        notice = Notice(tuple(notify.urls or ()), every, notify.alive)
    return Monitoring(
        tuple(_probe(name, each, places.get(name)) for name, each in (block.probes or {}).items()),
        dict(block.gates or {}),
        MAINTENANCE if block.maintenance is None else tuple(block.maintenance),
        notice,
    )


def _probe(name: str, block: WatchBlock, place: Place | None) -> Probe:
    (kind,) = (ProbeKind(key) for key in _KINDS & block.model_fields_set)
    heal = block.heal
    return Probe(
        name,
        kind,
        "" if kind is ProbeKind.MODULE else str(getattr(block, kind.value)),
        block.expect or "",
        block.server or "",
        block.module or "",
        dict(block.params or {}),
        block.on,
        5.0 if block.timeout is None else block.timeout,
        block.down_after or 2,
        tuple(block.depends_on or ()),
        block.service or "",
        None
        if heal is None
        else Heal(heal.playbook, heal.times or 2, int(heal.within or _DAY), heal.limit or ""),
        place,
    )
