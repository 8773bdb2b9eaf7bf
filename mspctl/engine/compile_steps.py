"""Makes the steps of one host ready: values, script, guard. What is the same on many hosts is made once."""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mspctl.engine import compile_guards_windows as windows
from mspctl.engine.compile_choice import Recipe
from mspctl.engine.compile_digest import digest_of, digest_of_json
from mspctl.engine.compile_guards import never, unmet_platform, unmet_variable
from mspctl.engine.compile_params import Reach, Slot, reach, step_params, summary
from mspctl.errors import ConfigurationError, Problem
from mspctl.model.bundle import BundleStep
from mspctl.model.fit import Fitted
from mspctl.model.inventory import BecomeMethod, ConnectionKind, Host
from mspctl.model.playbook import Elsewhere, Module, ParameterType
from mspctl.model.secret import SecretRef
from mspctl.model.value import Value
from mspctl.ports import Renderer

_CODE = "check() {"
ADAPTERS = "foreign"
"""Begins the name of a library that is an adapter, as the Library knows it."""
_SIMPLE_PATH = re.compile(r"/[A-Za-z0-9_@%+=:,./-]*")
_Values = tuple[Mapping[str, Fitted], tuple[Problem, ...]]
_Key = tuple[int, float, bool, tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class MadeStep:
    """A step of one host with its digest; `libraries` names the shell files that it needs."""

    step: BundleStep
    digest: str
    libraries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HostSteps:
    """The steps of one host, the secrets that they ask for, and what is wrong."""

    made: tuple[MadeStep, ...]
    secrets: tuple[SecretRef, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class StepMaker:
    """Makes steps for the hosts of one plan and remembers them by value."""

    recipes: Sequence[Recipe]
    renderer: Renderer
    _reaches: dict[int, Reach] = field(default_factory=dict)
    _shared: dict[tuple[int, Hashable], _Values] = field(default_factory=dict)
    _made: dict[_Key, MadeStep] = field(default_factory=dict)
    _dropped: dict[tuple[int, str, bool], MadeStep] = field(default_factory=dict)
    _common: dict[tuple[int, float, str, bool], str] = field(default_factory=dict)

    def steps(self, host: Host, names: Mapping[str, object]) -> HostSteps:
        """All steps for one host."""
        made: list[MadeStep] = []
        secrets: dict[SecretRef, int] = {}
        problems: list[Problem] = []
        for recipe in self.recipes:
            reason = unmet_variable(recipe.step.when, host.variables)
            reason = reason or unmet_platform(recipe.step.when, _platform(host))
            reason = reason or _stranger(recipe.module, host)
            if reason:
                made.append(self._drop(recipe, reason, host))
                continue
            values, wrong = self._values(recipe, names, host)
            only_with = recipe.module.only_with
            if only_with and not wrong and not values[only_with]:
                made.append(self._drop(recipe, f"without {only_with} there is nothing to do", host))
                continue
            wrong = (*wrong, *_unfit_host(recipe, host), *_unfit_paths(recipe, values, host))
            problems += wrong
            if wrong:
                continue
            try:
                made.append(self._make(recipe, values, secrets, host))
            except ConfigurationError as error:
                problems += error.problems
        return HostSteps(tuple(made), tuple(secrets), tuple(problems))

    def _values(self, recipe: Recipe, names: Mapping[str, object], host: Host) -> _Values:
        far = self._reaches.get(recipe.index)
        if far is None:
            far = self._reaches[recipe.index] = reach(recipe.step, self.renderer)
        if far is Reach.HOST:
            return self._params(recipe, names, host)
        key = (recipe.index, (host.windows, names["policy"] if far is Reach.POLICY else None))
        found = self._shared.get(key)
        if found is None:
            found = self._shared[key] = self._params(recipe, names, host)
        return found

    def _params(self, recipe: Recipe, names: Mapping[str, object], host: Host) -> _Values:
        return step_params(recipe.step, recipe.module, names, self.renderer, windows=host.windows)

    def _make(
        self, recipe: Recipe, values: Mapping[str, Fitted], secrets: dict[SecretRef, int], host: Host
    ) -> MadeStep:
        timeout = recipe.step.timeout or recipe.module.timeout or host.access.deadlines.step
        ready = {name: _slotted(value, secrets) for name, value in values.items()}
        # The slots of two hosts are called alike; what `params` says of their secrets is not.
        refs = [value for value in values.values() if isinstance(value, SecretRef)]
        key = (recipe.index, timeout, host.windows, (*ready.values(), *refs))
        found = self._made.get(key)
        if found is None:
            module = recipe.module
            body = self.renderer.module(module, ready, windows=host.windows)
            step = _bundle_step(recipe, body, timeout, values)
            if host.windows:
                step = _for_windows(recipe, step, asked=_asked(recipe.module, values))
            else:
                step = replace(step, code=_constant_end(module.posix or "", body))
            libraries = module.windows_libraries if host.windows else module.libraries
            libraries = (*libraries, *_adapters(module, values))
            found = self._made[key] = MadeStep(step, self._digest(step), libraries)
        return found

    def _digest(self, step: BundleStep) -> str:
        """What hosts have in common is digested once."""
        key = (step.index, step.timeout, step.guard, step.changes)
        common = self._common.get(key)
        if common is None:
            common = self._common[key] = digest_of(replace(step, body="", code="", params=(), looks_at=()))
        return digest_of_json((common, step.body, step.params))

    def _drop(self, recipe: Recipe, reason: str, host: Host) -> MadeStep:
        key = (recipe.index, reason, host.windows)
        found = self._dropped.get(key)
        if found is None:
            step = BundleStep(
                recipe.index,
                recipe.step.name,
                recipe.module.name,
                body="" if host.windows else ":",
                guard=windows.never(reason) if host.windows else never(reason),
                notifies=recipe.notifies,
                handler=recipe.handler,
                changes=False,
                skipped=reason,
            )
            found = self._dropped[key] = MadeStep(step, digest_of(step))
        return found


def _adapters(module: Module, values: Mapping[str, Fitted]) -> tuple[str, ...]:
    named = values.get(module.adapters)
    return tuple(f"{ADAPTERS}/{name}" for name in named) if isinstance(named, tuple) else ()


def _bundle_step(recipe: Recipe, body: str, timeout: float, values: Mapping[str, Fitted]) -> BundleStep:
    module = recipe.module
    return BundleStep(
        index=recipe.index,
        name=recipe.step.name,
        module=module.name,
        body=body,
        guard=recipe.guard,
        timeout=timeout,
        on_failure=recipe.step.on_failure,
        notifies=recipe.notifies,
        handler=recipe.handler,
        interruptible=module.interruptible,
        verify=module.verify,
        reboots=module.reboots,
        shared_look=module.shared_look,
        looks_at=_simple_paths(values, module.looks_at),
        needs_root=module.needs_root,
        changes=module.changes and _asked(module, values),
        params=summary(values),
    )


def _simple_paths(values: Mapping[str, Fitted], names: tuple[str, ...]) -> tuple[str, ...]:
    """Those that a shell takes as one word without quotes; the check asks for the others itself."""
    paths = (values.get(name) for name in names)
    return tuple(path for path in paths if isinstance(path, str) and _SIMPLE_PATH.fullmatch(path))


def _constant_end(template: str, body: str) -> str:
    """From `check` on most modules hold no template language: then that part is the same in every body."""
    start = template.find("\n" + _CODE)
    code = template[start + 1 :].strip("\n") + "\n"
    if start < 0 or any(mark in code for mark in ("{{", "{%", "{#")) or not body.endswith(code):
        return ""
    return code


def _slotted(value: Fitted, secrets: dict[SecretRef, int]) -> Slot | Value:
    if not isinstance(value, SecretRef):
        return value
    return Slot(f"secret_{secrets.setdefault(value, len(secrets))}")


def _unfit_host(recipe: Recipe, host: Host) -> tuple[Problem, ...]:
    module, step = recipe.module, recipe.step
    problems = []
    platform = _platform(host)
    if _not_for(module, host):
        hint = f"leave the host out, or the step with a tag; the module is for {', '.join(module.platforms)}"
        problems.append(
            Problem(f"the module {module.name} is not for {platform}", step.place, step.name, hint)
        )
    elif module.needs_root and not host.windows and not _can_be_root(host):
        hint = "set `become: sudo` for the host, or `user: root`"
        problems.append(
            Problem("the step needs root, which the host's settings do not give", step.place, step.name, hint)
        )
    return tuple(problems)


def _platform(host: Host) -> str:
    return "windows" if host.windows else "linux"


def _not_for(module: Module, host: Host) -> bool:
    script = module.windows if host.windows else module.posix
    return script is None or _platform(host) not in module.platforms


def _stranger(module: Module, host: Host) -> str:
    """Why a step that may be left out on this platform is, empty if it is not."""
    if module.elsewhere is Elsewhere.SKIP and _not_for(module, host):
        return f"the module {module.name} is not for {_platform(host)}"
    return ""


def _unfit_paths(recipe: Recipe, values: Mapping[str, Fitted], host: Host) -> tuple[Problem, ...]:
    """A path of the other platform is absolute there, not here."""
    step = recipe.step
    wrong = [
        parameter.name
        for parameter in recipe.module.parameters
        if parameter.type is ParameterType.PATH
        and parameter.name in step.params
        and isinstance(value := values.get(parameter.name), str)
        and value.startswith("/") is host.windows
    ]
    hint = "a path starts with C:\\ or \\\\server" if host.windows else "a path starts with /"
    return tuple(
        Problem(f"`{name}` is no absolute path on {_platform(host)}", step.place_of(name), step.name, hint)
        for name in wrong
    )


def _asked(module: Module, values: Mapping[str, Fitted]) -> bool:
    """False for a module that only looks, as what it would change is not named."""
    return not module.changes_with or bool(values[module.changes_with])


def _for_windows(recipe: Recipe, step: BundleStep, *, asked: bool) -> BundleStep:
    changes = recipe.module.windows_changes and asked
    return replace(step, guard=recipe.windows_guard, changes=changes, shared_look=False, looks_at=())


def _can_be_root(host: Host) -> bool:
    access = host.access
    if access.become is BecomeMethod.NONE:
        # Who runs mspctl on the local machine is not known here; the host's own answer counts.
        return access.user == "root" or (access.connection is ConnectionKind.LOCAL and not access.user)
    return access.become_user == "root"
