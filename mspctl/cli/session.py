"""What every command gets: the console, and the app with the real objects, made when first asked for."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from mspctl.cli.console import Console
from mspctl.wiring.environment import Environment
from mspctl.wiring.options import Options

if TYPE_CHECKING:
    from mspctl.wiring.app import App


@dataclass(slots=True)
class Session:
    """One call of the command line. Use it as the first parameter of a command under `@pass_session`."""

    options: Options
    environment: Environment
    console: Console
    _made: list["App"] = field(default_factory=list)

    @property
    def app(self) -> "App":
        """The project, the run log and the rest; commands that need none of it never import it."""
        if not self._made:
            from mspctl.wiring.app import App  # noqa: PLC0415 - `mspctl --help` needs none of it

            self._made.append(App(self.options, self.environment))
        return self._made[0]


pass_session = click.make_pass_decorator(Session)
