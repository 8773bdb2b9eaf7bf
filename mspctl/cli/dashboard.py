"""`mspctl status` on a terminal: what fits the screen, the worst first, drawn by rich."""

from collections.abc import Callable, Mapping, Sequence

from rich.console import ConsoleDimensions, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from mspctl.cli.console import Console
from mspctl.cli.escape import visible
from mspctl.cli.statusrows import CLIENTS, CONCERNS, HOSTS, client_rows, concern_rows, headline, host_rows
from mspctl.report.staff.fleet import Fleet, Light
from mspctl.report.staff.site import WORDS

_STYLES: Mapping[Light, str] = {
    Light.BAD: "bold red",
    Light.LOOK: "yellow",
    Light.UNSEEN: "bright_black",
    Light.GOOD: "green",
}
_BAR = 60
_AROUND = 14
"""Lines that are no rows: the panel, titles, heads of the tables."""
_FEWEST = 5
_WIDE = 130
"""Columns from which on there is room for the commands that show the evidence."""


def watch(console: Console, look: Callable[[], Fleet], pause: Callable[[], None], *, whole: bool) -> None:
    """Look again after each pause, on the whole screen, until ^C."""
    terminal = console.rich_out()
    try:
        with Live(console=terminal, screen=True, auto_refresh=False) as live:
            while True:
                live.update(dashboard(console, look(), terminal.size, whole=whole), refresh=True)
                pause()
    except KeyboardInterrupt:
        return


def dashboard(console: Console, fleet: Fleet, size: ConsoleDimensions, *, whole: bool) -> RenderableType:
    """The fleet on a screen of this size; `whole` is the view of one client, with its computers."""
    room = max(_FEWEST, (size.height - _AROUND) // 2)
    shown = len(CONCERNS) if size.width >= _WIDE else len(CONCERNS) - 1
    concerns = [row[:shown] for row in concern_rows(fleet)]
    rows = host_rows(fleet) if whole else client_rows(fleet)
    title = "computers" if whole else "clients by risk"
    return Group(
        Panel(Group(Text(visible(console.redacted(headline(fleet)))), _bar(fleet.lights))),
        *_table(console, "what to look at", CONCERNS[:shown], concerns, room),
        *_table(console, title, HOSTS if whole else CLIENTS, rows, room),
    )


def _text(console: Console, text: str, style: str = "") -> Text:
    return Text(visible(console.redacted(text)), style=style, no_wrap=True, overflow="ellipsis")


def _bar(lights: Mapping[Light, int]) -> Text:
    """A block for every part of the fleet; what is there at all has one at least."""
    bar = Text()
    total = sum(lights.values())
    for light in WORDS:
        if count := lights.get(light, 0):
            bar.append("█" * max(1, round(_BAR * count / total)), style=_STYLES[light])
    return bar


def _table(
    console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], room: int
) -> Sequence[RenderableType]:
    if not rows:
        return (Text(f"{title}: nothing", style="green"),)
    table = Table(title=title, title_justify="left", expand=True)
    styles = {words: _STYLES[light] for light, words in WORDS.items()}
    for column in columns:
        # Where it is narrow, the words are cut first: names and commands are of use only when they are whole.
        table.add_column(column, overflow="ellipsis", no_wrap=column != "what")
    for row in rows[:room]:
        table.add_row(*(_text(console, cell, styles.get(cell, "")) for cell in row))
    more = len(rows) - room
    return (table, Text(f"and {more} more", style="bright_black")) if more > 0 else (table,)
