"""What <Tab> offers behind the verbs: the project's own clients, hosts, sites, tags, playbooks and runs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from mspctl.errors import MspctlError
from mspctl.wiring.environment import read_environment, state_folder
from mspctl.wiring.options import Options

if TYPE_CHECKING:
    from mspctl.model.inventory import Host
    from mspctl.wiring.app import App

Words = Callable[["App", click.Context], Iterable[str]]
_RUNS = 20
_MOST = 2000
"""A list of more words helps nobody, and shells ask before they print it."""


class Offered(click.types.StringParamType):
    """Text, for which a shell is offered `words`. An inventory that is wrong offers none."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from mspctl.wiring.app import App  # noqa: PLC0415 - the static words need none of it

        del param
        given, comma, begun = incomplete.rpartition(",")
        told = ctx.find_root().params
        project, database = told.get("project"), told.get("database")
        app = App(Options(project=project and Path(project), database=database), read_environment())
        try:
            words = sorted({word for word in self._words(app, ctx) if word.startswith(begun)})
        except MspctlError:
            return []
        return [CompletionItem(f"{given}{comma}{word}") for word in islice(words, _MOST)]


def offer_words(command: click.Command) -> None:
    """Let the parameters of `command`, and of all below it, offer what the project has for them."""
    for parameter in command.params:
        words = _WORDS.get(parameter.name or "")
        if words is not None and parameter.type is click.STRING:
            parameter.type = Offered(words)
    for child in command.commands.values() if isinstance(command, click.Group) else ():
        offer_words(child)


def _clients(app: "App", _ctx: click.Context) -> Sequence[str]:
    return app.client_names()


def _hosts(app: "App", ctx: click.Context) -> Iterable[str]:
    """Bare names where the client is known, else CLIENT/HOST."""
    named = _named(ctx)
    return (host.name if named else host.key for host in _inventory(app, named))


def _sites(app: "App", ctx: click.Context) -> Iterable[str]:
    return (host.site for host in _inventory(app, _named(ctx)))


def _tags(app: "App", ctx: click.Context) -> Iterable[str]:
    return (tag for host in _inventory(app, _named(ctx)) for tag in host.tags)


def _named(ctx: click.Context) -> tuple[str, ...]:
    """The clients that stand on the line already."""
    one, several = ctx.params.get("client"), ctx.params.get("clients")
    return tuple(several or ()) or ((one,) if one else ())


def _inventory(app: "App", clients: tuple[str, ...]) -> Iterable["Host"]:
    return app.inventory(clients or None).hosts


def _playbooks(app: "App", _ctx: click.Context) -> Sequence[str]:
    return app.library.playbook_names()


def _modules(app: "App", _ctx: click.Context) -> Sequence[str]:
    return app.library.module_names()


def _runs(app: "App", _ctx: click.Context) -> Iterable[str]:
    if not state_folder(app.environment).is_dir():
        return ()  # nothing has run here, and to look for it makes no run log
    with closing(app.open_store(write=False)) as store:
        return ["last", *(run.id for run in store.runs(last=_RUNS))]


_WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "client": _clients,
        "clients": _clients,
        "host": _hosts,
        "hosts": _hosts,
        "limit": _hosts,
        "site": _sites,
        "tags": _tags,
        "playbook": _playbooks,
        "module": _modules,
        "run_id": _runs,
    }
)
