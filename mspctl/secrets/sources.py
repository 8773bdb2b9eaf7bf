"""Which adapter answers for which scheme. A new scheme is one adapter and one line here."""

from collections.abc import Mapping
from pathlib import Path

from mspctl.errors import SecretError
from mspctl.model.secret import Secret, SecretRef
from mspctl.ports import SecretSource
from mspctl.secrets.env import EnvSecrets
from mspctl.secrets.files import FileSecrets
from mspctl.secrets.systemd import SystemdSecrets


class SecretSources:
    """A SecretSource that asks the adapter of the reference's scheme."""

    def __init__(self, adapters: Mapping[str, SecretSource]) -> None:
        self._adapters = dict(adapters)

    @property
    def schemes(self) -> tuple[str, ...]:
        """The schemes that are known, in alphabetic order."""
        return tuple(sorted(self._adapters))

    def resolve(self, ref: SecretRef) -> Secret:
        """The secret behind `ref`.

        Raises:
            SecretError: the scheme is not known (the known ones are named), or the adapter cannot have it.
        """
        adapter = self._adapters.get(ref.scheme)
        if adapter is None:
            # The path is not repeated: somebody may have written the password itself there.
            raise SecretError(
                "secret reference with an unknown scheme",
                place=ref.place,
                hint="known are " + ", ".join(f"{scheme}:" for scheme in self.schemes),
            )
        return adapter.resolve(ref)


def secret_sources(project: Path, environment: Mapping[str, str]) -> SecretSources:
    """The sources of a project: files relative to its folder, variables and credentials of `environment`."""
    credentials = environment.get("CREDENTIALS_DIRECTORY")
    return SecretSources(
        {
            "env": EnvSecrets(environment),
            "file": FileSecrets(project),
            "systemd": SystemdSecrets(Path(credentials) if credentials else None),
        }
    )
