"""I7: wrong type (`port: "abc"`, `hosts: {}`): refused, with the dotted path."""

from pathlib import Path

import pytest

from tests.hostile.inventory_rows import ONE_HOST, check_refuses, refused

HOST = "{address: 10.0.0.1}"


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        (HOST, '{port: "abc"}', "sites.hq.hosts.web1.port", "expected a whole number, found `abc`"),
        (HOST, '{port: "22"}', "sites.hq.hosts.web1.port", "expected a whole number, found `22`"),
        (HOST, "{port: 22.0}", "sites.hq.hosts.web1.port", "expected a whole number"),
        (HOST, "{port: [22]}", "sites.hq.hosts.web1.port", "found a list"),
        (HOST, "{port: 0}", "sites.hq.hosts.web1.port", "at least 1"),
        (HOST, "{port: 65536}", "sites.hq.hosts.web1.port", "at most 65535"),
        (HOST, "{tags: web}", "sites.hq.hosts.web1.tags", "expected a list, found text"),
        (HOST, "{tags: [a, [b]]}", "sites.hq.hosts.web1.tags[1]", "expected text, found a list"),
        (HOST, "{agent: 1}", "sites.hq.hosts.web1.agent", "expected true or false"),
        (HOST, "[a]", "sites.hq.hosts.web1", "expected a map"),
        (HOST, "10.0.0.1", "sites.hq.hosts.web1", "expected a map (`key: value`), found text"),
        (HOST, "{timeouts: {step: .inf}}", "sites.hq.hosts.web1.timeouts.step", "expected a length of time"),
        (HOST, "{timeouts: {step: 0}}", "sites.hq.hosts.web1.timeouts.step", "at least 1"),
        ("hosts:\n      web1: " + HOST, "hosts: {}", "sites.hq.hosts", "there is nothing in it"),
        ("hosts:\n      web1: " + HOST, "hosts: [a]", "sites.hq.hosts", "expected a map"),
        ("hosts:\n      web1: " + HOST, "hosts:", "sites.hq.hosts", "expected a map"),
        ("hosts:", "max_parallel: 0\n    hosts:", "sites.hq.max_parallel", "at least 1"),
        ("hosts:", "max_parallel: 1e9\n    hosts:", "sites.hq.max_parallel", "expected a whole number"),
    ],
)
def test_wrong_types_name_the_path(tmp_path: Path, old: str, new: str, path: str, said: str) -> None:
    (problem,) = refused(tmp_path, ONE_HOST.replace(old, new))
    assert problem.path == path
    assert said in problem.problem


def test_all_are_said_at_once(tmp_path: Path) -> None:
    problems = refused(tmp_path, ONE_HOST.replace(HOST, "{port: x, tags: y, agent: z, addres: 1}"))
    assert len(problems) == 4
    check_refuses(tmp_path, "sites.hq.hosts.web1.port: expected a whole number, found `x`")
