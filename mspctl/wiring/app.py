"""The real objects of one call, made when first asked for."""

from functools import cached_property
from pathlib import Path

from mspctl.errors import StorageError, UsageError
from mspctl.model.place import Place
from mspctl.wiring.environment import Environment, state_folder
from mspctl.wiring.options import Options

MARK = Path("inventory/mspctl.yml")


class App:
    """The project, the state folder and all that stands in them."""

    def __init__(self, options: Options, environment: Environment) -> None:
        self.options = options
        self.environment = environment

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
            raise UsageError(
                f"{folder} is no project: it has no {MARK}", hint="give the folder that holds inventory/"
            )
        for folder in (self.environment.cwd, *self.environment.cwd.parents):
            if (folder / MARK).is_file():
                return folder
        raise UsageError(
            f"no project here: neither {self.environment.cwd} nor a folder above it has {MARK}",
            hint="go to the project's folder or give --project DIR",
        )

    @cached_property
    def state(self) -> Path:
        """The state folder, made 0700 if it is missing.

        Raises:
            StorageError: it cannot be made.
        """
        folder = state_folder(self.environment)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"the state folder cannot be made: {error.strerror}",
                place=Place(str(folder)),
                hint="set XDG_STATE_HOME to a folder that this user may write to",
            ) from error
        return folder
