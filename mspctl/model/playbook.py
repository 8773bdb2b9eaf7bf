"""Playbooks and modules as read from their files, before they meet a host."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from mspctl.model.place import Place
from mspctl.model.value import Value, no_values


def no_places() -> Mapping[str, Place]:
    """An empty, immutable map of places."""
    return MappingProxyType({})


class ParameterType(StrEnum):
    """What a parameter may hold. `shell` is a command line: values templated into it are quoted."""

    TEXT = "text"
    INTEGER = "int"
    BOOLEAN = "bool"
    LIST = "list"
    CHOICE = "choice"
    PATH = "path"
    MODE = "mode"
    SHELL = "shell"
    SECRET = "secret"  # noqa: S105 - the name of a type
    SECONDS = "seconds"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a module or playbook; `default` counts only when not `required`."""

    name: str
    type: ParameterType
    required: bool = False
    default: Value = None
    choices: tuple[str, ...] = ()
    help: str = ""


class Elsewhere(StrEnum):
    """What becomes of a step on a host of a platform that its module is not for."""

    REFUSE = "refuse"
    SKIP = "skip"


class Severity(StrEnum):
    """How much a bad check matters."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Check:
    """One question that a module asks of a host, and what to do where the answer is bad."""

    name: str
    severity: Severity
    title: str
    """What is so where the check is bad."""
    reference: str
    """Sections of standards, by number; `none: WHY` where none says this."""
    remedy: str
    mends: bool = False
    """The module can apply the remedy, where somebody asks for it."""
    person: str = ""
    """Why it takes a person, where the module cannot."""

    @property
    def sections(self) -> str:
        """The reference as it goes to the host and into findings: empty where there is none."""
        return "" if self.reference.startswith("none:") else self.reference


@dataclass(frozen=True, slots=True)
class Module:
    """A folder `templates/modules/<name>/`: the technician's extension point.

    `posix` is the text of `posix.sh.j2`; it defines the shell functions `check` and, unless the module only
    looks, `apply`. `libraries` name shared shell files under `templates/bundle/posix/lib/`. `windows` is the
    text of `windows.ps1.j2`, which defines `Check` and `Apply`; `windows_libraries` are likewise.
    """

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    posix: str | None = None
    windows: str | None = None
    description: str = ""
    platforms: tuple[str, ...] = ("linux",)
    libraries: tuple[str, ...] = ()
    needs_root: bool = False
    interruptible: bool = True
    """False where stopping half-way hurts (package upgrades): a cancel lets the step finish on the host."""
    verify: bool = True
    """Run `check` again after `apply`; a step still needed afterwards has failed."""
    timeout: float | None = None
    reboots: bool = False
    shared_look: bool = False
    """Its check sets every variable before it reads it: it may look in one shell together with others."""
    looks_at: tuple[str, ...] = ()
    """The parameters that hold paths whose attributes its check asks for: all of a look at once."""
    only_with: str = ""
    """The parameter without which there is nothing to do: a step that leaves it empty is left out."""
    changes: bool = True
    """False for a module without `apply`: it only looks."""
    changes_with: str = ""
    """The parameter without which it only looks, all the same."""
    windows_libraries: tuple[str, ...] = ()
    adapters: str = ""
    """The parameter whose words are files of `templates/foreign/`, which travel with its steps."""
    windows_changes: bool = False
    """As `changes`, of the PowerShell script."""
    elsewhere: Elsewhere = Elsewhere.REFUSE
    checks: tuple[Check, ...] = ()
    """What it judges one by one; their words stand at the end of each script."""
    place: Place | None = None


class OnFailure(StrEnum):
    """What the host does with the remaining steps after this one failed."""

    STOP = "stop"
    CONTINUE = "continue"


class ConditionKind(StrEnum):
    """What a condition asks: a fact of the host, an earlier step of this run, or what the inventory says."""

    FACT = "fact"
    STEP = "step"
    VARIABLE = "var"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Condition:
    """`when` as data: `<kind> <name>` is (or, if `negated`, is not) one of `values`.

    FACT and STEP conditions are decided on the host, VARIABLE and HOST conditions while compiling.
    """

    kind: ConditionKind
    name: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One use of a module. All conditions of `when` must hold. `notify` names handlers of the playbook."""

    name: str
    module: str
    params: Mapping[str, Value] = field(default_factory=no_values)
    when: tuple[Condition, ...] = ()
    tags: frozenset[str] = frozenset()
    timeout: float | None = None
    on_failure: OnFailure = OnFailure.STOP
    notify: tuple[str, ...] = ()
    place: Place | None = None
    places: Mapping[str, Place] = field(default_factory=no_places, compare=False)
    """Where each parameter's value was written."""

    def place_of(self, parameter: str) -> Place | None:
        """Where the value of a parameter was written; the step's own place if it is not there."""
        return self.places.get(parameter, self.place)


@dataclass(frozen=True, slots=True)
class Playbook:
    """A named list of steps, then the handlers that changed steps notified, each at most once, in order."""

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    steps: tuple[Step, ...]
    handlers: tuple[Step, ...] = ()
    place: Place | None = None
    window: str = ""
    """The window of the inventory that it obeys; none if empty."""
    service: str = ""
    """What of a client's contract it belongs to: `--all` leaves out clients that have not bought it."""
