"""The table of verbs: where each one lives and what it says in `mspctl --help`."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

import click

from mspctl.cli.jsonflag import accept_json
from mspctl.errors import UsageError
from mspctl.model.suggestion import did_you_mean

# verb -> (what it does). The command is called `command` in the module `mspctl/cli/<verb>.py`.
VERBS: Mapping[str, str] = MappingProxyType(
    {
        "patch": "Bring all packages up to date, with the checks around it.",
        "update": "Install pending updates, nothing else.",
        "backup": "Back up hosts and look again; verify repositories, prove restores.",
        "restore": "List what can be restored, and restore it.",
        "health": "Look at the hosts; change nothing.",
        "security": "Judge how safe the hosts are; say what is new, fixed and waived; apply remedies.",
        "run": "Run a playbook.",
        "plan": "Show what a playbook would send to each host; connect to none.",
        "diagnose": "Find out what is probably wrong with a host; change nothing.",
        "exec": "Run one command line on the hosts.",
        "inventory": "Check, list, explain and import the inventory.",
        "onboard": "Take over a new client's hosts: scan, pin keys, propose, look, plan.",
        "trust": "Show and pin the host keys and certificates of a client's hosts.",
        "patches": "List pending updates; approve, reject and release them; list missed windows.",
        "runs": "List, show, resume, verify and prune the run log.",
        "db": "Recover what can be read of a damaged run log.",
        "audit": "List and verify what was started, refused and trusted here.",
        "report": "Write a client's report of a month from the run log.",
        "site": "Build the pages on which staff see all clients at a glance.",
        "status": "Show how the fleet or one client stands.",
        "schedule": "List, install and remove what is run when; list what was missed.",
        "monitor": "Ask all probes of a client once; open and close incidents.",
        "incident": "List, show and acknowledge what was down.",
        "incidents": "List the incidents that are open.",
        "uptime": "Show how much of a month each service of a client was up.",
        "volumes": "List file systems with a forecast when they are full.",
        "call": "Start, note, stop, edit and list calls: who worked for a client, when, on what.",
        "ticket": "Take tickets of another system in as calls, and send the time on them there.",
        "sla": "Show how quickly calls were answered and solved, against what was promised.",
        "value": "Show planned and reactive work and what an hour of it brought in; staff only.",
        "invoice": "Draft, approve, credit and export what a client's month costs.",
        "compare": "Bill a client's own months under other plans, and say which is cheaper.",
        "roadmap": "Show what lies ahead of a client: what ends, fills up, comes again, and a budget.",
        "doctor": "Check this machine and this project.",
        "demo": "Make hosts on this machine and patch them before your eyes.",
        "dev": "Record what a module's commands answer on a host, as an example of it.",
        "completion": "Print the completion script for bash, zsh or fish.",
    }
)


class Verbs(click.Group):
    """A group that imports a verb's module only when the verb is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = import_module(f"mspctl.cli.{cmd_name}").command
        if not isinstance(command, click.Command):
            return None
        accept_json(command)
        if ctx.resilient_parsing:
            from mspctl.cli.completing import offer_words  # noqa: PLC0415 - only a shell that completes asks

            offer_words(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in VERBS and not name.startswith("-") and not ctx.resilient_parsing:
            raise UsageError(f"there is no command `{name}`", hint=did_you_mean(name, VERBS))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))
