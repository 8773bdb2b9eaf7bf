import pytest
from hypothesis import given
from hypothesis import strategies as st

from mspctl.model.fit import Misfit, fit, seconds
from mspctl.model.playbook import Parameter, ParameterType
from mspctl.model.secret import SecretRef
from mspctl.model.value import Value

T = ParameterType


def parameter(kind: ParameterType) -> Parameter:
    return Parameter("p", kind, choices=("all", "security", "true") if kind is T.CHOICE else ())


@pytest.mark.parametrize(
    ("kind", "value", "fitted"),
    [
        (T.TEXT, "a", "a"),
        (T.TEXT, 5, "5"),
        (T.TEXT, 1.5, "1.5"),
        (T.TEXT, None, None),
        (T.INTEGER, 5, 5),
        (T.INTEGER, " 5 ", 5),
        (T.INTEGER, "-5", -5),
        (T.BOOLEAN, True, True),
        (T.BOOLEAN, "yes", True),
        (T.BOOLEAN, "NO", False),
        (T.BOOLEAN, 0, False),
        (T.LIST, ("a", 2), ("a", "2")),
        (T.LIST, "a, b,", ("a", "b")),
        (T.LIST, "", ()),
        (T.LIST, None, ()),
        (T.CHOICE, "all", "all"),
        (T.CHOICE, True, "true"),
        (T.PATH, "/etc/x y", "/etc/x y"),
        (T.MODE, "0644", "0644"),
        (T.MODE, 755, "0755"),
        (T.SHELL, "ls -l", "ls -l"),
        (T.SECRET, "file:keys/acme", SecretRef("file", "keys/acme")),
        (T.SECRET, SecretRef("env", "X"), SecretRef("env", "X")),
        (T.SECONDS, 90, 90.0),
        (T.SECONDS, "10m", 600.0),
        (T.SECONDS, "1.5h", 5400.0),
        (T.SECONDS, 0, 0.0),
    ],
)
def test_values_become_their_type(kind: ParameterType, value: Value, fitted: object) -> None:
    found = fit(parameter(kind), value)
    assert found == fitted
    assert type(found) is type(fitted)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (T.TEXT, True),
        (T.TEXT, ("a",)),
        (T.TEXT, {"a": 1}),
        (T.TEXT, "a\0b"),
        (T.TEXT, SecretRef("env", "X")),
        (T.INTEGER, "5.0"),
        (T.INTEGER, True),
        (T.INTEGER, ""),
        (T.BOOLEAN, "maybe"),
        (T.BOOLEAN, 2),
        (T.LIST, 5),
        (T.LIST, ("a", ("b",))),
        (T.LIST, (None,)),
        (T.CHOICE, "secruity"),
        (T.PATH, "etc/x"),
        (T.PATH, "/a\nb"),
        (T.MODE, "u+x"),
        (T.MODE, "0888"),
        (T.SHELL, "  "),
        (T.SHELL, SecretRef("env", "X")),
        (T.SECRET, "hunter2"),
        (T.SECRET, "https://example.org"),
        (T.SECRET, "file:///etc"),
        (T.SECRET, ("file:a",)),
        (T.SECONDS, "soon"),
        (T.SECONDS, -1),
        (T.SECONDS, float("nan")),
        (T.SECONDS, True),
    ],
)
def test_other_values_are_misfits(kind: ParameterType, value: Value) -> None:
    found = fit(parameter(kind), value)
    assert isinstance(found, Misfit)
    assert "hunter2" not in f"{found.problem} {found.hint}"


def test_required_values_are_missed() -> None:
    assert isinstance(fit(Parameter("p", T.TEXT, required=True), None), Misfit)


def test_a_near_choice_is_suggested() -> None:
    found = fit(parameter(T.CHOICE), "secruity")
    assert isinstance(found, Misfit)
    assert found.hint == "did you mean security?"


@given(st.sampled_from(list(T)), st.text() | st.integers() | st.floats() | st.booleans() | st.none())
def test_any_value_fits_or_is_a_misfit(kind: ParameterType, value: Value) -> None:
    found = fit(parameter(kind), value)
    if value is not None and not isinstance(found, Misfit):
        assert fit(parameter(kind), found) == found


@pytest.mark.parametrize("text", ["", "h", "1w", "-1", "1 h 2", "1e3", "٣"])
def test_odd_times_are_none(text: str) -> None:
    assert seconds(text) is None
