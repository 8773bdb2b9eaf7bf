"""Playbook, hosts and modules become a plan, before any connection; nothing is looked up after this."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mspctl.engine.compile_check import check_playbook
from mspctl.engine.compile_choice import choose
from mspctl.engine.compile_digest import digest_of
from mspctl.engine.compile_libraries import libraries_for, library_file
from mspctl.engine.compile_params import PolicyNames, names_for, playbook_params
from mspctl.engine.compile_problems import Findings
from mspctl.engine.compile_steps import HostSteps, StepMaker
from mspctl.engine.patchrules import PolicyBook
from mspctl.errors import InternalError
from mspctl.model.bundle import NOTHING_AROUND, Around, Bundle, Plan
from mspctl.model.inventory import Client, Host
from mspctl.model.playbook import Playbook
from mspctl.model.selection import Selection
from mspctl.model.value import Value
from mspctl.ports import Library, Renderer

Policies = Callable[[Host], PolicyNames]
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_FRAME = ("launch", "worker", "finish")


def compile_plan(  # noqa: PLR0913 - everything that decides about a run, each by its name
    playbook: Playbook,
    selection: Selection,
    clients: Sequence[Client],
    library: Library,
    renderer: Renderer,
    *,
    params: Mapping[str, Value],
    tags: Collection[str] = (),
    skip_tags: Collection[str] = (),
    check_mode: bool = False,
    inventory_digest: str = "",
    policies: Policies | None = None,
) -> Plan:
    """One bundle per selected host, in the order of the selection.

    `clients` holds at least those of the selected hosts, `params` what `-e name=value` gave. `policies` says
    what templates may name as `policy`; without it that is the inventory's policy as of the year 2000, when
    nothing was known and no hold had ended.

    Raises:
        ConfigurationError: playbook, modules or values are wrong for some host; all problems of all hosts
            together, the same one once. If one host cannot be compiled, none is.
        UsageError: the tags leave no step.
    """
    check_playbook(playbook, library, renderer)
    values = playbook_params(playbook, params)
    maker = StepMaker(choose(playbook, library, tags, skip_tags), renderer)
    around = bool(playbook.service) and not check_mode
    packer = _Packer(library, check_mode, around)
    named = policies or PolicyBook(_NO_TIME).names
    by_slug = {client.slug: client for client in clients}
    findings, bundles = Findings(), list[Bundle]()
    for host in selection.hosts:
        steps = maker.steps(host, names_for(host, _client(host, by_slug), values, named(host)))
        findings.add(steps.problems, host)
        bundles.append(packer.bundle(host, steps))
    findings.raise_if_any()
    digest = digest_of((playbook.name, check_mode, [bundle.digest for bundle in bundles]))
    return Plan(playbook.name, check_mode, selection, tuple(bundles), digest, inventory_digest)


@dataclass(slots=True)
class _Packer:
    """Puts steps and libraries together; the texts of the frame around each bundle decide, too.

    With `around`, the inventory's lines for this machine are part of the plan.
    """

    library: Library
    check_mode: bool
    around: bool
    _texts: dict[tuple[str, bool], str] = field(default_factory=dict)
    _digests: dict[tuple[bool, tuple[str, ...]], str] = field(default_factory=dict)

    def bundle(self, host: Host, steps: HostSteps) -> Bundle:
        wanted = dict.fromkeys(name for made in steps.made for name in made.libraries)
        names = tuple(wanted) if host.windows else libraries_for(wanted, host.os)
        texts = tuple(self._text(library_file(name), windows=host.windows) for name in names)
        shell = self._digests.get((host.windows, names))
        if shell is None:
            frame = tuple(self._text(name, windows=host.windows) for name in _FRAME)
            shell = self._digests[host.windows, names] = digest_of((frame, texts))
        digests = [made.digest for made in steps.made]
        around = _around(host) if self.around else NOTHING_AROUND
        decisive = (host.key, host.site, host.access, self.check_mode, shell, steps.secrets, digests)
        digest = digest_of(decisive if around == NOTHING_AROUND else (*decisive, around))
        ready = tuple(made.step for made in steps.made)
        return Bundle(host, ready, texts, steps.secrets, digest, self.check_mode, around)

    def _text(self, name: str, *, windows: bool) -> str:
        text = self._texts.get((name, windows))
        if text is None:
            read = self.library.powershell if windows else self.library.shell
            text = self._texts[name, windows] = read(name)
        return text


def _around(host: Host) -> Around:
    policy = host.patching
    if not policy.controller_before and not policy.controller_after:
        return NOTHING_AROUND
    return Around(policy.controller_before, policy.controller_after)


def _client(host: Host, by_slug: Mapping[str, Client]) -> Client:
    client = by_slug.get(host.client)
    if client is None:
        raise InternalError(f"the client {host.client} of the host {host.name} was not handed in")
    return client
