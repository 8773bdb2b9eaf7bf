"""Backups: how they flow to hosts, and what is refused with its place and a way out."""

import re
from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError
from mspctl.model.backup import NO_BACKUP, Goals, Keep
from mspctl.model.inventory import Host
from mspctl.parse.explain import explain_host, find_host
from mspctl.parse.inventory import load_inventory
from tests.unit.parse.test_inventory import write

PROVIDER = """
name: The Provider
backup:
  repository: sftp:backup@store:/srv/{client}/{site}-{host}
  sources: [/etc]
  excludes: ["*.tmp"]
  keep: {daily: 7}
"""
CLIENT = """
client: acme
backup: {password: "file:keys/acme-backup", keep: {weekly: 4}, goals: {rpo: 1d, rto: 4h}}
groups:
  db: {backup: {sources: [/var/lib/db], mountpoints: [/var/lib/db], goals: {rto: null}}}
sites:
  hq:
    hosts:
      web1: {}
      db1: {tags: [db], backup: {keep: {daily: 14}, repository: /backup, databases: ["mariadb:*"]}}
      dc1: {os: windows, connection: winrm, backup: {tool: none}}
      test1: {backup: null}
      old1: {backup: {tool: none, foreign: [{name: veeam, path: "/b/*.vbk", max_age: 26h, min_size: 1024}]}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, CLIENT, PROVIDER)


def host(folder: Path, name: str) -> Host:
    return find_host(load_inventory(folder), name)


def test_keys_merge_and_lists_add_up(folder: Path) -> None:
    web = host(folder, "web1").backup
    assert (web.sources, web.excludes, web.keep) == (("/etc",), ("*.tmp",), Keep(daily=7, weekly=4))
    assert web.repository_of("acme", "hq", "web1") == "sftp:backup@store:/srv/acme/hq-web1"
    assert (str(web.password), web.goals, web.wanted) == ("file:keys/acme-backup", Goals(86400, 14400), True)
    database = host(folder, "db1").backup
    assert (database.sources, database.mountpoints) == (("/etc", "/var/lib/db"), ("/var/lib/db",))
    assert (database.repository, database.keep.rules) == ("/backup", ("daily=14", "weekly=4"))
    assert (database.goals, database.databases) == (Goals(86400), ("mariadb:*",))


def test_a_host_may_have_none(folder: Path) -> None:
    assert not host(folder, "dc1").backup.wanted
    assert host(folder, "test1").backup is NO_BACKUP
    assert not NO_BACKUP.expected


def test_what_others_make_is_known_by_its_newest_file(folder: Path) -> None:
    old = host(folder, "old1").backup
    assert (old.wanted, old.expected) == (False, True)
    assert [each.rule for each in old.foreign] == ["veeam|93600|1024|/b/*.vbk"]


def test_an_adapter_is_told_what_is_meant(tmp_path: Path) -> None:
    lines = (
        "{name: agent, kind: veeam-agent, of: 'Nightly A', max_age: 26h}",
        "{name: snaps, kind: zfs-snapshots, of: tank/data, max_age: 2h}",
    )
    windows = r"{tool: none, foreign: [{name: nas, path: 'E:\b\*.vbk', max_age: 26h}]}"
    client = CLIENT.replace("test1: {backup: null}", f"test1: {{backup: {{foreign: [{', '.join(lines)}]}}}}")
    folder = write(
        tmp_path, client.replace("{tool: none}}\n      test1", windows + "}\n      test1"), PROVIDER
    )
    found = host(folder, "test1").backup.foreign
    assert [each.rule for each in found] == [
        "agent|93600|1|veeam-agent:Nightly A",
        "snaps|7200|1|zfs-snapshots:tank/data",
    ]
    assert [each.apart for each in found] == [True, False]
    assert [each.rule for each in host(folder, "dc1").backup.foreign] == [r"nas|93600|1|files:E:\b\*.vbk"]


def test_explain_says_where_each_came_from(folder: Path) -> None:
    told = {each.name: each for each in explain_host(folder, host(folder, "db1"))}
    assert (told["backup.keep.weekly"].value, told["backup.keep.weekly"].level) == (4, "client")
    assert str(told["backup.repository"].place) == "inventory/clients/acme.yml:10:65"
    assert told["backup.password"].value == "file:keys/acme-backup"
    assert told["backup.sources"].value == "/var/lib/db"


@pytest.mark.parametrize(
    ("line", "problem", "hint"),
    [
        ("sources: [etc]", "etc", ""),
        ("repository: s3:bucket", "`s3:bucket` is no repository", "sftp:user@server:/path"),
        ("repository: 'rest:https://me:pw@store/'", "holds a password", "root a key"),
        ("repository: '/srv/{hots}'", "names what it cannot", "{host} may stand in it"),
        ("foreign: [{name: veeam, path: '/b/$(id)', max_age: 1d}]", "/b/$(id)", ""),
        ("foreign: [{name: veeam, path: /b/*.vbk}]", "max_age", ""),
        ("foreign: [{name: v, max_age: 1d}]", "the backup `v` of `web1` has no path", "set path"),
        ("foreign: [{name: v, path: 'C:\\b\\*', max_age: 1d}]", "is no path on its platform", "groups"),
        (
            "foreign: [{name: v, kind: vzdump, path: /b, max_age: 1d}]",
            "vzdump asks for no files",
            "say with of",
        ),
        ("foreign: [{name: v, kind: ../x, max_age: 1d}]", "../x", ""),
        ("foreign: [{name: v, kind: vzdump, of: 'a|b', max_age: 1d}]", "a|b", ""),
        ("databases: [oracle:shop]", "oracle:shop", ""),
        ("databases: ['mariadb:a b']", "mariadb:a b", ""),
        ("password: hunter2", "a secret is never written here", "file:PATH"),
        ("tool: rsetic", "`rsetic` is not one of restic, borg, tar, rsync, none", "did you mean restic?"),
        ("goals: {rpo: 5}", "60", ""),
        ("keep: {daily: -1}", "0", ""),
        ("tool: borg", "borg cannot work with the repository `sftp:backup@store", "/ or ssh://"),
        ("second: {repository: 'sftp:backup@store:/srv/{client}/{site}-{host}'}", "is the first one", ""),
        ("second: {repository: 'ssh://store/b'}", "restic cannot work with", "/ or sftp: or rest:"),
        ("medium: nass", "`nass` is not one of disk, removable, nas", "did you mean nas?"),
        ("tool: tar", "tar cannot work with the repository", "it begins with /"),
        ("sources: null", "has a repository and no sources", "set backup.sources"),
        ("password: null", "the backup of `web1` has no password", "file:keys/NAME"),
        ("repository: null", "has sources and no repository", "set backup.repository"),
    ],
)
def test_what_cannot_be_is_refused_before_any_host(
    tmp_path: Path, line: str, problem: str, hint: str
) -> None:
    client = CLIENT.replace("web1: {}", "web1: {backup: {" + line + "}}")
    with pytest.raises(ConfigurationError) as caught:
        load_inventory(write(tmp_path, client, PROVIDER))
    (found,) = caught.value.problems
    assert problem in found.problem
    assert hint in found.hint
    assert found.place is not None
    assert (found.place.file, found.place.line) == ("inventory/clients/acme.yml", 9)


@pytest.mark.parametrize(
    ("backup", "problem"),
    [
        ("{}", "`/etc` in the backup of `dc1` is no path on its platform"),
        ("{sources: null, repository: /srv}", "`/srv` in the backup of `dc1`"),
        ("{tool: borg, repository: /b, sources: null}", "`dc1` runs Windows, and borg is for Linux only"),
        ("{databases: ['mariadb:*']}", "`dc1` runs Windows: databases"),
        ("{tool: none, foreign: [{name: v, path: /b/*, max_age: 1d}]}", "is no path on its platform"),
    ],
)
def test_what_windows_cannot_have_is_refused(tmp_path: Path, backup: str, problem: str) -> None:
    client = CLIENT.replace("{tool: none}}\n      test1", backup + "}\n      test1")
    with pytest.raises(ConfigurationError, match=re.escape(problem)):
        load_inventory(write(tmp_path, client, PROVIDER))


def test_windows_has_paths_of_its_own(tmp_path: Path) -> None:
    given = (
        r"{sources: ['C:\Data', 'd:\'], mountpoints: ['E:\', '\\nas\backup'], "
        r"repository: '\\nas\backup\{host}'}"
    )
    client = CLIENT.replace("{tool: none}}\n      test1", given + "}\n      test1")
    client = client.replace("web1: {}", "web1: {backup: {sources: [/etc]}}")
    found = host(write(tmp_path, client, PROVIDER.replace("  sources: [/etc]\n", "")), "dc1").backup
    assert found.sources == ("C:\\Data", "d:\\")
    assert found.repository_of("acme", "hq", "dc1") == r"\\nas\backup\dc1"


@pytest.mark.parametrize("path", [r"C:\Data", r"\\nas\share"])
def test_linux_has_no_paths_of_windows(tmp_path: Path, path: str) -> None:
    client = CLIENT.replace("web1: {}", "web1: {backup: {sources: ['" + path + "']}}")
    with pytest.raises(ConfigurationError, match="is no path on its platform"):
        load_inventory(write(tmp_path, client, PROVIDER))
