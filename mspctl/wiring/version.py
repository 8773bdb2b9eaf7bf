"""The version of mspctl that is running."""

from mspctl import __version__


def version() -> str:
    """The package's own word: asking the installer's records costs as much as all of `mspctl --help`."""
    return __version__
