"""The security baseline with real tools: each planted fault is found, and a disk without them passes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from mspctl.model.outcome import StepStatus
from tests.integration.modules.here import Here, needs
from tests.integration.modules.runner import Result, run
from tests.integration.modules.samples import NAMES, Use, load
from tests.integration.modules.securitytrees import FAULTY, PARAMETERS, SOUND, plant

pytestmark = pytest.mark.timeout(120)

MODULES = tuple(name for name in NAMES if name.startswith("security-"))
CHECKS = frozenset(check.name for name in MODULES for check in load(name).checks)
# Programs of the host answer these, not its disk: the modules' examples have both directions of them.
ASKED = frozenset({"firewall-rules", "firewall-policy", "time-synchronised"})


def _states(results: list[Result]) -> Mapping[str, str]:
    facts = {name: value for result in results for name, value in result.facts.items()}
    return {name.removeprefix("check."): value for name, value in facts.items()}


class WithSshd(Here):
    """sshd wants a folder in /run before it tells its settings."""

    def inside(self, command: Sequence[str], /) -> list[str]:
        return super().inside(["sh", "-c", 'mkdir -p /run/sshd && exec "$@"', "sh", *command])


def _uses(root: Path) -> list[Use]:
    return [Use(name, {"root": str(root), **PARAMETERS.get(name, {})}) for name in MODULES]


def test_each_check_finds_its_fault_and_passes_without_it(tmp_path: Path) -> None:
    for tool in ("sshd", "openssl", "dpkg-query", "busybox"):
        needs(tool)
    host = WithSshd(tmp_path, {})
    plant(host, tmp_path / "faulty", FAULTY)
    plant(host, tmp_path / "sound", SOUND)
    faulty = run(host, *_uses(tmp_path / "faulty"))
    states = _states(faulty)
    assert set(states) == CHECKS
    assert {name: states[name] for name in CHECKS - ASKED if states[name] != "bad"} == {}
    high = {name for name, module in zip(MODULES, faulty, strict=True) if module.status is StepStatus.FAILED}
    assert high == frozenset(MODULES)
    for shell in (("/bin/sh",), ("/bin/bash",), ("busybox", "sh")):
        sound = run(host, *_uses(tmp_path / "sound"), shell=shell)
        states = _states(sound)
        assert {name: states[name] for name in CHECKS - ASKED if states[name] != "good"} == {}
