"""The options that all run verbs share, and what they become."""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from mspctl.cli.reasons import given_reason
from mspctl.engine.policy import MaxFail, Share
from mspctl.errors import UsageError
from mspctl.model.outcome import Outcome
from mspctl.model.value import Value
from mspctl.wiring.request import Request, Target

Command = TypeVar("Command", bound=Callable[..., Any])
_SHARE = re.compile(r"(\d{1,9})(%?)")
_PARAMETER = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The shared options as click gives them."""

    target: Target
    check_mode: bool
    forks: int | None
    serial: tuple[Share, ...]
    max_fail: MaxFail
    step_tags: tuple[str, ...]
    skip_step_tags: tuple[str, ...]
    params: Mapping[str, Value]
    yes: bool
    override: str = ""
    report: Path | None = None

    def request(self, playbook: str, *, line: Sequence[str] = ()) -> Request:
        """The request for a playbook (or, with `line`, for one command line)."""
        return Request(
            playbook,
            self.target,
            self.check_mode,
            params=self.params,
            step_tags=self.step_tags,
            skip_step_tags=self.skip_step_tags,
            forks=self.forks,
            serial=self.serial,
            max_fail=self.max_fail,
            command=("mspctl", *sys.argv[1:]),
            override=self.override,
            line=tuple(line),
        )


class ShareType(click.ParamType[Share]):
    """`5` or `20%`."""

    name = "N|N%"

    def convert(self, value: str | Share, param: click.Parameter | None, ctx: click.Context | None) -> Share:
        return value if isinstance(value, Share) else _share(value, lambda text: self.fail(text, param, ctx))


class WavesType(click.ParamType[tuple[Share, ...]]):
    """`1,5,20%`: the sizes of the waves; the last one repeats."""

    name = "N|N%,…"

    def convert(
        self, value: str | tuple[Share, ...], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Share, ...]:
        if isinstance(value, tuple):
            return value
        sizes = tuple(_share(part, lambda text: self.fail(text, param, ctx)) for part in value.split(","))
        if any(size.amount == 0 for size in sizes):
            self.fail("a wave has at least one host", param, ctx)
        return sizes


class MaxFailType(click.ParamType[MaxFail]):
    """`10%` for all bad outcomes together, `failed=1,unreachable=20%` for each by its name."""

    name = "N|N%|OUTCOME=N,…"

    def convert(
        self, value: str | MaxFail, param: click.Parameter | None, ctx: click.Context | None
    ) -> MaxFail:
        if isinstance(value, MaxFail):
            return value
        overall: Share | None = None
        each: dict[Outcome, Share] = {}
        for part in value.split(","):
            name, equals, text = part.strip().rpartition("=")
            share = _share(text, lambda text: self.fail(text, param, ctx))
            if not equals:
                overall = share
            elif name in _BAD:
                each[Outcome(name)] = share
            else:
                self.fail(f"`{name}` is no bad outcome; there are {', '.join(sorted(_BAD))}", param, ctx)
        return MaxFail(overall, each)


_BAD = frozenset(outcome.value for outcome in Outcome if outcome.bad)


def _share(text: str, fail: Callable[[str], None]) -> Share:
    match = _SHARE.fullmatch(text.strip())
    if match is None or (match[2] and int(match[1]) > 100):  # noqa: PLR2004 - per cent
        fail(f"`{text}` is neither a number of hosts nor a percentage such as 20%")
        return Share(0)
    return Share(int(match[1]), percent=bool(match[2]))


def _parameters(_ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> Mapping[str, Value]:
    values: dict[str, Value] = {}
    for text in given:
        match = _PARAMETER.fullmatch(text)
        if match is None:
            raise click.BadParameter(f"`{text}` is not name=value")
        if match[1] in values:
            raise click.BadParameter(f"{match[1]} is given twice")
        values[match[1]] = match[2]
    return values


TARGET = (
    click.option("--client", "clients", multiple=True, metavar="NAME", help="A client; may be repeated."),
    click.option("--all", "everyone", is_flag=True, help="Every client of the project."),
    click.option("--site", metavar="NAME", help="Only hosts of this site."),
    click.option(
        "--tag", "tags", multiple=True, metavar="TAG", help="Only hosts with this tag (and the others)."
    ),
    click.option(
        "--limit", metavar="PATTERN", help="Only these: names, globs, @tags; `!` takes away; commas between."
    ),
    click.option(
        "--max-hosts", type=click.IntRange(1), metavar="N", help="Refuse a selection of more hosts than this."
    ),
)
PARAMETERS = click.option(
    "-e",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_parameters,
    help="A parameter of the playbook.",
)
MODULE_PARAMETERS = click.option(
    "-e",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_parameters,
    help="A parameter of the module.",
)
CHOICE = (
    click.option("--check", "check_mode", is_flag=True, help="Say what would change; change nothing."),
    click.option("--step-tags", multiple=True, metavar="TAG", help="Only steps with one of these tags."),
    click.option("--skip-step-tags", multiple=True, metavar="TAG", help="No steps with one of these tags."),
    PARAMETERS,
)
PACE = (
    click.option("--forks", type=click.IntRange(1, 1000), metavar="N", help="So many hosts at once."),
    click.option(
        "--serial", type=WavesType(), default=None, help="Waves: one after the other; the last size repeats."
    ),
    click.option(
        "--max-fail",
        type=MaxFailType(),
        default=None,
        help="Start no further hosts when more than this ended badly.",
    ),
    click.option("--yes", is_flag=True, help="Do not ask before touching every client."),
    click.option("--now", "at_once", is_flag=True, help="Outside the windows too; needs --reason."),
    click.option("--reason", metavar="TEXT", help="Why the windows are not obeyed; kept in the run log."),
)


def _wrap(command: Command, options: Sequence[Callable[[Command], Command]]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def target_options(command: Command) -> Command:
    """--client, --all, --site, --tag, --limit, --max-hosts; read them by `target_of`."""
    return _wrap(command, TARGET)


def run_options(command: Command) -> Command:
    """All options of a run verb; read them by `options_of`."""
    return _wrap(command, (*TARGET, *CHOICE, *PACE))


report_option = click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write each client's report of this month there when all is done.",
)
"""Beside `run_options`, for verbs that end in `run_playbook`."""


def plan_options(command: Command) -> Command:
    """The options that decide what is sent to whom."""
    return _wrap(command, (*TARGET, *CHOICE))


def target_of(given: Mapping[str, Any]) -> Target:
    """The target from the options of `target_options`."""
    return Target(
        tuple(dict.fromkeys(given["clients"])),
        given["everyone"],
        given["site"],
        tuple(given["tags"]),
        given["limit"],
        given["max_hosts"],
    )


def options_of(given: Mapping[str, Any]) -> RunOptions:
    """The options of `run_options` or `plan_options`."""
    return RunOptions(
        target_of(given),
        given["check_mode"],
        given.get("forks"),
        given.get("serial") or (),
        given.get("max_fail") or MaxFail(),
        tuple(given["step_tags"]),
        tuple(given["skip_step_tags"]),
        given["params"],
        given.get("yes", False),
        _override(given),
        given.get("report"),
    )


def refuse_options_before(ctx: click.Context, given: Mapping[str, Any]) -> None:
    """For a verb with commands behind it. Raises UsageError: an option stands where no command reads it."""
    if any(ctx.get_parameter_source(name) is not ParameterSource.DEFAULT for name in given):
        raise UsageError(
            f"options go behind `{ctx.invoked_subcommand}`",
            hint=f"{ctx.command_path} {ctx.invoked_subcommand} --client NAME …",
        )


def _override(given: Mapping[str, Any]) -> str:
    """The reason of `--now`; one does not go without the other."""
    reason = given.get("reason") or ""
    if given.get("at_once") and not reason.strip():
        raise UsageError("--now needs --reason TEXT", hint="say why the windows are not obeyed")
    if reason and not given.get("at_once"):
        raise UsageError("--reason belongs to --now")
    return given_reason(reason) if reason else ""
