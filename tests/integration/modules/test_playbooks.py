"""The shipped playbooks compile as they are, and do on a real host what their description says."""

import re

import pytest

from mspctl.engine.compile_guards import unmet_platform
from mspctl.engine.compile_params import PolicyNames, names_for, playbook_params, step_params
from mspctl.library.folders import open_library
from mspctl.model.inventory import Access, Client, Host, Site
from mspctl.model.outcome import StepStatus
from mspctl.model.playbook import Playbook, Step
from mspctl.model.secret import SecretRef
from mspctl.render.jinja import JinjaRenderer
from mspctl.testing import lab
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.modules.runner import run
from tests.integration.modules.samples import Use

_PARAMETER = re.compile(r"\bparams\.([a-z_]+)")


def _steps(playbook: Playbook) -> list[Step]:
    """Those that a Linux host has."""
    library = open_library(None)
    here = [step for step in playbook.steps if not unmet_platform(step.when, "linux")]
    return [step for step in here if library.module(step.module).posix is not None]


def _uses(playbook: Playbook) -> list[Use]:
    """Its steps with the defaults of its parameters, for a host without a policy."""
    host = Host("acme", "hq", "web1", Access())
    defaults = playbook_params(playbook, {})
    names = names_for(host, Client("acme", "Acme", "UTC", (Site("hq", (host,)),)), defaults, PolicyNames())
    library, renderer = open_library(None), JinjaRenderer()
    uses = []
    for step in _steps(playbook):
        values, problems = step_params(step, library.module(step.module), names, renderer)
        assert not problems
        uses.append(
            Use(
                step.module, {key: value for key, value in values.items() if not isinstance(value, SecretRef)}
            )
        )
    return uses


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "name",
    [
        "patch",
        "update",
        "health",
        "rollback",
        "backup",
        "backup-verify",
        "backup-prove",
        "backup-tools",
        "restore",
        "restore-list",
    ],
)
def test_every_parameter_of_a_playbook_is_used_and_every_module_is_there(name: str) -> None:
    library = open_library(None)
    playbook = library.playbook(name)
    given = [str(text) for step in playbook.steps for text in step.params.values()]
    used = {match for text in given for match in _PARAMETER.findall(text)}
    assert used == {each.name for each in playbook.parameters}
    for step in playbook.steps:
        known = {each.name for each in library.module(step.module).parameters}
        assert set(step.params) <= known, step.name


@pytest.mark.timeout(240)
def test_health_changes_nothing_and_needs_no_lock_and_no_root() -> None:
    library = open_library(None)
    modules = [library.module(step.module) for step in library.playbook("health").steps]
    assert not any(module.changes or module.needs_root for module in modules)


@pytest.mark.lab
@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", ["patch", "update"])
def test_a_night_and_the_night_after_it(lab_hosts: LabHosts, name: str) -> None:
    host = lab_hosts(lab.HostSpec("patient", ("web", "ssl", "kernel")))
    uses = _uses(open_library(None).playbook(name))
    host.run_inside(["apt-mark", "auto", "lab-orphan"])
    first = run(host, *uses)
    assert not [result.reason for result in first if result.status is StepStatus.FAILED]
    names = [step.name for step in _steps(open_library(None).playbook(name))]
    upgrade, autoremove, reboot, look = (
        first[names.index(step)]
        for step in ("Upgrade packages", "Remove what nothing needs", "Reboot", "Look again")
    )
    assert set(upgrade.changes) == {"lab-web", "lab-ssl", "lab-kernel"}
    assert autoremove.status is (StepStatus.SKIPPED if name == "patch" else StepStatus.CHANGED)
    assert reboot.status is StepStatus.OK
    assert reboot.findings["reboot-required"]
    assert look.metrics["packages.pending"] == "0"
    second = run(host, *uses)
    assert {result.status for result in second} <= {StepStatus.OK, StepStatus.SKIPPED}
    assert not any(result.changes for result in second)
