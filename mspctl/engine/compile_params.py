"""The parameters of a playbook and of its steps: defaults, templates, types."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NoReturn

from mspctl.errors import ConfigurationError, Problem
from mspctl.model.fit import Fitted, Misfit, fit, looks_like_secret
from mspctl.model.inventory import Client, ConnectionKind, Host
from mspctl.model.playbook import Module, Parameter, ParameterType, Playbook, Step
from mspctl.model.secret import SecretRef
from mspctl.model.suggestion import did_you_mean
from mspctl.model.value import Value
from mspctl.ports import Renderer

NAMES = ("client", "site", "host", "vars", "params", "policy", "backup", "security")
"""What a template of a playbook may name (and `file`, `template`, which the renderer adds)."""

# Words only: a text that merely mentions a host is rendered for each host, which costs time and nothing else.
_DIFFERS = re.compile(r"\b(client|site|host|vars|backup|security|template|self)\b")
_POLICY = re.compile(r"\bpolicy\b")
_SHOWN = 60


class Reach(Enum):
    """For which hosts the parameters of a step are the same."""

    RUN = "run"
    POLICY = "policy"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class SecurityNames:
    """What `security` is in a template: `waived` names the checks that somebody answers for today."""

    ports: tuple[str, ...] = ()
    suid: tuple[str, ...] = ()
    superusers: tuple[str, ...] = ()
    router: bool = False
    administrators: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()
    support: tuple[str, ...] = ()
    """Until when systems are supported, a line each (`SupportTable.lines`)."""


_NO_SECURITY = SecurityNames()


@dataclass(frozen=True, slots=True)
class PolicyNames:
    """What `policy` is in a template; the defaults are of a host about which the inventory says nothing."""

    scope: str = "all"
    rules: tuple[str, ...] = ()
    approval: str = "none"
    defer_days: int = 0
    defer_security_days: int = 0
    reboot: str = "never"
    reboot_allowed: bool = True
    allow_removals: bool = False
    probes: tuple[str, ...] = ()
    drain: str = ""
    undrain: str = ""
    before: str = ""
    after: str = ""
    snapshot: str = ""
    warn_users: int = 0
    security: SecurityNames = _NO_SECURITY
    """Named by itself in templates."""


@dataclass(frozen=True, slots=True)
class BackupNames:
    """What `backup` is in a template; without a backup of ours there is no repository."""

    tool: str = "restic"
    repository: str = ""
    password: SecretRef | None = None
    sources: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    mountpoints: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    rto: int = 0
    second: str = ""
    second_keep: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    """Of the adapters for `foreign`."""


_NO_POLICY = PolicyNames()
_NO_BACKUP = BackupNames()


@dataclass(frozen=True, slots=True)
class Slot:
    """A secret on its way into a script: the shell function that prints it. It has no text of its own."""

    function: str

    def __str__(self) -> NoReturn:
        message = "secrets only by stdin: use it as {{ name | secret }}"
        raise TypeError(message)


def playbook_params(playbook: Playbook, given: Mapping[str, Value]) -> Mapping[str, Fitted]:
    """The playbook's parameters with what was given on the command line.

    Raises:
        ConfigurationError: unknown names, missing or unfit values; all of them together.
    """
    known = {parameter.name: parameter for parameter in playbook.parameters}
    problems = [
        Problem(
            f"the playbook {playbook.name} has no parameter `{name}`",
            playbook.place,
            "",
            did_you_mean(name, known),
        )
        for name in given
        if name not in known
    ]
    values: dict[str, Fitted] = {}
    for parameter in playbook.parameters:
        fitted = fit(parameter, given.get(parameter.name, parameter.default))
        if isinstance(fitted, Misfit):
            hint = fitted.hint or f"-e {parameter.name}=…"
            problems.append(Problem(fitted.problem, playbook.place, f"params.{parameter.name}", hint))
        else:
            values[parameter.name] = fitted
    if problems:
        raise ConfigurationError.of(tuple(problems))
    return values


def names_for(
    host: Host, client: Client, params: Mapping[str, Fitted], policy: PolicyNames = _NO_POLICY
) -> Mapping[str, object]:
    """What the templates of one host's parameters may name. Nothing here comes from the host itself."""
    return {
        "client": {"slug": client.slug, "name": client.name, "timezone": client.timezone},
        "site": {"name": host.site},
        "host": {
            "name": host.name,
            "address": host.access.address,
            "os": host.os,
            "platform": "windows" if host.windows else "linux",
            "tags": tuple(sorted(host.tags)),
            "client": host.client,
            "user": host.access.user,
            "login": _login(host),
        },
        "vars": host.variables,
        "params": params,
        "policy": policy,
        "backup": _backup_names(host),
        "security": policy.security,
    }


def _login(host: Host) -> str:
    """How we get in: what a remedy must not shut. With a password beside a key it may be either."""
    if host.access.connection is ConnectionKind.LOCAL:
        return "none"
    return "key" if host.access.password is None else "password"


def _backup_names(host: Host) -> BackupNames:
    policy = host.backup
    foreign = tuple(each.rule for each in policy.foreign)
    kinds = tuple(dict.fromkeys(each.kind for each in policy.foreign))
    if not policy.wanted:
        return BackupNames(foreign=foreign, kinds=kinds) if foreign else _NO_BACKUP
    return BackupNames(
        policy.tool.value,
        policy.repository_of(host.client, host.site, host.name),
        policy.password,
        policy.sources,
        policy.excludes,
        policy.mountpoints,
        policy.databases,
        # Where nothing can be removed, nothing is to be tried; its server keeps what it keeps.
        () if policy.immutable else policy.keep.rules,
        foreign,
        round(policy.goals.rto),
        policy.second_of(host.client, host.site, host.name),
        () if policy.second.immutable else policy.keep.rules,
        kinds,
    )


def reach(step: Step, renderer: Renderer) -> Reach:
    """For which hosts of a run the step's parameters are the same: it depends on what its templates name."""
    texts = [text for value in step.params.values() for text in _texts(value) if not renderer.constant(text)]
    if any(map(_DIFFERS.search, texts)):
        return Reach.HOST
    return Reach.POLICY if any(map(_POLICY.search, texts)) else Reach.RUN


def names_policy(playbook: Playbook) -> bool:
    """True if a template of the playbook may name `policy`."""
    steps = (*playbook.steps, *playbook.handlers)
    values = (value for step in steps for value in step.params.values())
    return any(_POLICY.search(text) for value in values for text in _texts(value))


def names_support(playbook: Playbook) -> bool:
    """True if a template of the playbook may name `security.support`."""
    values = (value for step in playbook.steps for value in step.params.values())
    return any("security.support" in text for value in values for text in _texts(value))


def step_params(
    step: Step, module: Module, names: Mapping[str, object], renderer: Renderer, *, windows: bool = False
) -> tuple[Mapping[str, Fitted], tuple[Problem, ...]]:
    """A step's parameters in their own types, and what is wrong with them."""
    values: dict[str, Fitted] = {}
    problems: list[Problem] = []
    for parameter in module.parameters:
        place, path = step.place_of(parameter.name), f"{step.name}.{parameter.name}"
        try:
            value = _rendered(step, parameter, names, renderer, windows=windows)
        except ConfigurationError as error:
            problems += (Problem(p.problem, p.place or place, path, p.hint) for p in error.problems)
            continue
        fitted = fit(parameter, value)
        if isinstance(fitted, Misfit):
            problems.append(Problem(fitted.problem, place, path, fitted.hint))
        else:
            values[parameter.name] = fitted
    return values, tuple(problems)


def summary(values: Mapping[str, Fitted]) -> tuple[tuple[str, str], ...]:
    """The parameters for people: what is set, shortened, secrets by reference."""
    return tuple((name, _short(value)) for name, value in values.items() if value not in (None, ()))


def _rendered(
    step: Step, parameter: Parameter, names: Mapping[str, object], renderer: Renderer, *, windows: bool
) -> Fitted:
    if parameter.name not in step.params:
        return parameter.default
    value, place = step.params[parameter.name], step.place_of(parameter.name)
    if isinstance(value, str) and parameter.type is ParameterType.SHELL:
        return renderer.shell_text(value, names, place=place, windows=windows)
    if isinstance(value, str) and not renderer.constant(value):
        return _usable(renderer.value(value, names, place=place), parameter)
    if isinstance(value, tuple):
        items = (
            renderer.value(item, names, place=place) if isinstance(item, str) else item for item in value
        )
        return _usable(tuple(items), parameter)
    return value


def _usable(value: object, parameter: Parameter) -> Fitted:
    """What a template gave, as a value; a reference to a secret only where secrets go."""
    if isinstance(value, list):
        value = tuple(value)
    secret = parameter.type is ParameterType.SECRET
    if not secret and any(map(looks_like_secret, _texts(value))):
        hint = "secrets go only into parameters of type secret"
        raise ConfigurationError(
            f"a reference to a secret cannot be used for a parameter of type {parameter.type}", hint=hint
        )
    if value is None or isinstance(value, str | int | float | tuple | Mapping | SecretRef):
        return value
    raise ConfigurationError(f"the template gives a {type(value).__name__}, not a value")


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)


def _short(value: Fitted) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        text = ", ".join(map(str, value))
    elif isinstance(value, float) and value.is_integer():
        text = str(int(value))
    else:
        text = str(value)
    text = text if text.isprintable() else repr(text)[1:-1]
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
