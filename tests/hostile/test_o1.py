"""O1: CSI, OSC 8, OSC 52, title, DCS, C1, bidi: stored as raw bytes, printed escaped, tty or not."""

from mspctl.cli.escape import visible
from mspctl.model.outcome import Outcome
from tests.hostile.engine_rows import OneHost
from tests.hostile.engine_rows import one_host as one_host  # noqa: PLC0414 - the fixture
from tests.unit.engine.bundles import output

EVIL = r"\033[2J\033]52;c;cHduZWQ=\a\033]0;title\a\033]8;;http://x\a\033Pq\033\\\302\233m\342\200\256"
RAW = b"\x1b[2J\x1b]52;c;cHduZWQ=\a\x1b]0;title\a\x1b]8;;http://x\a\x1bPq\x1b\\\xc2\x9bm\xe2\x80\xae"


def test_o1(one_host: OneHost) -> None:
    found = one_host.run(f"check() {{ printf '{EVIL}'; ok; }}")
    assert one_host.ending(found).outcome is Outcome.OK
    raw = output(found, 0)
    assert raw == RAW
    shown = visible(raw.decode())
    assert shown.isprintable()
    assert "\\x1b]52" in shown
    assert "\\u202e" in shown
