"""Whatever the policy says: the forecast is what is then changed, and it is what the policy allows."""

import os
import random
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

import pytest

from mspctl.model.outcome import Forecast, StepStatus
from mspctl.model.value import Value
from mspctl.testing import lab
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.managers.managers import HELD, MANAGERS, NEW, PENDING, Manager
from tests.integration.modules.runner import Result, run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.lab_flavours, pytest.mark.timeout(360)]

_CASES = 6
_SEED = os.environ.get("MSPCTL_SOAK_SEED", "5")
_FIRST = ("hold", "reject", "quarantine", "exclude")
_REASONS = {"hold": "policy-hold", "reject": "rejected", "quarantine": "quarantined", "exclude": "excluded"}
_NAMES = (*PENDING, NEW, "lab-*", "lab-[ks]*", "lab-we?", "lab-[!w]*", "other", "lab")
_VERSIONS = ("*", "1.1*", "1.*", "2.0", "")


@dataclass(frozen=True, slots=True)
class Case:
    """What a policy may say, and what must come of it."""

    manager: Manager
    rules: tuple[str, ...] = ()
    scope: str = "all"
    approval: str = "none"
    days: int = 0
    security_days: int = 0
    names: tuple[str, ...] = ()

    @property
    def use(self) -> Use:
        values: dict[str, Value] = {"action": "upgrade", "scope": self.scope, "rules": self.rules}
        values |= {"approval": self.approval, "defer_days": self.days, "names": self.names}
        return Use("packages", values | {"defer_security_days": self.security_days})

    def verdict(self, name: str) -> str:
        """Why the policy keeps this package back; empty if it does not."""
        for code in _FIRST:
            if self._rule(code, name):
                return _REASONS[code]
        if name == NEW:
            return ""
        if any(rule.startswith("include|") for rule in self.rules) and not self._rule("include", name):
            return "not-included"
        security = self.manager.security and name == "lab-ssl"
        asked = self.approval == "all" or (self.approval == "feature" and not security)
        if asked and not self._rule("approve", name):
            return "approval"
        wait = self.security_days if security else self.days
        return "deferred" if wait and not self._rule("ripe", name) else ""

    @property
    def held(self) -> dict[str, str]:
        """What stays behind, and why."""
        found = {name: self.verdict(name) for name in PENDING if self.verdict(name)}
        if self.verdict(NEW) and "lab-newdep" not in found and self._wanted("lab-newdep"):
            found["lab-newdep"] = "kept-back"
        return found

    @property
    def changed(self) -> set[str]:
        """What an upgrade changes."""
        names = {name for name in PENDING if name not in self.held and self._wanted(name)}
        return names | ({NEW} if "lab-newdep" in names else set())

    def _wanted(self, name: str) -> bool:
        return self.scope == "all" or (name in self.names if self.scope == "named" else name == "lab-ssl")

    def _rule(self, code: str, name: str) -> bool:
        parts = (rule.split("|") for rule in self.rules)
        return any(
            part[0] == code
            and fnmatchcase(name, part[1])
            and fnmatchcase(self.manager.version, part[2] or "*")
            for part in parts
        )


def _random_case(manager: Manager, chance: random.Random) -> Case:
    codes = (*_FIRST, "include", "approve", "ripe")
    rules = tuple(
        f"{chance.choice(codes)}|{chance.choice(_NAMES)}|{chance.choice(_VERSIONS)}|it's {number} | so"
        for number in range(chance.randint(0, 5))
    )
    scope = chance.choice(
        ("all", "all", "named", "security") if manager.security else ("all", "all", "named")
    )
    approval = chance.choice(("none", "none", "feature", "all"))
    days, security_days = chance.choice((0, 0, 7)), chance.choice((0, 0, 2))
    names = tuple(chance.sample((*PENDING, HELD, "other"), 3)) if scope == "named" else ()
    return Case(manager, rules, scope, approval, days, security_days, names)


def _cases(manager: Manager) -> Iterable[Case]:
    """The two that show most, then others by chance; a soak has others than every other run."""
    yield Case(manager, (f"reject|{NEW}|*|", "hold|lab-web|1.1*|breaks the till, ops, until 2027-01-31"))
    yield Case(manager, ("approve|lab-w*|1.1*|", "exclude|lab-k*||"), approval="feature", security_days=3)
    chance = random.Random(f"{_SEED} {manager.name}")  # noqa: S311 - of chance, not of secrets
    for _ in range(_CASES - 2):
        yield _random_case(manager, chance)


@pytest.mark.parametrize("manager", MANAGERS, ids=lambda manager: manager.name)
def test_the_forecast_is_what_is_changed_and_what_the_policy_allows(
    lab_hosts: LabHosts, manager: Manager
) -> None:
    host = lab_hosts(manager.spec())
    for case in _cases(manager):
        forecast = run_one(host, case.use, check=True)
        _is_as_allowed(forecast, case)
        assert forecast.forecast is (Forecast.CHANGE if case.changed else Forecast.NO_CHANGE), case
        real = run_one(host, case.use)
        assert real.status is (StepStatus.CHANGED if case.changed else StepStatus.OK), (case, real.reason)
        _is_as_allowed(real, case)
        assert real.changes == forecast.changes, case
        again = run_one(host, case.use)
        assert (again.status, again.changes) == (StepStatus.OK, {}), case
        _reset(host, manager)


def _is_as_allowed(result: Result, case: Case) -> None:
    assert set(result.changes) == case.changed, (case, result)
    reasons = {name: fields["reason"] for name, fields in result.held.items()}
    assert reasons.pop(HELD) == "hold", case
    assert reasons == case.held, (case, result)
    assert result.metrics["packages.held"] == str(len(reasons) + 1)
    assert set(result.changes).isdisjoint(result.held), case


def _reset(host: lab.Host, manager: Manager) -> None:
    host.run_inside(["sh", "-c", manager.reset], timeout=150)


def test_a_rule_says_what_it_knows(lab_hosts: LabHosts) -> None:
    host = lab_hosts(MANAGERS[0].spec())
    rules = (
        "hold|lab-web|*|breaks the till, ops, until 2027-01-31",
        "quarantine|lab-ssl|1.1|failed at acme",
    )
    held = run_one(host, Use("updates", {"rules": rules, "approval": "all"})).held
    assert held["lab-web"]["detail"] == "breaks the till, ops, until 2027-01-31"
    assert held["lab-ssl"] == {
        "old": "1.0",
        "new": "1.1",
        "security": "yes",
        "reason": "quarantined",
        "detail": "failed elsewhere",
    }
    assert {held[name]["reason"] for name in ("lab-conf", "lab-kernel", "lab-newdep")} == {"approval"}
    wrong = run_one(host, Use("packages", {"action": "upgrade", "rules": ("forbid|lab-web|*|",)}))
    assert (wrong.status, wrong.changes) == (StepStatus.FAILED, {})
    assert wrong.reason == "the rule cannot be read: forbid|lab-web|*|"
    stumbling = run_one(host, Use("packages", {"action": "upgrade", "rules": ("hold|lab-[z-a]*|*|",)}))
    assert (stumbling.status, stumbling.changes) == (StepStatus.FAILED, {})
    assert stumbling.reason == "the rule cannot be read: hold|lab-[z-a]*|*|"
