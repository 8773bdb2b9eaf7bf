"""`mspctl status` and `mspctl site build` through the real command line, without any host."""

from pathlib import Path

import pytest

from tests.e2e.cli import Cli

ACME = """\
client: acme
name: Acme
sites: {hq: {hosts: {web1: {address: 127.0.0.1, port: 1}, web2: {address: 10.0.0.2}}}}
"""


@pytest.fixture
def office(tmp_path: Path) -> Cli:
    clients = tmp_path / "project" / "inventory" / "clients"
    clients.mkdir(parents=True)
    (clients.parent / "mspctl.yml").write_text("name: Brightwater\n")
    (clients / "acme.yml").write_text(ACME)
    return Cli(tmp_path / "project", tmp_path / "state")


def test_a_host_that_cannot_be_reached_is_in_trouble_everywhere(office: Cli, tmp_path: Path) -> None:
    assert office("health", "--client", "acme", "--limit", "web1").returncode == 1
    plain = office("status", "--client", "acme")
    assert plain.returncode == 0, plain.stderr
    assert (
        "Brightwater: 1 client, 2 computers: 1 in trouble, 0 to look at, 1 not seen, 0 good" in plain.stdout
    )
    assert "acme/web1" in plain.stdout
    (client,) = office.json("status")["clients"]
    assert {each["kind"]: each["host"] for each in client["concerns"]} == {
        "failing": "web1",
        "not seen": "web2",
    }
    assert client["hosts"] == {"bad": 1, "unseen": 1}
    assert client["concerns"][0]["evidence"] == f"mspctl runs show {client['last_run']}"
    built = office("site", "build", "--out", str(tmp_path / "site"))
    assert built.stdout == f"{tmp_path / 'site' / 'index.html'}\n"
    assert "health unreachable" in (tmp_path / "site" / "index.html").read_text()
    refused = office("status", "--watch", "5")
    assert (refused.returncode, "--watch is for a terminal" in refused.stderr) == (2, True)
