"""`env:` secrets: variables of the environment that mspctl was started with."""

from collections.abc import Mapping

from mspctl.errors import SecretError
from mspctl.model.secret import Secret, SecretRef


class EnvSecrets:
    """Looks references up in `environment`, which the caller passes in."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def resolve(self, ref: SecretRef) -> Secret:
        """The variable's value as it is.

        Raises:
            SecretError: the variable is not set, or empty.
        """
        value = self._environment.get(ref.path)
        if not value:
            what = "is not set" if value is None else "is empty"
            raise SecretError(f"{ref}: the variable {what}", place=ref.place, hint=f"export {ref.path}=…")
        return Secret(value.encode("utf-8", "surrogateescape"))
