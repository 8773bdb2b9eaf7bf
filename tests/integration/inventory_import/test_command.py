"""`mspctl inventory` as a process: what it prints, what it writes, and its exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.inventory_rows import ONE_HOST, write_inventory


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mspctl", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    host = ONE_HOST.replace(
        "{address", "{password: 'env:PW', tags: [web], vars: {a: [1, {b: null}]}, address"
    )
    write_inventory(
        tmp_path, {"acme": host, "bravo": ONE_HOST.replace("acme", "bravo").replace("0.1", "0.2")}
    )
    return tmp_path


def test_check(project: Path) -> None:
    answer = run(project, "inventory", "check")
    assert (answer.returncode, answer.stdout) == (0, "the inventory is good: 2 clients, 2 hosts\n")
    assert json.loads(run(project, "--json", "inventory", "check").stdout)["hosts"] == 2


def test_list(project: Path) -> None:
    answer = run(project, "inventory", "list", "--tag", "web")
    assert answer.returncode == 0
    assert "acme    hq    web1  10.0.0.1" in answer.stdout
    assert "1 host, 1 left out" in answer.stdout
    document = json.loads(run(project, "--json", "inventory", "list", "--limit", "!bravo/*").stdout)
    assert [host["host"] for host in document["hosts"]] == ["web1"]
    assert document["excluded"] == [{"host": "bravo/web1", "reason": "taken out by the limit !bravo/*"}]
    empty = run(project, "inventory", "list", "--client", "acme", "--site", "hqq")
    assert empty.returncode == 2
    assert "did you mean hq?" in empty.stderr


def test_list_of_one_client_reads_no_other(project: Path) -> None:
    (project / "inventory" / "clients" / "bravo.yml").write_text("[")
    assert run(project, "inventory", "list", "--client", "acme").returncode == 0
    assert run(project, "inventory", "list").returncode == 2


def test_show_and_explain(project: Path) -> None:
    shown = json.loads(run(project, "--json", "inventory", "show", "acme/web1").stdout)
    assert shown["settings"]["password"] == "env:PW"
    assert shown["settings"]["port"] == 22
    assert shown["vars"] == {"a": [1, {"b": None}]}
    explained = run(project, "inventory", "explain", "acme/web1").stdout
    assert "inventory/clients/acme.yml:5:24" in explained
    ambiguous = run(project, "inventory", "explain", "web1")
    assert ambiguous.returncode == 2
    assert "say which: acme/web1, bravo/web1" in ambiguous.stderr


def test_schema(project: Path) -> None:
    assert "sites" in json.loads(run(project, "inventory", "schema").stdout)["properties"]
    assert "forks" in json.loads(run(project, "inventory", "schema", "--provider").stdout)["properties"]


def test_import_never_overwrites_without_force(project: Path) -> None:
    (project / "hosts.ini").write_text("[web]\nw1 ansible_host=10.0.0.9 ansible_password=hunter2\n")
    first = run(project, "inventory", "import", "hosts.ini", "--client", "charly")
    assert first.returncode == 0
    assert "env:CHARLY_W1_ANSIBLE_PASSWORD" in first.stdout
    target = project / "inventory" / "clients" / "charly.yml"
    written = target.read_text()
    assert "hunter2" not in written + first.stdout + first.stderr
    again = run(project, "inventory", "import", "hosts.ini", "--client", "charly", "--site", "other")
    assert again.returncode == 2
    assert "exists already" in again.stderr
    assert target.read_text() == written
    forced = run(
        project, "inventory", "import", "hosts.ini", "--client", "charly", "--site", "other", "--force"
    )
    assert forced.returncode == 0
    assert "other:" in target.read_text()
    assert [path.name for path in sorted(target.parent.iterdir())] == ["acme.yml", "bravo.yml", "charly.yml"]
    assert run(project, "inventory", "check").returncode == 0


def test_import_of_a_file_that_is_not_there(project: Path) -> None:
    answer = run(project, "inventory", "import", "nowhere.ini", "--client", "x")
    assert answer.returncode == 2
    assert "cannot be read" in answer.stderr
