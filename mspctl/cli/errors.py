"""Errors as people and programs read them."""

import os
import traceback
from datetime import UTC, datetime

import click

from mspctl.cli.console import Console, Document
from mspctl.cli.exits import Exit
from mspctl.errors import MspctlError, Problem
from mspctl.runstore.filesystem import private_folder
from mspctl.wiring.environment import Environment, state_folder


def report_error(error: MspctlError, console: Console) -> int:
    """A user's mistake or the state of this machine: each problem in a line, each hint below it."""
    for problem in error.problems:
        where = f"{problem.place}: " if problem.place else ""
        path = f"{problem.path}: " if problem.path else ""
        console.error(f"mspctl: {where}{path}{problem.problem}")
        if problem.hint:
            console.error(f"  → {problem.hint}")
    if console.wants_json:
        problems = [_problem_document(problem) for problem in error.problems]
        console.json({"error": {"exit": error.exit_code, "problems": problems}})
    return error.exit_code


def report_usage(error: click.ClickException, console: Console) -> int:
    """A mistake on the command line that click found."""
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "mspctl"
    problem = error.format_message()
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        console.error(problem)
        problem = "Missing command."
    else:
        console.error(f"mspctl: {problem}")
        console.error(f"  → see `{command} --help`")
    if console.wants_json:
        console.json({"error": {"exit": int(Exit.USAGE), "problems": [{"problem": problem}]}})
    return Exit.USAGE


def report_cancelled(console: Console) -> int:
    """A signal, or the answer no."""
    console.error("cancelled")
    if console.wants_json:
        console.json({"error": {"exit": int(Exit.CANCELLED), "problems": [{"problem": "cancelled"}]}})
    return Exit.CANCELLED


def report_bug(error: Exception, console: Console, environment: Environment) -> int:
    """Our own bug: a short message; the traceback, without secrets and local values, in a private file."""
    name = type(error).__name__
    text = console.redacted("".join(traceback.format_exception(error)))
    try:
        where = f"the traceback is in {_keep(text, environment)}; please report it"
    except OSError as failed:
        where = f"the traceback could not be written ({failed.strerror})"
    console.error(f"mspctl: this is a bug in mspctl: {name}: {error}")
    console.error(f"  → {where}")
    if console.wants_json:
        console.json({"error": {"exit": int(Exit.INTERNAL), "problems": [{"problem": f"{name}: {error}"}]}})
    return Exit.INTERNAL


def _keep(text: str, environment: Environment) -> str:
    folder = state_folder(environment) / "tracebacks"
    private_folder(folder)
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return str(path)


def _problem_document(problem: Problem) -> Document:
    document: dict[str, Document] = {"problem": problem.problem, "path": problem.path, "hint": problem.hint}
    if problem.place:
        place = problem.place
        document |= {"file": place.file, "line": place.line, "column": place.column}
    return document
