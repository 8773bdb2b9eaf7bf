"""Processes that share the tests out do not meet on this machine; see tests/parallel.py."""

from importlib import import_module

import pytest

from tests.parallel import THIS_MACHINE, Reach


@pytest.mark.parametrize(
    ("module", "here"),
    [
        ("tests.e2e.fixtures", True),
        ("tests.unit.engine.rebooting", True),
        ("tests.unit.engine.bundles", False),
        ("tests.hostile.engine_rows", False),
        ("tests.e2e.interrupted", False),
    ],
)
def test_ways_to_this_machine_are_found_through_imports(module: str, here: bool) -> None:  # noqa: FBT001
    import_module(module)
    assert Reach().this_machine(module) is here


def test_who_uses_a_fixture_on_this_machine_is_in_its_group(request: pytest.FixtureRequest) -> None:
    """Of the tests that were asked for, so all in a whole run."""
    tests = [item for item in request.session.items if isinstance(item, pytest.Function)]
    users = [item for item in tests if "sshd" in item.fixturenames]
    groups = {mark.args for item in users for mark in [item.get_closest_marker("xdist_group")] if mark}
    assert groups <= {(THIS_MACHINE,)}
    assert all(item.get_closest_marker("xdist_group") for item in users)
