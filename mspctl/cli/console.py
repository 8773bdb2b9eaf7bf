"""The only printer: results on stdout, everything else on stderr, nothing that steers a terminal."""

import errno
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from mspctl.cli.escape import visible

if TYPE_CHECKING:
    from rich.console import Console as Terminal
    from rich.console import RenderableType

    from mspctl.model.window import Redactor

Document = None | bool | int | float | str | Sequence["Document"] | Mapping[str, "Document"]


class Console:
    """Where a command prints. Losing stdout (closed pipe, full disk) never stops the work: see `lost`.

    `wants_json` says that the command shall give one document by `json` and nothing else on stdout.
    """

    def __init__(
        self,
        stdout: TextIO | None,
        stderr: TextIO | None,
        *,
        wants_json: bool = False,
        verbose: bool = False,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._stdout = stdout
        self._stderr = stderr
        self._variables = variables or {}
        self.wants_json = wants_json
        self.verbose = verbose
        self.redactor: Redactor | None = None
        """Set by a run once its secrets are known; takes them out of everything printed."""
        self.lost = ""
        """Why a result could not be written to stdout, empty if all is well; otherwise the end is exit 4."""
        for stream in (stdout, stderr):
            if stream is not None and hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")

    def redacted(self, text: str) -> str:
        """`text` without the secrets that are known."""
        return text if self.redactor is None else self.redactor.text(text)

    @property
    def terminal(self) -> bool:
        """True if a person watches stdout."""
        return self._stdout is not None and not self.lost and _is_terminal(self._stdout)

    @property
    def watched(self) -> bool:
        """True if a person watches stderr, where progress is shown."""
        return self._stderr is not None and _is_terminal(self._stderr)

    def out(self, text: str = "") -> None:
        """A result: lines of text on stdout. Where a JSON document is wanted it goes to stderr."""
        if self.wants_json:
            self.error(text)
        else:
            self._write_out(self._clean(text) + "\n")

    def error(self, text: str) -> None:
        """A message: lines of text on stderr. Nobody can be told that stderr is lost."""
        if self._stderr is None:
            return
        try:
            self._stderr.write(self._clean(text) + "\n")
            self._stderr.flush()
        except (OSError, ValueError):
            _silence(self._stderr)
            self._stderr = None

    def json(self, document: Document) -> None:
        r"""The one document of a command, in ASCII: other characters, steering ones too, as `\uNNNN`."""
        self._write_out(self.redacted(json.dumps(document, indent=2, allow_nan=False)) + "\n")

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table on stdout: drawn by rich for a person, plain aligned text otherwise."""
        cells = [[visible(self.redacted(cell)) for cell in row] for row in rows]
        if self.terminal and not self.wants_json:
            self._draw(title, columns, cells)
        else:
            self.out(plain_table(title, columns, cells))

    def rich_errors(self) -> "Terminal":
        """Rich's console on stderr, for live progress if `watched`. Texts given to it must be escaped."""
        return self._rich(self._stderr)

    def rich_out(self) -> "Terminal":
        """Rich's console on stdout, for what stays on the screen if `terminal`; texts as above."""
        return self._rich(self._stdout)

    def _rich(self, stream: TextIO | None) -> "Terminal":
        from rich.console import Console as Terminal  # noqa: PLC0415 - slow to import, needed on terminals only

        return Terminal(file=stream, markup=False, highlight=False, emoji=False, _environ=self._variables)

    def _draw(self, title: str, columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
        from rich.table import Table  # noqa: PLC0415 - slow to import, needed on terminals only
        from rich.text import Text  # noqa: PLC0415 - as above

        table = Table(title=Text(visible(title)) if title else None, title_justify="left")
        for column in columns:
            table.add_column(Text(column), overflow="fold")
        for row in cells:
            table.add_row(*(Text(cell, style=_style(cell)) for cell in row))
        self.draw(table)

    def draw(self, shown: "RenderableType") -> None:
        """Something of rich's on stdout, for a person. Texts in it must be escaped."""
        terminal = self.rich_out()
        with terminal.capture() as drawn:
            terminal.print(shown)
        self._write_out(drawn.get())

    def _clean(self, text: str) -> str:
        return visible(self.redacted(text), lines=True)

    def _write_out(self, text: str) -> None:
        if self._stdout is None:
            self.lost = self.lost or os.strerror(errno.EBADF)
            return
        try:
            self._stdout.write(text)
            self._stdout.flush()
        except (OSError, ValueError) as error:
            self.lost = getattr(error, "strerror", None) or str(error)
            _silence(self._stdout)
            self._stdout = None


def plain_table(title: str, columns: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """Aligned columns, two spaces between them, no lines drawn."""
    rows = [[column.upper() for column in columns], *cells]
    widths = [max(len(row[index]) for row in rows) for index in range(len(columns))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return "\n".join([title, *lines] if title else lines)


def _style(cell: str) -> str:
    if cell in {"ok", "changed"}:
        return "green"
    if cell in {"failed", "unreachable", "timed_out", "cancelled", "lost", "broken"}:
        return "bold red"
    return "yellow" if cell in {"held", "skipped"} else ""


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:
        return False


def _silence(stream: TextIO) -> None:
    """Point a lost stream at nothing, so that the interpreter's own flush at exit does not fail once more."""
    try:
        number = stream.fileno()
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, number)
        os.close(nothing)
    except (OSError, ValueError):
        pass


def standard_streams() -> tuple[TextIO | None, TextIO | None]:
    """Give stdout and stderr, None where the caller closed them.

    Closed descriptors 0 to 2 are opened on /dev/null, or the run log would get their numbers and whatever a
    library prints would be written into it.
    """
    streams = (sys.stdout, sys.stderr)
    number = os.open(os.devnull, os.O_RDWR)
    while number <= 2:  # noqa: PLR2004 - the last standard stream
        number = os.dup(number)
    os.close(number)
    return streams
