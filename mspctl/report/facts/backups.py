"""What the run log says of each host's backups: the last good one, the last proven restore, the last check.

A backup is good if its step ended well and named the snapshot that it saw in the repository. Times are those
of the machine on which mspctl ran, never the host's own: a host's wrong clock makes no old backup young.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from mspctl.model.backup import BackupPolicy
from mspctl.model.event import ReportKind
from mspctl.model.inventory import Client, Host
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.run import HostRun, Run, StepRun
from mspctl.report.facts.agreed import Seen
from mspctl.report.facts.copies import rule_digits
from mspctl.report.facts.foreign import (
    NOT_MEASURED,
    STATE_MODULE,
    ForeignState,
    foreign_states,
    last_made,
    whole_size,
)
from mspctl.report.facts.rule import Digit, Reason

BACKUP_MODULES = frozenset({"backup-files", "backup-databases", STATE_MODULE})
PROOF_MODULES = frozenset({"backup-proof", "backup-databases-proof"})
CHECK_MODULES = frozenset({"backup-verify"})
ALL_MODULES = BACKUP_MODULES | PROOF_MODULES | CHECK_MODULES
"""Runs without a step of these say nothing of backups, and need not be read."""
_GOOD = frozenset({StepStatus.OK, StepStatus.CHANGED})
_EVIDENCE = frozenset(
    {
        "backup.snapshot",
        "databases.backed_up",
        "proof.snapshot",
        "databases.proven",
        "verify.part",
        "foreign.seen",
    }
)
"""Without one of these facts a step that ended well has shown nothing."""
_WITHOUT_WORK = frozenset({Outcome.HELD, Outcome.SKIPPED, Outcome.CANCELLED})
_LONGEST_NUMBER = 18
_BYTES = "backup.bytes"
_TREND = timedelta(days=31)


class BackupState(StrEnum):
    """Exactly one per host; the first that fits."""

    NONE = "none"
    """The inventory asks for no backup of it."""
    UNKNOWN = "not-measured"
    """No run has tried one, as far as the log was read."""
    FAILED = "failed"
    """The last run that tried did not succeed, or none has."""
    LATE = "late"
    """The last good one is older than what was agreed."""
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt at a backup, a proof or a check, and how it ended; `why` is empty if well.

    Where only backups of others were looked at, a good one is as old as the newest of them.
    """

    at: datetime
    run: str
    good: bool
    why: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, int] = field(default_factory=dict)
    """Whole numbers; what a host said that is none is left out."""
    suspicious: str = ""
    """Why the backup was thought to be of a host that somebody is encrypting."""
    seen: datetime | None = None
    """When somebody looked, if that was later."""
    foreign: tuple[ForeignState, ...] = ()
    """The backups of others that it looked at."""
    places: frozenset[str] = frozenset()
    """Where it was well: `backup.repository /b`, `databases.repository /b`, `foreign.seen veeam`, …"""


@dataclass(frozen=True, slots=True)
class Tries:
    """All attempts of one kind in their order: the last one, and the last good one."""

    count: int = 0
    failures: int = 0
    last: Try | None = None
    good: Try | None = None
    made: tuple[Try, ...] = ()
    places: Mapping[str, datetime] = field(default_factory=dict)
    """When it was last well at each place, whatever became of other places then."""

    def and_then(self, made: Try) -> "Tries":
        """With one more, later than all others."""
        good = made if made.good else self.good
        places = {**self.places, **dict.fromkeys(made.places, made.seen or made.at)}
        return Tries(self.count + 1, self.failures + (not made.good), made, good, (*self.made, made), places)


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes in the last good backup, and in the first one of the `seconds` before it, if there was one."""

    now: int
    before: int | None
    seconds: int


@dataclass(frozen=True, slots=True)
class HostBackup:
    """What is known of one host of the inventory at `now`."""

    host: str
    """`client/name`"""
    site: str
    policy: BackupPolicy
    now: datetime
    backups: Tries = Tries()
    proofs: Tries = Tries()
    checks: Tries = Tries()

    @property
    def state(self) -> BackupState:
        """How its backup stands."""
        last, rpo = self.backups.last, self.policy.goals.rpo
        if not self.policy.expected:
            return BackupState.NONE
        if last is None:
            return BackupState.UNKNOWN
        if not last.good or self.backups.good is None:
            return BackupState.FAILED
        late = bool(rpo) and self.now - last.at > timedelta(seconds=rpo)
        return BackupState.LATE if late else BackupState.GOOD

    @property
    def proof_due(self) -> bool:
        """True if the agreed proof of a restore is missing or too old, or the last attempt failed."""
        if not self.policy.wanted:
            return False
        last, goal = self.proofs.last, self.policy.goals.proof
        if last is not None and not last.good:
            return True
        at = self._proven_at
        return bool(goal) and (at is None or self.now - at > timedelta(seconds=goal))

    @property
    def _proven_at(self) -> datetime | None:
        """When the repository that is agreed now was proven: a proof of another one says nothing of it."""
        client, _, name = self.host.partition("/")
        here = f"proof.repository {self.policy.repository_of(client, self.site, name)}"
        if any(place.startswith("proof.repository ") for place in self.proofs.places):
            return self.proofs.places.get(here)
        return self.proofs.last.at if self.proofs.last else None

    @property
    def proof(self) -> Try | None:
        """The last good proof; one of a repository that is not agreed any more is none."""
        if not self.policy.wanted:
            return self.proofs.good
        client, _, name = self.host.partition("/")
        where = (client, self.site, name)
        agreed = {f"proof.repository {self.policy.repository_of(*where)}"}
        agreed.add(f"proof.repository {self.policy.second_of(*where)}")
        return next(
            (
                each
                for each in reversed(self.proofs.made)
                if each.good
                and (
                    not each.places.isdisjoint(agreed)
                    or not any(place.startswith("proof.repository ") for place in each.places)
                )
            ),
            None,
        )

    @property
    def restore_seconds(self) -> int | None:
        """How long a whole restore takes, measured or estimated by the last proof; None if nobody knows."""
        good = self.proofs.good
        if good is None:
            return None
        return good.metrics.get("proof.estimate", good.metrics.get("proof.whole_seconds"))

    @property
    def size(self) -> Size | None:
        """How large the last good backup of files is; None if no run has told."""
        sizes = [(each.at, self._bytes(each)) for each in self.backups.made if each.good]
        made = [(at, size) for at, size in sizes if size is not None]
        if not made:
            return None
        at, size = made[-1]
        first, before = next(each for each in made if at - each[0] <= _TREND)
        return Size(size, before if first < at else None, round((at - first).total_seconds()))

    def _bytes(self, made: Try) -> int | None:
        return made.metrics.get(_BYTES, None if self.policy.wanted else whole_size(made.foreign))

    @property
    def foreign(self) -> tuple[ForeignState, ...]:
        """Each backup of others that the inventory names, as the last run that looked has seen it."""
        looked = next((each.foreign for each in reversed(self.backups.made) if each.foreign), ())
        seen = {each.name: each for each in looked}
        return tuple(
            seen.get(each.name, ForeignState(each.name, NOT_MEASURED)) for each in self.policy.foreign
        )

    @property
    def slow(self) -> bool:
        """True if a whole restore takes longer than was agreed."""
        seconds, rto = self.restore_seconds, self.policy.goals.rto
        return bool(rto) and seconds is not None and seconds > rto

    @property
    def due(self) -> bool:
        """True if somebody has to do something about it."""
        settled = self.state in {BackupState.NONE, BackupState.GOOD}
        suspicious = self.backups.last is not None and bool(self.backups.last.suspicious)
        return not settled or suspicious or self.proof_due or self.slow or bool(self.broken_rule)

    @property
    def broken_rule(self) -> tuple[Digit, ...]:
        """The digits of the agreed rule of copies that are not met; empty if none was agreed."""
        rule = self.policy.goals.rule
        return tuple(each for each in self.digits if not each.met) if rule else ()

    @property
    def digits(self) -> tuple[Digit, ...]:
        """The digits of the rule that was agreed on, else of the full one; none without a backup."""
        if not self.policy.expected:
            return ()
        client, _, name = self.host.partition("/")
        tried = {
            Reason.BACKUP_FAILED: self.backups,
            Reason.PROOF_FAILED: self.proofs,
            Reason.CHECK_FAILED: self.checks,
        }
        failed = frozenset(why for why, made in tried.items() if made.last and not made.last.good)
        seen = Seen(self.backups.places, self.proofs.places, self.checks.places, failed)
        return rule_digits(self.policy, (client, self.site, name), seen, self.now)


def host_backups(client: Client, runs: Iterable[Run], now: datetime) -> tuple[HostBackup, ...]:
    """The hosts of the inventory in its order; `runs` in order of time, others' are left out."""
    found: dict[str, dict[str, Tries]] = {host.key: {} for host in client.hosts}
    apart = {host.key: [each.name for each in host.backup.foreign if each.apart] for host in client.hosts}
    for run in runs:
        if run.client != client.slug or run.check_mode:
            continue
        for host in run.hosts:
            if host.host in found:
                _gather(found[host.host], run, host, apart[host.host])
    return tuple(_host(host, found[host.key], now) for host in client.hosts)


_KINDS: Mapping[str, frozenset[str]] = {
    "backups": BACKUP_MODULES,
    "proofs": PROOF_MODULES,
    "checks": CHECK_MODULES,
}


def _host(host: Host, found: Mapping[str, Tries], now: datetime) -> HostBackup:
    tries = (found.get(kind, Tries()) for kind in _KINDS)
    return HostBackup(host.key, host.site, host.backup, now, *tries)


def _gather(found: dict[str, Tries], run: Run, host: HostRun, apart: Collection[str]) -> None:
    for kind, modules in _KINDS.items():
        made = _try(run, host, modules, apart)
        if made is not None:
            found[kind] = found.get(kind, Tries()).and_then(made)


def _try(run: Run, host: HostRun, modules: frozenset[str], apart: Collection[str]) -> Try | None:
    """What became of it in this run; None if that was not what the run was for on this host."""
    if host.outcome is None or not any(step.module in modules for step in host.outline):
        return None
    steps = [step for step in host.steps if step.module in modules and step.status is not None]
    worked = [step for step in steps if step.status is not StepStatus.SKIPPED]
    at = host.finished or run.started
    if worked:
        return _told(at, run, worked, _unfinished(host, modules), apart)
    if steps or host.outcome in _WITHOUT_WORK:
        return None
    return Try(at, run.id, good=False, why=host.detail or host.reason or host.outcome.value)


def _unfinished(host: HostRun, modules: frozenset[str]) -> str:
    """Why not all parts came to an end: a host that was lost on the way has said nothing of the others."""
    ended = {step.index for step in host.steps if step.status is not None}
    left = [
        outline.name
        for index, outline in enumerate(host.outline)
        if outline.module in modules and index not in ended
    ]
    if not left:
        return ""
    why = host.detail or host.reason or (host.outcome.value if host.outcome else "")
    return f"no end of {', '.join(left)} was seen: {why}"


def _told(at: datetime, run: Run, steps: Sequence[StepRun], unfinished: str, apart: Collection[str]) -> Try:
    """Files and databases together: good only if each part is, and came to an end."""
    parts = [_part(at, run, step) for step in steps]
    bad = [part for part in parts if not part.good]
    facts = {name: value for part in parts for name, value in part.facts.items()}
    metrics: dict[str, int] = {}
    for part in parts:  # of two copies the slower one, the larger one
        metrics |= {name: max(value, metrics.get(name, value)) for name, value in part.metrics.items()}
    suspicious = next((part.suspicious for part in parts if part.suspicious), "")
    why = "; ".join(filter(None, (*(part.why for part in bad), unfinished)))
    places = frozenset(each for part in parts if part.good for each in _places(part.facts))
    good = not bad and not unfinished
    foreign = foreign_states(facts, metrics, at)
    made = last_made(foreign, apart) if good and all(step.module == STATE_MODULE for step in steps) else None
    return Try(made or at, run.id, good, why, facts, metrics, suspicious, at, foreign, places)


def _places(facts: Mapping[str, str]) -> Iterator[str]:
    yield from (f"{name} {value}" for name, value in facts.items() if name.endswith(".repository"))
    yield from (f"foreign.seen {name}" for name in facts.get("foreign.seen", "").split())


def _part(at: datetime, run: Run, step: StepRun) -> Try:
    facts = {report.name: report.value for report in step.reports if report.kind is ReportKind.FACT}
    metrics = {
        report.name: int(report.value)
        for report in step.reports
        if report.kind is ReportKind.METRIC and _whole(report.value)
    }
    suspicious = next(
        (
            dict(report.fields).get("reason", "")
            for report in step.reports
            if report.kind is ReportKind.FINDING and report.name == "backup:suspicious"
        ),
        "",
    )
    good = step.status in _GOOD and bool(_EVIDENCE & facts.keys())
    why = "" if good else step.reason or "it did not say what it made"
    return Try(at, run.id, good, why, facts, metrics, suspicious)


def _whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
