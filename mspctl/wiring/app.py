"""The real objects of one call, made when first asked for."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mspctl.errors import ConfigurationError, StorageError, UsageError
from mspctl.model.inventory import Inventory
from mspctl.model.place import Place
from mspctl.runstore.filesystem import MIN_FREE, private_folder
from mspctl.wiring.clock import SystemClock
from mspctl.wiring.environment import Environment, state_folder
from mspctl.wiring.locks import JobLock, claim
from mspctl.wiring.options import Options
from mspctl.wiring.secretbook import SecretBook

if TYPE_CHECKING:
    from mspctl.library.folders import FolderLibrary
    from mspctl.model.support import SupportTable
    from mspctl.ports import Clock, Renderer
    from mspctl.runstore.audit import AuditLog
    from mspctl.runstore.store import SqlRunStore
    from mspctl.transports.choice import TransportSet

MARK = Path("inventory/mspctl.yml")


class App:
    """The project, the state folder and all that stands in them."""

    def __init__(self, options: Options, environment: Environment) -> None:
        self.options = options
        self.environment = environment
        self.clock: Clock = SystemClock()

    @cached_property
    def project(self) -> Path:
        """The folder that holds `inventory/mspctl.yml`: --project, or the nearest one from here upwards.

        Raises:
            UsageError: there is none.
        """
        asked = self.options.project
        if asked is not None:
            folder = (self.environment.cwd / asked).resolve()
            if (folder / MARK).is_file():
                return folder
            hint = f"give the folder that holds inventory/; a new one begins with `name: Your firm` in {MARK}"
            raise UsageError(f"{folder} is no project: it has no {MARK}", hint=hint)
        for folder in (self.environment.cwd, *self.environment.cwd.parents):
            if (folder / MARK).is_file():
                return folder
        raise UsageError(
            f"no project here: neither {self.environment.cwd} nor a folder above it has {MARK}",
            hint="go to the project, or give --project DIR; to begin one, write `name: Your firm` into it",
        )

    @cached_property
    def state(self) -> Path:
        """The state folder, made 0700 if it is missing.

        Raises:
            StorageError: it cannot be made.
        """
        folder = state_folder(self.environment)
        try:
            private_folder(folder)
        except OSError as error:
            raise StorageError(
                f"the state folder cannot be made: {error.strerror}",
                place=Place(str(folder)),
                hint="set XDG_STATE_HOME to a folder that this user may write to",
            ) from error
        return folder

    @property
    def journals(self) -> Path:
        """Where each run leaves its JSON lines."""
        return self.state / "runs"

    @cached_property
    def secrets(self) -> SecretBook:
        """The secrets of this call; also the redactor of everything that prints or writes."""
        from mspctl.secrets.sources import secret_sources  # noqa: PLC0415 - only runs need secrets

        return SecretBook(secret_sources(self.project, self.environment.variables))

    def client_names(self) -> tuple[str, ...]:
        """The clients of this project, in alphabetic order. Raises ConfigurationError if there are none."""
        from mspctl.parse.inventory import client_names  # noqa: PLC0415 - pydantic is slow to import

        return client_names(self.project / "inventory")

    def inventory(self, clients: Collection[str] | None = None) -> Inventory:
        """The inventory, of all clients or of some. Raises ConfigurationError, UsageError."""
        from mspctl.parse.inventory import load_inventory  # noqa: PLC0415 - pydantic is slow to import

        return load_inventory(self.project / "inventory", clients=clients)

    def support(self) -> "SupportTable":
        """Until when systems are supported; the project's own dates win. Raises ConfigurationError."""
        from mspctl.library.support import support_table  # noqa: PLC0415 - only reports need the dates

        return support_table(self.project / "inventory")

    @cached_property
    def library(self) -> "FolderLibrary":
        """Playbooks and modules: the project's own before the shipped ones."""
        from mspctl.library.folders import open_library  # noqa: PLC0415 - YAML is slow to import

        return open_library(self.project)

    def renderer(self) -> "Renderer":
        """A renderer for one compilation."""
        from mspctl.library.files import ProjectFiles  # noqa: PLC0415 - only compiling renders
        from mspctl.render.jinja import JinjaRenderer  # noqa: PLC0415 - as above

        return JinjaRenderer(ProjectFiles(self.project).read)

    def transport(self, inventory: Inventory) -> "TransportSet":
        """What reaches the hosts of `inventory`; each client with its own pins."""
        from mspctl.transports.choice import ClientDoors, TransportSet  # noqa: PLC0415 - only runs connect
        from mspctl.transports.trust import KnownHosts  # noqa: PLC0415 - as above

        hosts = {client.slug: {host.name: host for host in client.hosts} for client in inventory.clients}

        def doors(client: str) -> ClientDoors:
            return ClientDoors(
                self.secrets, KnownHosts.read(client, self.known_hosts(client)), hosts.get(client, {}).get
            )

        return TransportSet(doors, self.environment.user)

    def known_hosts(self, client: str) -> Path:
        """The file with the pinned host keys of a client."""
        return self.project / "inventory" / "known_hosts" / client

    @cached_property
    def database(self) -> str:
        """The URL of the run log: --database, MSPCTL_DATABASE, the provider's file, the state folder.

        Raises:
            UsageError: --database is empty, as of a variable that is not set.
            ConfigurationError: the provider's file is wrong.
        """
        if self.options.database == "":
            raise UsageError("--database is empty", hint="leave it out for the run log of this project")
        told = self.options.database or self.environment.variables.get("MSPCTL_DATABASE")
        return told or self._database_of_provider() or f"sqlite:///{self.state / 'runs.db'}"

    def open_store(self, *, write: bool = True, min_free: int = MIN_FREE) -> "SqlRunStore":
        """The run log. Raises StorageError; UsageError if the URL cannot be understood."""
        from mspctl.runstore import open_run_store  # noqa: PLC0415 - SQLAlchemy is slow to import

        return open_run_store(self.database, redactor=self._redactor(), write=write, min_free=min_free)

    @cached_property
    def audit(self) -> "AuditLog":
        """The audit log of this user on this machine."""
        from mspctl.runstore.audit import AuditLog  # noqa: PLC0415 - only what acts is audited

        return AuditLog(self.state / "audit.jsonl")

    def audited(self, event: str, fields: Mapping[str, str]) -> None:
        """Put a line into the audit log, without secrets. Raises StorageError."""
        redact = self.secrets.text if self._has_project() else str
        told = {name: redact(value) for name, value in fields.items()}
        self.audit.append(self.clock.now(), self.environment.user, event, told)

    def lock(self, client: str, playbook: str, command: Sequence[str]) -> JobLock:
        """The lock of a job, not yet taken."""
        return JobLock(self.state / "locks", client, playbook, claim(self.environment.user, command))

    def _redactor(self) -> "SecretBook | None":
        return self.secrets if self._has_project() else None

    def _has_project(self) -> bool:
        try:
            return self.project.is_dir()
        except UsageError:
            if self.options.project is not None:
                raise
            return False

    def _database_of_provider(self) -> str | None:
        """None where there is no project: the run log can be read from anywhere."""
        if not self._has_project():
            return None
        from mspctl.parse.reading import Read, read_provider  # noqa: PLC0415 - pydantic is slow to import

        read = read_provider(self.project / "inventory")
        if not isinstance(read, Read):
            raise ConfigurationError.of(read)
        return read.block.database
