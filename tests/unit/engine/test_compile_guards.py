"""Guards are shell text: they are judged by what shells make of them."""

import pytest

from mspctl.engine.compile_guards import guard, never, notified, unmet_platform, unmet_variable
from mspctl.model.playbook import Condition, ConditionKind
from mspctl.model.value import Value
from tests.unit.render.shells import SHELLS, output

FACT, STEP, VARIABLE = ConditionKind.FACT, ConditionKind.STEP, ConditionKind.VARIABLE


def verdict(shell: str, text: str, **variables: str) -> str:
    """`yes`, or the reason that the guard gives."""
    settings = "".join(f"{name}='{value}'\n" for name, value in variables.items())
    script = (
        f'set -u\n_why=\n{settings}guard() {{\n{text}\n}}\nif guard; then echo yes; else echo "$_why"; fi'
    )
    return output(shell, script).decode().strip()


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition(FACT, "os_family", ("debian",)), "yes"),
        (Condition(FACT, "os_family", ("redhat", "debian")), "yes"),
        (Condition(FACT, "os_family", ("redhat",)), "os_family is debian"),
        (Condition(FACT, "os_family", ("debian",), negated=True), "os_family is debian"),
        (Condition(FACT, "os_family", ("redhat",), negated=True), "yes"),
        (Condition(FACT, "os_family", ("*",)), "os_family is debian"),
        (Condition(FACT, "os_family", ("it's; reboot",)), "os_family is debian"),
        (Condition(STEP, "It's $(on)", ("changed",)), "yes"),
        (Condition(STEP, "It's $(on)", ("ok",)), "the step It's $(on) is changed"),
        (Condition(STEP, "Not run", ("ok",)), "the step Not run is"),
    ],
)
def test_conditions_are_decided_on_the_host(shell: str, condition: Condition, expected: str) -> None:
    text = guard([condition], {"It's $(on)": 3, "Not run": 4})
    assert verdict(shell, text, os_family="debian", status_3="changed") == expected


@pytest.mark.parametrize("shell", SHELLS)
def test_all_conditions_must_hold(shell: str) -> None:
    conditions = [Condition(FACT, "pkg", ("apt",)), Condition(FACT, "init", ("systemd",))]
    text = guard(conditions, {})
    assert verdict(shell, text, pkg="apt", init="systemd") == "yes"
    assert verdict(shell, text, pkg="apt", init="other") == "init is other"


@pytest.mark.parametrize("shell", SHELLS)
def test_a_handler_waits_for_a_change(shell: str) -> None:
    text = notified([0, 2], guard([Condition(FACT, "pkg", ("apt",))], {}))
    assert verdict(shell, text, status_2="changed", pkg="apt") == "yes"
    assert verdict(shell, text, status_2="changed", pkg="dnf") == "pkg is dnf"
    assert verdict(shell, text, status_0="ok", pkg="apt") == "no step that notifies it changed"
    assert verdict(shell, text, status_0="unchanged", pkg="apt") == "no step that notifies it changed"


def test_no_condition_is_no_work_for_the_host() -> None:
    assert guard([Condition(VARIABLE, "x", ("a",))], {}) == ":"


@pytest.mark.parametrize("shell", SHELLS)
def test_never_says_why(shell: str) -> None:
    assert verdict(shell, never("variable x is it's $(reboot)")) == "variable x is it's $(reboot)"


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (Condition(VARIABLE, "text", ("a", "b")), ""),
        (Condition(VARIABLE, "text", ("b",)), "variable text is a"),
        (Condition(VARIABLE, "text", ("a",), negated=True), "variable text is a"),
        (Condition(VARIABLE, "on", ("true",)), ""),
        (Condition(VARIABLE, "number", ("5",)), ""),
        (Condition(VARIABLE, "list", ("y",)), ""),
        (Condition(VARIABLE, "list", ("y",), negated=True), "variable list is x, y"),
        (Condition(VARIABLE, "map.deep", ("a",)), ""),
        (Condition(VARIABLE, "map.other", ("a",)), "variable map.other is not set"),
        (Condition(VARIABLE, "gone", ("a",)), "variable gone is not set"),
        (Condition(VARIABLE, "gone", ("a",), negated=True), ""),
        (Condition(FACT, "pkg", ("apt",)), ""),
    ],
)
def test_variables_are_decided_while_compiling(condition: Condition, reason: str) -> None:
    variables: dict[str, Value] = {
        "text": "a", "on": True, "number": 5, "list": ("x", "y"), "map": {"deep": "a"},
    }  # fmt: skip
    assert unmet_variable([condition], variables) == reason


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (Condition(ConditionKind.HOST, "platform", ("windows",)), "the platform is linux"),
        (Condition(ConditionKind.HOST, "platform", ("linux",)), ""),
        (Condition(ConditionKind.HOST, "platform", ("linux",), negated=True), "the platform is linux"),
        (Condition(ConditionKind.HOST, "platform", ("windows",), negated=True), ""),
        (Condition(VARIABLE, "gone", ("a",)), ""),
    ],
)
def test_the_platform_is_decided_while_compiling(condition: Condition, reason: str) -> None:
    assert unmet_platform([condition], "linux") == reason
