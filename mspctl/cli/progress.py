"""Watching a run: live lines on a terminal, a word per host with -v, otherwise nothing at all."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from mspctl.cli.console import Console
from mspctl.cli.escape import visible
from mspctl.model.event import (
    BundleStarted,
    Connected,
    Event,
    HostEnded,
    HostStarted,
    LinkLost,
    Rebooting,
    StepStarted,
)
from mspctl.model.outcome import Outcome
from mspctl.model.run import HostRun, Run

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

MOST_LINES = 24
NOTICES: Mapping[int, str] = {
    1: "stopping: no new hosts; those at work get ten seconds (once more: stop at once)",
    2: "stopping at once",
}


class Silence:
    """Nobody watches; only trouble beside the run is said."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @property
    def whole(self) -> bool:
        return self._console.wants_json

    def begin(self, runs: Sequence[Run]) -> None:
        """Nothing to say."""

    def see(self, events: Sequence[Event]) -> None:
        """Nothing to say."""

    def stopping(self, signals: int) -> None:
        """Nothing to say: the digest at the end will."""

    def warn(self, text: str) -> None:
        self._console.error(f"mspctl: {text}")

    def spill(self, line: str) -> None:
        self._console.error(line)


class WordPerHost(Silence):
    """With -v and no terminal: a line on stderr when a host ends."""

    def begin(self, runs: Sequence[Run]) -> None:
        for run in runs:
            self._console.error(f"run {run.id}: {len(run.hosts)} hosts")

    def see(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, HostEnded):
                self._console.error(f"{event.host}: {event.outcome} {event.reason}".rstrip())

    def stopping(self, signals: int) -> None:
        if signals in NOTICES:
            self._console.error(NOTICES[signals])


class Lines:
    """What each host is at, as text; knows no terminal."""

    def __init__(self, rows: Sequence[HostRun], *, full_names: bool) -> None:
        self._rows: Mapping[str, HostRun] = {row.host: row for row in rows}
        self._full_names = full_names
        self._active: dict[str, str] = {}
        self._bad: dict[str, str] = {}
        self.counts: Counter[str] = Counter({"waiting": len(rows)})

    def see(self, event: Event) -> None:
        """Take one event."""
        match event:
            case HostEnded():
                self._end(event)
            case HostStarted():
                self.counts["waiting"] -= 1
                self._active[event.host] = "connecting"
            case Connected():
                self._active[event.host] = "connected"
            case BundleStarted():
                self._active[event.host] = "started"
            case StepStarted():
                self._active[event.host] = self._step(event)
            case LinkLost():
                self._active[event.host] = "the link broke; connecting again"
            case Rebooting():
                self._active[event.host] = "rebooting"
            case _:
                pass

    def _step(self, event: StepStarted) -> str:
        outline = self._rows[event.host].outline
        name = outline[event.index].name if 0 <= event.index < len(outline) else ""
        return f"step {event.index + 1} of {len(outline)}: {name}"

    def _end(self, event: HostEnded) -> None:
        if event.host in self._active:
            del self._active[event.host]
        else:
            self.counts["waiting"] -= 1
        self.counts[event.outcome.value] += 1
        if event.outcome.bad:
            self._bad[event.host] = f"{event.outcome.value}: {event.reason}"

    def lines(self, most: int) -> list[tuple[str, str, str]]:
        """(host, what it is at, style), bad ones first to be dropped: at most `most` of them."""
        active = [(self._name(host), text, "") for host, text in self._active.items()]
        bad = [(self._name(host), text, "bold red") for host, text in self._bad.items()]
        room = max(0, most - len(active))
        return [*bad[len(bad) - min(room, len(bad)) :], *active[:most]]

    def summary(self) -> str:
        """Such as `12 waiting, 4 at work, 3 ok, 1 failed`."""
        words = [("waiting", self.counts["waiting"]), ("at work", len(self._active))]
        words += [(outcome.value, self.counts[outcome.value]) for outcome in Outcome]
        return ", ".join(f"{count} {name}" for name, count in words if count)

    def _name(self, host: str) -> str:
        return visible(host if self._full_names else host.partition("/")[2])


class LiveProgress(Silence):
    """One line per host at work, redrawn in place on stderr; gone at the end, when the table says it all."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._lines: Lines | None = None
        self._live: Live | None = None
        self._notice = ""

    def begin(self, runs: Sequence[Run]) -> None:
        from rich.live import Live  # noqa: PLC0415 - slow to import, needed on terminals only

        rows = [row for run in runs for row in run.hosts]
        self._lines = Lines(rows, full_names=len(runs) > 1)
        terminal = self._console.rich_errors()
        self._live = Live(console=terminal, auto_refresh=False, transient=True)
        self._live.start()

    def see(self, events: Sequence[Event]) -> None:
        if self._lines is None or self._live is None:
            return
        for event in events:
            self._lines.see(event)
        try:
            self._live.update(self._drawn(self._lines), refresh=True)
        except OSError:  # the terminal is gone: the run goes on
            self._live = None

    def stopping(self, signals: int) -> None:
        self._notice = NOTICES.get(signals, "")

    def end(self) -> None:
        """Take the lines away."""
        if self._live is not None:
            with suppress(OSError):  # as above
                self._live.stop()
            self._live = None

    def _drawn(self, lines: Lines) -> "RenderableType":
        from rich.table import Table  # noqa: PLC0415 - as above
        from rich.text import Text  # noqa: PLC0415 - as above

        grid = Table.grid(padding=(0, 2))
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True, overflow="ellipsis")
        for host, text, style in lines.lines(MOST_LINES):
            grid.add_row(Text(host), Text(visible(text), style=style))
        grid.add_row(Text(""), Text(lines.summary(), style="bold"))
        if self._notice:
            grid.add_row(Text(""), Text(self._notice, style="yellow"))
        return grid
