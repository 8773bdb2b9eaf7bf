"""The options of commands about one client's month."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

_P = ParamSpec("_P")
_R = TypeVar("_R")


def whose_month(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """`--client` and `--month`."""
    month = click.option("--month", required=True, metavar="YYYY-MM", help="Which month.")
    return click.option("--client", required=True, metavar="NAME", help="Whose month.")(month(function))
