"""`systemd:` secrets: what systemd unlocked for this service (systemd.exec(5), LoadCredential=)."""

from pathlib import Path

from mspctl.errors import SecretError
from mspctl.model.secret import Secret, SecretRef
from mspctl.secrets.files import read_guarded, trimmed


class SystemdSecrets:
    """Reads from `folder`, the value of $CREDENTIALS_DIRECTORY; None outside such a service."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def resolve(self, ref: SecretRef) -> Secret:
        """The credential's content, trimmed like a `file:` secret.

        Raises:
            SecretError: no service with credentials, no such credential, or a name with a slash.
        """
        if self._folder is None:
            raise SecretError(
                f"{ref}: there is no $CREDENTIALS_DIRECTORY here",
                place=ref.place,
                hint="start mspctl from a unit with LoadCredentialEncrypted=, or use file:",
            )
        if "/" in ref.path or ref.path in {"", ".", ".."}:
            raise SecretError(f"{ref}: a credential's name has no slash", place=ref.place)
        return Secret(trimmed(read_guarded(self._folder / ref.path, ref)))
