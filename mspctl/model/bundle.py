"""What is compiled before any connection: one bundle per host, and the plan that holds them all."""

from dataclasses import dataclass

from mspctl.model.inventory import Host
from mspctl.model.playbook import OnFailure
from mspctl.model.secret import SecretRef
from mspctl.model.selection import Selection


@dataclass(frozen=True, slots=True)
class BundleStep:
    """A step made ready for one host.

    `body` is shell text that defines `check` and `apply`, nothing left to look up but the secrets: a secret
    is called as a shell function `secret_<n>` that prints it, n being its index in `Bundle.secrets`.
    `guard` is shell text that returns 0 if the step applies (`:` if always). `timeout` is in seconds.
    """

    index: int
    name: str
    module: str
    body: str
    code: str = ""
    """The end of `body` that is the same for every use of the module: sent once per bundle."""
    guard: str = ":"
    timeout: float = 600.0
    on_failure: OnFailure = OnFailure.STOP
    notifies: tuple[int, ...] = ()
    handler: bool = False
    interruptible: bool = True
    verify: bool = True
    reboots: bool = False
    shared_look: bool = False
    looks_at: tuple[str, ...] = ()
    """Paths whose attributes the check asks for."""
    needs_root: bool = False
    changes: bool = True
    """False for a module without `apply`: it only looks."""
    params: tuple[tuple[str, str], ...] = ()
    """The parameters for people: short, secrets by reference."""
    skipped: str = ""
    """Why the step was decided against while compiling; empty if the host decides."""


@dataclass(frozen=True, slots=True)
class Around:
    """Shell lines for the machine on which mspctl runs, before and after the work on a host; '' if none."""

    before: str = ""
    after: str = ""


NOTHING_AROUND = Around()


@dataclass(frozen=True, slots=True)
class Bundle:
    """All steps for one host; `libraries` are shell texts they share, `secrets` what they may ask for.

    `digest` (SHA-256, hex) covers everything that decides what happens on the host, secrets by reference.
    """

    host: Host
    steps: tuple[BundleStep, ...]
    libraries: tuple[str, ...]
    secrets: tuple[SecretRef, ...]
    digest: str
    check_mode: bool = False
    around: Around = NOTHING_AROUND

    @property
    def exclusive(self) -> bool:
        """True if the host must not be changed by anybody else meanwhile."""
        return not self.check_mode and any(step.changes for step in self.steps)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a run will do, decided before the first connection; `digest` covers all bundles."""

    playbook: str
    check_mode: bool
    selection: Selection
    bundles: tuple[Bundle, ...]
    digest: str
    inventory_digest: str = ""
