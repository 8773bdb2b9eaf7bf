r"""I18: host `-oProxyCommand=x`, `a;b`, `$(x)`, newline: refused by pattern (CVE-2017-1000117 class)."""

from pathlib import Path

import pytest

from tests.hostile.inventory_rows import ONE_HOST, check_refuses, refused

EVIL = [
    "-oProxyCommand=x",
    "-oProxyCommand=touch /tmp/x",
    "a;b",
    "$(x)",
    "`x`",
    "a b",
    "a\\nb",
    "a|b",
    "a&b",
    "a>b",
    "a'b",
    "../x",
    "a/b",
    "a\\\\b",
    "*",
    "a,b",
    "a=b",
    "a@b",
    "%h",
    "{{ x }}",
    "~",
    "a#b",
    "",
]


@pytest.mark.parametrize("name", EVIL)
def test_host_names(tmp_path: Path, name: str) -> None:
    problems = refused(tmp_path, ONE_HOST.replace("web1:", f'"{name}":'))
    assert any("is no name" in problem.problem for problem in problems)


@pytest.mark.parametrize("name", EVIL)
def test_addresses(tmp_path: Path, name: str) -> None:
    (problem,) = refused(tmp_path, ONE_HOST.replace("10.0.0.1", f'"{name}"'))
    assert problem.path == "sites.hq.hosts.web1.address"


@pytest.mark.parametrize("key", ["user", "become_user", "gateway", "os"])
@pytest.mark.parametrize(
    "text", ["-oProxyCommand=x", "a;b", "$(x)", "a\\nb", "a b", "`x`", "-l", "x;y@gw", "-x@gw"]
)
def test_other_words_that_reach_ssh_or_sudo(tmp_path: Path, key: str, text: str) -> None:
    (problem,) = refused(tmp_path, ONE_HOST.replace("address: 10.0.0.1", f'{key}: "{text}"'))
    assert problem.path == f"sites.hq.hosts.web1.{key}"


@pytest.mark.parametrize("text", ["-x", "-F /tmp/x", "a\\nb", " x"])
def test_the_path_of_an_ssh_config(tmp_path: Path, text: str) -> None:
    (problem,) = refused(tmp_path, ONE_HOST.replace("address: 10.0.0.1", f'ssh_config: "{text}"'))
    assert problem.path == "sites.hq.hosts.web1.ssh_config"


@pytest.mark.parametrize("key", ["client", "site", "tag", "group"])
def test_other_names(tmp_path: Path, key: str) -> None:
    texts = {
        "client": ONE_HOST.replace("client: acme", 'client: "../acme"'),
        "site": ONE_HOST.replace("hq:", '"$(hq)":'),
        "tag": ONE_HOST.replace("address: 10.0.0.1", 'tags: ["a;b"]'),
        "group": ONE_HOST.replace("sites:", 'groups: {"a;b": {}}\nsites:'),
    }
    problems = refused(tmp_path, texts[key])
    assert any("is no name" in problem.problem for problem in problems)


def test_the_command_says_so(tmp_path: Path) -> None:
    refused(tmp_path, ONE_HOST.replace("web1:", '"-oProxyCommand=x":'))
    check_refuses(tmp_path, "`-oProxyCommand=x` is no name")
