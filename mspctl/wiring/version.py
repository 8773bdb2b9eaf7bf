"""The version of mspctl that is running."""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed


def version() -> str:
    """As installed; `0+checkout` where the package runs from a folder without being installed."""
    try:
        return installed("mspctl")
    except PackageNotFoundError:
        return "0+checkout"
