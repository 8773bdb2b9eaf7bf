"""The options of commands that write pages: formats, folder, language."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mspctl.cli.session import Session
from mspctl.errors import UsageError

if TYPE_CHECKING:
    from mspctl.wiring.pages import Paper


def paper_options(*known: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """`--format`, `--output` and `--language`, given to a command as `paper`: None if no file is wanted.

    Stands below `pass_session`.
    """

    def add(function: Callable[..., None]) -> Callable[..., None]:
        @click.option(
            "--format", "formats", default="", metavar="F,F", help=f"Write files: {', '.join(known)}."
        )
        @click.option(
            "--output",
            type=click.Path(path_type=Path),
            default=Path(),
            metavar="DIR",
            help="Where to write files; the current folder by default.",
        )
        @click.option(
            "--language", default="", metavar="LANG", help="Such as en or de; the theme's by default."
        )
        @wraps(function)
        def with_paper(
            session: Session, /, *given: object, formats: str, output: Path, language: str, **rest: object
        ) -> None:
            folder = session.environment.cwd / output
            function(session, *given, paper=_paper(_wanted(formats, known), folder, language), **rest)

        return with_paper

    return add


def _wanted(formats: str, known: tuple[str, ...]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(part.strip() for part in formats.split(",") if part.strip()))
    unknown = [part for part in wanted if part not in known]
    if unknown:
        raise UsageError(f"no such format: {', '.join(unknown)}", hint=", ".join(known))
    return wanted


def _paper(formats: tuple[str, ...], folder: Path, language: str) -> "Paper | None":
    from mspctl.wiring.pages import Paper  # noqa: PLC0415 - --help needs none of it

    return Paper(formats, folder, language) if formats else None


def show_files(session: Session, files: tuple[str, ...]) -> None:
    """The names of what was written."""
    if session.console.wants_json:
        session.console.json({"files": list(files)})
        return
    for file in files:
        session.console.out(file)
