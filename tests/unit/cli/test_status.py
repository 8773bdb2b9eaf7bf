"""The fleet on a terminal: as much as fits, nothing that steers it."""

import io

import pytest
from rich.console import Console as Terminal
from rich.console import ConsoleDimensions

from mspctl.cli.console import Console, plain_table
from mspctl.cli.dashboard import dashboard, watch
from mspctl.cli.statusrows import CONCERNS, concern_rows, headline
from mspctl.model.secret import Secret
from mspctl.report.staff.fleet import Fleet
from mspctl.secrets.redact import Redactor
from mspctl.testing.fleetcase import fleet


class Screen(io.StringIO):
    """A terminal of a fixed size."""

    def isatty(self) -> bool:
        return True


def console(screen: io.StringIO) -> Console:
    return Console(screen, io.StringIO(), variables={"TERM": "xterm", "COLUMNS": "140", "LINES": "40"})


def drawn(*, height: int, whole: bool, width: int = 140) -> str:
    out = io.StringIO()
    Terminal(file=out, width=width, markup=False, emoji=False).print(
        dashboard(console(out), fleet(), ConsoleDimensions(width, height), whole=whole)
    )
    return out.getvalue()


def test_the_gravest_comes_first_and_the_rest_is_counted() -> None:
    shown = drawn(height=24, whole=True)
    assert shown.index("incident 7") < shown.index("patch failed") < shown.index("no run in 35 days")
    assert "and 1 more" in shown
    assert "and 40 more" in shown
    assert len(shown.splitlines()) <= 30
    assert "mspctl runs show 20261129T0200Z-acme-patch-0001" in shown
    assert "acme/evil1" in shown
    narrow = drawn(height=24, whole=True, width=100)
    assert "no run in 35 days, held back last: window" in narrow
    assert "mspctl runs show" not in narrow
    assert "clients by risk" in drawn(height=24, whole=False)


def test_nothing_a_host_says_steers_the_terminal() -> None:
    for text in (drawn(height=100, whole=True), plain_table("", CONCERNS, concern_rows(fleet()))):
        assert "onerror" in text
    shown = drawn(height=100, whole=True)
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown


def test_secrets_are_taken_out() -> None:
    out = io.StringIO()
    made = console(out)
    made.redactor = Redactor([Secret("onerror=alert(1)")])
    made.draw(dashboard(made, fleet(), ConsoleDimensions(140, 60), whole=True))
    assert "onerror" not in out.getvalue()


def test_the_headline_counts_everything_once() -> None:
    told = headline(fleet())
    assert told.startswith(
        "Brightwater: 3 clients, 45 computers: 2 in trouble, 1 to look at, 1 not seen, 41 good"
    )


def test_watching_looks_again_until_it_is_stopped() -> None:
    screen, looks = Screen(), []

    def look() -> Fleet:
        looks.append(1)
        return fleet(many=len(looks))

    def pause() -> None:
        if len(looks) == 2:
            raise KeyboardInterrupt

    watch(console(screen), look, pause, whole=False)
    assert len(looks) == 2
    shown = screen.getvalue()
    assert "6 computers" in shown
    assert "7 computers" in shown
    assert shown.endswith("\x1b[?25h") or "\x1b[?1049l" in shown


@pytest.mark.parametrize("whole", [True, False])
def test_an_empty_fleet_is_shown(whole: bool) -> None:  # noqa: FBT001 - pytest's
    out = io.StringIO()
    nobody = Fleet("Brightwater", fleet().made, 35, ())
    made = console(out)
    made.draw(dashboard(made, nobody, ConsoleDimensions(140, 40), whole=whole))
    assert "0 clients" in out.getvalue()
