"""The console script; `python -m mspctl` is the same, for checkouts where nothing is installed."""

import os
import signal
from typing import NoReturn

CANCELLED = 5
"""Exit.CANCELLED, which is not imported yet."""


def start() -> NoReturn:
    """Run the command line. A signal while it is still being read in ends it at once, without a traceback."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(CANCELLED))  # main() has its own answer
    impatient = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if impatient:  # not where it is ignored, as behind `&` in a script
        signal.signal(signal.SIGINT, lambda *_: os._exit(CANCELLED))
    from mspctl.cli.main import main  # noqa: PLC0415 - it is this that takes its time

    if impatient:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    main()


if __name__ == "__main__":
    start()
