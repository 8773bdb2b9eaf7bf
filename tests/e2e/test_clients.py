"""Several clients in one call: side by side, each with a run, a lock and a record of its own."""

import json
import shutil

import pytest

from tests.e2e.cli import Cli


@pytest.fixture
def two_clients(cli: Cli) -> Cli:
    """A second client, beta, whose host is the same machine (which both files admit)."""
    clients = cli.project / "inventory" / "clients"
    acme = (clients / "acme.yml").read_text().replace("{connection: ssh,", "{connection: ssh, shared: true,")
    (clients / "acme.yml").write_text(acme)
    (clients / "beta.yml").write_text(acme.replace("client: acme", "client: beta"))
    pins = cli.project / "inventory" / "known_hosts"
    shutil.copy(pins / "acme", pins / "beta")
    return cli


def test_each_client_has_a_run_of_its_own(two_clients: Cli) -> None:
    done = two_clients("--json", "run", "say", "--all")
    assert (done.returncode, done.stderr) == (0, "")
    runs = json.loads(done.stdout)["runs"]
    assert [run["client"] for run in runs] == ["acme", "beta"]
    assert [run["counts"] for run in runs] == [{"ok": 1}, {"ok": 1}]
    for run in runs:
        assert run == two_clients.json("runs", "show", run["run"])
    assert two_clients("runs", "verify").stdout == "2 runs verified, nothing wrong\n"


def test_silence_holds_for_all_clients(two_clients: Cli) -> None:
    done = two_clients("run", "say", "--all")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_if_one_client_cannot_be_prepared_none_is_touched(two_clients: Cli) -> None:
    (two_clients.project / "inventory" / "known_hosts" / "beta").write_text("rubbish\n")
    assert two_clients("run", "say", "--all").returncode == 2
    assert two_clients.json("runs", "list") == {"runs": []}


def test_a_client_without_a_pinned_key_is_unreachable_for_that_client_alone(two_clients: Cli) -> None:
    (two_clients.project / "inventory" / "known_hosts" / "beta").unlink()
    done = two_clients("run", "say", "--all")
    assert done.returncode == 1
    assert "beta/local1: unreachable (host-key" in done.stdout
    assert "\nacme/local1" not in done.stdout
