"""I6: unknown key `hostnmae`: refused, with a did-you-mean."""

from pathlib import Path

import pytest

from tests.hostile.inventory_rows import ONE_HOST, check_refuses, refused, refused_inventory, write_inventory


@pytest.mark.parametrize(
    ("old", "new", "path", "hint"),
    [
        ("address:", "addresss:", "sites.hq.hosts.web1.addresss", "did you mean address?"),
        ("hosts:", "hsots:", "sites.hq.hsots", "did you mean hosts?"),
        ("sites:", "defualts: {}\nsites:", "defualts", "did you mean defaults?"),
        (
            "sites:",
            "defaults: {timeouts: {conect: 1}}\nsites:",
            "defaults.timeouts.conect",
            "did you mean connect?",
        ),
        ("sites:", "groups: {web: {var: {}}}\nsites:", "groups.web.var", "did you mean vars?"),
    ],
)
def test_unknown_keys_get_a_hint(tmp_path: Path, old: str, new: str, path: str, hint: str) -> None:
    problems = refused(tmp_path, ONE_HOST.replace(old, new))
    (problem,) = [one for one in problems if "is not known here" in one.problem]
    assert (problem.path, problem.hint) == (path, hint)


def test_unknown_keys_of_the_provider(tmp_path: Path) -> None:
    inventory = write_inventory(tmp_path, {"acme": ONE_HOST}, "name: MSP\nfork: 3\n")
    (problem,) = refused_inventory(inventory)
    assert (problem.path, problem.hint) == ("fork", "did you mean forks?")
    check_refuses(tmp_path, "inventory/mspctl.yml:2:1: fork: the key `fork` is not known here")
