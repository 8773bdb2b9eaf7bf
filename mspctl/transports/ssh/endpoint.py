"""One end of an SSH connection with everything that is needed to make it: a host or a gateway."""

from dataclasses import dataclass, field

from mspctl.model.inventory import Deadlines
from mspctl.model.secret import SecretRef


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to connect and as whom; `name` is what `mspctl trust` calls it."""

    name: str
    address: str
    port: int
    user: str
    identity: SecretRef | None = None
    identity_file: str | None = None
    """An IdentityFile from ssh_config, used when the inventory names no identity."""
    identity_passphrase: SecretRef | None = None
    password: SecretRef | None = None
    agent: bool = False
    legacy_algorithms: tuple[str, ...] = ()
    proxy_command: str | None = None
    deadlines: Deadlines = field(default_factory=Deadlines)
