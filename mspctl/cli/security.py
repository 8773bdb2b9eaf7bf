"""`mspctl security`: `run` on the playbook of this name, and what has become of its findings."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mspctl.cli.exits import Exit
from mspctl.cli.runoptions import options_of, refuse_options_before, run_options
from mspctl.cli.session import Session, pass_session
from mspctl.errors import UsageError
from mspctl.model.suggestion import did_you_mean

if TYPE_CHECKING:
    from mspctl.cli.console import Console, Document
    from mspctl.cli.runverb import More, Show
    from mspctl.model.run import Run
    from mspctl.report.facts.posture import HostPosture


@click.group("security", invoke_without_command=True)
@run_options
@click.option(
    "--remediate", metavar="ID,…", help="Apply the remedy of these checks where they are bad, and ask again."
)
@click.pass_context
@pass_session
def command(session: Session, ctx: click.Context, /, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Judge how safe a client's hosts are; change nothing but what --remediate names.

    Then: what is new, fixed, still open and waived, against the runs before. With a command behind it,
    options stand behind that.
    """
    if ctx.invoked_subcommand is not None:
        refuse_options_before(ctx, given)
        return 0
    from mspctl.cli.runverb import run_request  # noqa: PLC0415 - --help needs none of it

    options = options_of(given)
    if given["remediate"] is not None:
        asked = _remedies(session, given["remediate"])
        options = replace(options, params={**options.params, "remediate": asked})
    request = options.request("security")
    return run_request(session, request, yes=options.yes, show=_shown(session), more=_told(session))


def _remedies(session: Session, text: str) -> tuple[str, ...]:
    """The ids, each of a check whose remedy can be applied. Raises UsageError."""
    from mspctl.wiring.security import baseline  # noqa: PLC0415 - --help needs none of it

    asked = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    known = baseline(session.app)
    if not asked:
        raise UsageError("--remediate names no check", hint="mspctl security status lists what is open")
    for name in asked:
        if name not in known:
            raise UsageError(f"there is no check `{name}`", hint=did_you_mean(name, known))
        if not known[name].mends:
            why = known[name].person or "its remedy is in mspctl security status"
            raise UsageError(f"nobody can remedy `{name}` but people", hint=why)
    return asked


def _shown(session: Session) -> "Show":
    """Shows a run as all verbs do, and behind it what it has brought."""

    def show(console: "Console", runs: "Sequence[Run]") -> None:
        from mspctl.cli.posture import show_changes  # noqa: PLC0415 - --help needs none of it
        from mspctl.cli.runverb import show_usual  # noqa: PLC0415 - as above

        if show_usual(console, runs):
            show_changes(console, _states(session, runs))

    return show


def _told(session: Session) -> "More":
    """Adds to the document of a run what it has brought."""

    def more(runs: "Sequence[Run]") -> "Mapping[str, Document]":
        from mspctl.cli.posture import posture_documents  # noqa: PLC0415 - --help needs none of it

        return {"security": posture_documents(_states(session, runs))}

    return more


def _states(session: Session, runs: "Sequence[Run]") -> "Sequence[HostPosture]":
    from mspctl.wiring.security import security_states  # noqa: PLC0415 - --help needs none of it

    hosts = {host.host for run in runs for host in run.hosts}
    found = security_states(session.app, tuple(run.client for run in runs))
    return [each for each in found if each.host in hosts]


@command.command("status")
@click.option("--client", "clients", multiple=True, metavar="NAME", help="Only this client; may be repeated.")
@click.option("--days", type=click.IntRange(1, 800), default=100, show_default=True, help="Look back so far.")
@click.option(
    "--due", is_flag=True, help="Only hosts with open findings or no measure; exit code 1 if there are any."
)
@pass_session
def status(session: Session, /, clients: tuple[str, ...], days: int, *, due: bool) -> int:
    """Show each finding as new, still open, waived or fixed, from the run log.

    Connects to no host. A finding whose waiver has ended is open again, and says so.
    """
    from mspctl.cli.posture import show_postures  # noqa: PLC0415 - --help needs none of it
    from mspctl.report.facts.posture import Result  # noqa: PLC0415 - as above
    from mspctl.wiring.security import security_states  # noqa: PLC0415 - as above

    found = security_states(session.app, clients, days)
    open_ones = [each for each in Result if each.open]
    shown = [each for each in found if not due or not each.checks or each.count(*open_ones)]
    show_postures(session.console, shown)
    return int(Exit.BAD_HOSTS) if due and shown else 0


@command.command("scan")
@run_options
@pass_session
def scan(session: Session, /, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Run lynis, OpenSCAP and debsecan where they are installed, and read what they write."""
    from mspctl.cli.runverb import run_playbook  # noqa: PLC0415 - --help needs none of it

    return run_playbook(session, options_of(given), "security-scanners")


@command.command("compare")
@click.option("--client", "clients", multiple=True, metavar="NAME", help="Only this client; may be repeated.")
@click.option("--days", type=click.IntRange(1, 800), default=35, show_default=True, help="Look back so far.")
@pass_session
def compare(session: Session, /, clients: tuple[str, ...], days: int) -> int:
    """Print what the baseline and lynis say of the same things, side by side, from the run log."""
    from mspctl.cli.posture import show_comparison  # noqa: PLC0415 - --help needs none of it
    from mspctl.wiring.security import comparisons  # noqa: PLC0415 - as above

    show_comparison(session.console, comparisons(session.app, clients, days))
    return 0


@command.command("packages")
@run_options
@pass_session
def packages(session: Session, /, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Write down which packages are installed, for `security vulnerabilities`."""
    from mspctl.cli.runverb import run_playbook  # noqa: PLC0415 - --help needs none of it

    return run_playbook(session, options_of(given), "security-packages")


@command.command("vulnerabilities")
@click.option("--client", "clients", multiple=True, metavar="NAME", help="Only this client; may be repeated.")
@click.option(
    "--advisories",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The Debian security tracker's JSON, or records of OSV as JSON or a ZIP of them.",
)
@click.option(
    "--kev",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="CISA's list of known exploited vulnerabilities, as JSON.",
)
@click.option(
    "--days",
    type=click.IntRange(1, 800),
    default=35,
    show_default=True,
    help="Believe lists and files so old.",
)
@click.option("--all", "everything", is_flag=True, help="List those that have no fix, too.")
@click.option("--due", is_flag=True, help="Only hosts that need somebody; exit code 1 if there are any.")
@pass_session
def vulnerabilities(session: Session, /, clients: tuple[str, ...], days: int, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Hold the last lists of installed packages against known vulnerabilities. Asks nobody."""
    from mspctl.cli.vulnerabilities import show_vulnerabilities  # noqa: PLC0415 - --help needs none of it
    from mspctl.wiring.vulnerabilities import (  # noqa: PLC0415 - as above
        Sources,
        host_vulnerabilities,
        needing_somebody,
    )

    sources = Sources(given["advisories"], given["kev"])
    found = host_vulnerabilities(session.app, clients, sources, days)
    due = needing_somebody(found)
    show_vulnerabilities(session.console, due if given["due"] else found, everything=given["everything"])
    return int(Exit.BAD_HOSTS) if given["due"] and due else 0
