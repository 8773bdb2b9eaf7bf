"""Makes the steps of one host ready: values, script, guard. What is the same on many hosts is made once."""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mspctl.engine.compile_choice import Recipe
from mspctl.engine.compile_digest import digest_of, digest_of_json
from mspctl.engine.compile_guards import never, unmet_variable
from mspctl.engine.compile_params import Reach, Slot, reach, step_params, summary
from mspctl.errors import ConfigurationError, Problem
from mspctl.model.bundle import BundleStep
from mspctl.model.fit import Fitted
from mspctl.model.inventory import BecomeMethod, ConnectionKind, Host
from mspctl.model.secret import SecretRef
from mspctl.model.value import Value
from mspctl.ports import Renderer

_CODE = "check() {"
_SIMPLE_PATH = re.compile(r"/[A-Za-z0-9_@%+=:,./-]*")
_Values = tuple[Mapping[str, Fitted], tuple[Problem, ...]]
_Key = tuple[int, float, tuple[object, ...]]


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
    _dropped: dict[tuple[int, str], MadeStep] = field(default_factory=dict)
    _common: dict[tuple[int, float], str] = field(default_factory=dict)

    def steps(self, host: Host, names: Mapping[str, object]) -> HostSteps:
        """All steps for one host."""
        made: list[MadeStep] = []
        secrets: dict[SecretRef, int] = {}
        problems: list[Problem] = []
        for recipe in self.recipes:
            reason = unmet_variable(recipe.step.when, host.variables)
            if reason:
                made.append(self._drop(recipe, reason))
                continue
            values, wrong = self._values(recipe, names)
            wrong = (*wrong, *_unfit_host(recipe, host))
            problems += wrong
            if wrong:
                continue
            try:
                made.append(self._make(recipe, values, secrets, host))
            except ConfigurationError as error:
                problems += error.problems
        return HostSteps(tuple(made), tuple(secrets), tuple(problems))

    def _values(self, recipe: Recipe, names: Mapping[str, object]) -> _Values:
        far = self._reaches.get(recipe.index)
        if far is None:
            far = self._reaches[recipe.index] = reach(recipe.step, self.renderer)
        if far is Reach.HOST:
            return step_params(recipe.step, recipe.module, names, self.renderer)
        key = (recipe.index, names["policy"] if far is Reach.POLICY else None)
        found = self._shared.get(key)
        if found is None:
            found = self._shared[key] = step_params(recipe.step, recipe.module, names, self.renderer)
        return found

    def _make(
        self, recipe: Recipe, values: Mapping[str, Fitted], secrets: dict[SecretRef, int], host: Host
    ) -> MadeStep:
        timeout = recipe.step.timeout or recipe.module.timeout or host.access.deadlines.step
        ready = {name: _slotted(value, secrets) for name, value in values.items()}
        key = (recipe.index, timeout, tuple(ready.values()))
        found = self._made.get(key)
        if found is None:
            body = self.renderer.module(recipe.module, ready)
            step = _bundle_step(recipe, body, timeout, values)
            step = replace(step, code=_constant_end(recipe.module.posix or "", body))
            found = self._made[key] = MadeStep(step, self._digest(step), recipe.module.libraries)
        return found

    def _digest(self, step: BundleStep) -> str:
        """What hosts have in common is digested once."""
        key = (step.index, step.timeout)
        common = self._common.get(key)
        if common is None:
            common = self._common[key] = digest_of(replace(step, body="", code="", params=(), looks_at=()))
        return digest_of_json((common, step.body, step.params))

    def _drop(self, recipe: Recipe, reason: str) -> MadeStep:
        found = self._dropped.get((recipe.index, reason))
        if found is None:
            step = BundleStep(
                recipe.index,
                recipe.step.name,
                recipe.module.name,
                body=":",
                guard=never(reason),
                notifies=recipe.notifies,
                handler=recipe.handler,
                changes=False,
                skipped=reason,
            )
            found = self._dropped[recipe.index, reason] = MadeStep(step, digest_of(step))
        return found


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
        changes=module.changes,
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
    platform = "windows" if (host.os or "").startswith("windows") else "linux"
    if platform not in module.platforms or (platform == "linux" and module.posix is None):
        hint = f"leave the host out, or the step with a tag; the module is for {', '.join(module.platforms)}"
        problems.append(
            Problem(f"the module {module.name} is not for {platform}", step.place, step.name, hint)
        )
    elif module.needs_root and not _can_be_root(host):
        hint = "set `become: sudo` for the host, or `user: root`"
        problems.append(
            Problem("the step needs root, which the host's settings do not give", step.place, step.name, hint)
        )
    return tuple(problems)


def _can_be_root(host: Host) -> bool:
    access = host.access
    if access.become is BecomeMethod.NONE:
        # Who runs mspctl on the local machine is not known here; the host's own answer counts.
        return access.user == "root" or (access.connection is ConnectionKind.LOCAL and not access.user)
    return access.become_user == "root"
