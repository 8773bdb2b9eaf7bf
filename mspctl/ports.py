"""The doors of the engine: what it asks of the world, as protocols. Adapters live in their own packages."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from mspctl.model.bundle import Plan
from mspctl.model.event import Event
from mspctl.model.failure import Failure
from mspctl.model.inventory import Host
from mspctl.model.place import Place
from mspctl.model.playbook import Module, Playbook
from mspctl.model.run import Pruned, Run, Violation
from mspctl.model.secret import Secret, SecretRef
from mspctl.model.value import Value

if TYPE_CHECKING:  # the ledger's nouns are for few commands; every command pays for this module
    from mspctl.model.advisory import PackageList
    from mspctl.model.call import CallRecord
    from mspctl.model.fleet import HostAtSite, HostFinding, LastRun, Waiting
    from mspctl.model.invoice import Invoice
    from mspctl.model.ledger import Decision, PatchFailure, Pending, Seen
    from mspctl.model.monitoring import IncidentRecord, Span, Standing, VolumeDay
    from mspctl.model.posture import CheckFinding, Look
    from mspctl.model.sample import Sample
    from mspctl.model.schedule import Firing, Installed
    from mspctl.model.snapshot import Snapshot


class Clock(Protocol):
    """Time: `now` is aware UTC for records, `monotonic` and `sleep` (seconds) for durations and deadlines."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...


class SecretSource(Protocol):
    """Resolves references of one client. Raises SecretError (without the secret in it)."""

    def resolve(self, ref: SecretRef) -> Secret: ...


class Channel(Protocol):
    """One running program on a host: bytes in, bytes out, an exit status. Remote trouble never raises."""

    def send(self, content: bytes) -> None:
        """Queue bytes for the program's stdin; a dead link shows at the next `read`."""

    def read(self, timeout: float) -> bytes | Failure | None:
        """The next bytes of stdout: `b""` at its end, a Failure, or None after `timeout` silent seconds.

        None comes sooner where much is printed on stderr: no call takes in more than a few MiB of it.
        """

    def errors(self) -> bytes:
        """What came on stderr so far, at most the last 64 KiB."""

    def end(self) -> None:
        """Close stdin."""

    def exit_status(self, timeout: float) -> int | Failure | None:
        """The status that the transport reported after the end of output, None if none came in time.

        Failure says that it ended in another way: by a signal, without a status, with the link.
        """

    def close(self) -> None: ...


class Link(Protocol):
    """An authenticated connection to one host whose key was verified."""

    @property
    def fingerprint(self) -> str: ...
    @property
    def round_trips(self) -> int:
        """How often this side has waited for the host since the login."""

    @property
    def noise(self) -> int:
        """Bytes that came on stderr of all its programs: they count towards what is read from a host."""

    def start(self, program: bytes) -> Channel | Failure:
        """Start `/bin/sh -s` (or PowerShell) with the configured rights and put `program` on its stdin."""

    def close(self) -> None: ...


class Transport(Protocol):
    """Makes links. Every remote trouble is a Failure with its own reason and remedy, never an exception."""

    def connect(self, host: Host) -> Link | Failure: ...


@dataclass(frozen=True, slots=True)
class LocalRun:
    """A shell line of this machine is over; if it did not end by itself, `trouble` says why."""

    status: int | None
    output: bytes = b""
    """The last 64 KiB of what it printed."""
    trouble: str = ""


class LocalShell(Protocol):
    """Runs shell lines of the inventory on this machine. Never raises for what the line does."""

    def run(self, line: str, variables: Mapping[str, str], *, timeout: float) -> LocalRun:
        """Run it with these environment variables, for `timeout` seconds at most."""


class Renderer(Protocol):
    """Templates, behind a door: the engine knows no template language.

    Raises ConfigurationError for undefined names, syntax errors, secrets in a command line; `place` is where
    the template stands.
    """

    def constant(self, source: str) -> bool:
        """True if the text is no template: rendering it gives itself."""

    def value(self, source: str, names: Mapping[str, object], *, place: Place | None) -> object:
        """Render a playbook's parameter: a single `{{ expression }}` keeps its type, else it is text."""

    def shell_text(
        self, source: str, names: Mapping[str, object], *, place: Place | None, windows: bool = False
    ) -> str:
        """Render a command line; every value put in is quoted for the shell (on Windows for PowerShell)."""

    def module(
        self, module: Module, params: Mapping[str, "Value | SecretSlot"], *, windows: bool = False
    ) -> str:
        """Render a module's script; every value put in is quoted for the shell."""


class SecretSlot(Protocol):
    """A secret parameter on its way into a script: only `{{ name | secret }}` may use it."""

    @property
    def function(self) -> str:
        """The shell function that prints the secret, such as `secret_0`."""


class Library(Protocol):
    """Where playbooks, modules and shell libraries come from (shipped ones and the project's own)."""

    def playbook(self, name: str) -> Playbook: ...
    def module(self, name: str) -> Module: ...
    def shell(self, name: str) -> str:
        """The text of `templates/bundle/posix/<name>.sh`, one under `lib/`, an adapter under `foreign/`."""

    def powershell(self, name: str) -> str:
        """As `shell`: `templates/bundle/windows/<name>.ps1`."""


class RunStore(Protocol):
    """The run log. Raises StorageError. One writer: the caller's thread; each call is one transaction."""

    def plan(self, run: Run, plan: Plan) -> None:
        """Record the run with one pending row per host, durably, before anything is touched."""

    def record(self, run_id: str, events: Sequence[Event]) -> None:
        """Add what happened, durably, all or nothing; after StorageError the events may be handed in again.

        A terminal host never changes again: later events of it are left out.
        """

    def finish(self, run_id: str, at: datetime) -> None:
        """Every host has its outcome (InternalError if not). The first call counts."""

    def load(self, run_id: str, *, outputs: bool = True) -> Run:
        """The run as recorded; without `outputs`, an Output only tells how many bytes there were."""

    def runs(
        self,
        *,
        client: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        modules: Collection[str] = (),
        last: int | None = None,
    ) -> Iterable[Run]:
        """Runs that started in [since, until), oldest first, hosts and steps included, without outputs.

        With `modules` only those that had a step of one of them for some host; with `last` only so many, the
        newest.
        """

    def left_spools(self, clients: Collection[str], since: datetime) -> Mapping[str, Sequence[str]]:
        """Host (client/name) → spool folders of runs since then that no `runs resume` asks for.

        The newest first; most of them are gone from the host already. Paths as the host has told them.
        """

    def verify(self, run_id: str | None = None) -> Sequence[Violation]:
        """Recompute all that can be recomputed, of one run or of the whole log. Empty if all is well."""

    def ended_before(self, before: datetime) -> Sequence[str]:
        """The ids of the runs that `prune` would forget something of, or has."""

    def prune(self, before: datetime, *, everything: bool = False) -> Pruned:
        """Forget what steps printed in runs finished before `before`; with `everything`, the runs as well."""

    def close(self) -> None: ...


class CallBook(Protocol):
    """What was written down about calls; it outlives pruned runs. Raises StorageError."""

    def write_call(self, record: "CallRecord") -> int:
        """Add a record, durably. A record of call 0 begins a new one; returns the call's number."""

    def call_records(self, clients: Collection[str]) -> "Sequence[CallRecord]":
        """All records about calls of these clients, in the order in which they were written."""


class InvoiceBook(Protocol):
    """Approved invoices and credit notes; never changed, never deleted. Raises StorageError."""

    def write_invoice(self, invoice: "Invoice") -> "Invoice":
        """Add it under the next number of its series. Raises UsageError if its month is billed already."""

    def invoices(self) -> "Sequence[Invoice]":
        """All of them, by series and number."""


class HealthBook(Protocol):
    """What each month came to at its end; it outlives pruned runs. Raises StorageError."""

    def write_snapshot(self, snapshot: "Snapshot") -> None:
        """Keep it, durably, in the place of an earlier one of its month and version, unless that is final."""

    def snapshots(self, client: str) -> "Sequence[Snapshot]":
        """All of a client, by month and version."""

    def samples(
        self, client: str, prefixes: Collection[str], since: datetime, until: datetime
    ) -> "Sequence[Sample]":
        """The metrics with these beginnings that a client's runs in [since, until) told, oldest run first."""


class PostureBook(Protocol):
    """What runs asked hosts about their safety. It goes with the runs. Raises StorageError."""

    def looks(self, client: str, since: datetime, until: datetime) -> "Sequence[Look]":
        """The looks of a client's runs in [since, until), the oldest run first."""

    def check_findings(self, runs: Collection[str]) -> "Sequence[CheckFinding]":
        """What was said in these runs about checks that were bad or unmeasured."""

    def package_lists(self, client: str, since: datetime, until: datetime) -> "Sequence[PackageList]":
        """The last list of each host that runs in [since, until) asked for one."""


class PatchLedger(Protocol):
    """What the run log knows about updates. `RunStore.record` fills it; it outlives pruned runs.

    Raises StorageError.
    """

    def seen(self, client: str, since: datetime) -> "Sequence[Seen]":
        """The updates that scans at this client have reported since then, by name and version."""

    def pending(self, clients: Collection[str]) -> "Sequence[Pending]":
        """What the last good scan of each host of these clients found, by host and name."""

    def failures(self) -> "Sequence[PatchFailure]":
        """Every version that could not be installed at some client, when first."""

    def decisions(self) -> "Sequence[Decision]":
        """Everything that was ever decided, the oldest first."""

    def decide(self, decisions: "Sequence[Decision]") -> None:
        """Add decisions, durably, all or nothing. What was decided is never changed or deleted."""

    def good_runs(self, playbooks: Collection[str], since: datetime) -> Mapping[str, datetime]:
        """Host (client/name) → when it last ended well in a real run of one of these playbooks since then."""


class ScheduleBook(Protocol):
    """What is kept by the clock, and each time that it was. Raises StorageError."""

    def claim_firing(self, firing: "Firing", forget: datetime) -> bool:
        """Add it, durably; False if there is one of that client, schedule and time: somebody was first.

        Firings of the same schedule that were due before `forget` are forgotten.
        """

    def end_firing(self, firing: "Firing") -> None:
        """Say what became of one that was claimed."""

    def firings(self, clients: Collection[str], since: datetime) -> "Sequence[Firing]":
        """Those of these clients that were due since then, the oldest first."""

    def installed(self, clients: Collection[str]) -> "Sequence[Installed]":
        """What the machine is told to keep for these clients."""

    def install(self, clients: Collection[str], rows: "Sequence[Installed]") -> None:
        """Replace all that is kept for these clients."""


@dataclass(frozen=True, slots=True)
class WatchResult:
    """What one monitoring run leaves: it is written all at once or not at all.

    `standings` are all that the client has; a record of number 0 opens an incident; what lies before `forget`
    is forgotten, but never an incident.
    """

    standings: "Sequence[Standing]"
    records: "Sequence[IncidentRecord]"
    spans: "Sequence[Span]"
    volumes: "Sequence[VolumeDay]"
    forget: datetime


class Notifier(Protocol):
    """Tells people. Never raises for what the other side does."""

    def tell(self, url: Secret, title: str, body: str) -> str:
        """Send it there; why it did not go, without the URL in it, or nothing."""


class WatchBook(Protocol):
    """What monitoring knows: how probes stand, incidents, uptimes. Raises StorageError."""

    def write(self, client: str, result: WatchResult) -> "Sequence[IncidentRecord]":
        """Keep the result of a run, durably; the records with their numbers."""

    def tell(self, record: "IncidentRecord") -> "IncidentRecord":
        """Add one record, durably."""

    def records(self, clients: Collection[str]) -> "Sequence[IncidentRecord]":
        """All that happened to incidents of these clients, in the order of writing."""

    def standings(self, client: str) -> "Sequence[Standing]":
        """How each key stands, by key."""

    def last_spans(self, client: str) -> "Mapping[str, Span]":
        """Key → its last span."""

    def spans(self, client: str, since: datetime, until: datetime) -> "Sequence[Span]":
        """Those that touch [since, until), by key and time."""

    def volumes(self, client: str, since: str) -> "Sequence[VolumeDay]":
        """File systems since a day (`2026-11-24`), by host, mount and day."""

    def digest(self, client: str) -> tuple[datetime, int] | None:
        """When the last digest went out, and the last record that was in it; `client` or `client URL`."""

    def digest_sent(self, client: str, at: datetime, seq: int) -> None:
        """One went out."""


class FleetBook(Protocol):
    """The run log read across all hosts, for those who look after them. Raises StorageError."""

    def last_runs(self, clients: Collection[str], since: datetime) -> "Sequence[LastRun]":
        """What each playbook came to last on each host since then, by host, newest first; no dry runs."""

    def waiting(self, clients: Collection[str]) -> "Mapping[str, Waiting]":
        """Host (client/name) → its pending updates; a host without any, or without a scan, is not in it."""

    def open_incidents(self, clients: Collection[str]) -> "Sequence[IncidentRecord]":
        """All that happened to incidents that are not over, in the order of writing."""

    def findings(self, host: str, runs: Collection[str]) -> "Sequence[HostFinding]":
        """What these runs found on a host (client/name), the newest run first."""

    def traces(self, client: str) -> "Mapping[str, tuple[datetime, datetime]]":
        """Host (client/name) → when its first and its last run began, dry runs included."""

    def sites(self, client: str) -> "Sequence[HostAtSite]":
        """Where runs knew each host to be, by host and site, dry runs included."""

    def mark(self) -> str:
        """A text that is another one as soon as the log says something else."""
