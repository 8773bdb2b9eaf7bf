"""Each check over SSH: a running host with a fault for it, and one without any."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from mspctl.testing.lab import HostSpec
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.cli import Cli
from tests.e2e.securityhosts import plant
from tests.integration.modules.test_security import CHECKS

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

_ASK = ("--json", "security", "-e", "fail_on=never", "-e", "failed_logins=5", "-e", "ports=22,9443")

# The lab starts sshd with `-o LogLevel=VERBOSE`, so what its file says of that does not count.
OVERRULED: Mapping[str, str] = MappingProxyType({"ssh-silent": "good"})


def _states(told: bytes) -> dict[str, str]:
    """What a run's document says of its one host: check → its answer."""
    (host,) = json.loads(told)["hosts"]
    facts = {name: value for step in host["steps"] for name, value in step["facts"].items()}
    return {name.removeprefix("check."): value for name, value in facts.items() if name.startswith("check.")}


def test_each_check_finds_its_fault_on_a_host_and_passes_on_a_hardened_one(
    lab_hosts: LabHosts, tmp_path: Path
) -> None:
    lab = lab_hosts.lab
    bad, good = lab_hosts.make(HostSpec("bad1"), HostSpec("good1"))
    lab.install_debian(bad, "openssl", "nftables")
    lab.install_debian(good, "openssl", "nftables")
    plant(bad, faulty=True)
    plant(good, faulty=False)
    project = write_project(lab, tmp_path / "project", [entry(bad)])
    write_project(lab, project, [entry(good)], client="best", user="admin")
    clients = {client: Cli(project, tmp_path / client, wait=120) for client in ("acme", "best")}
    runs = {client: cli.start(*_ASK, "--client", client) for client, cli in clients.items()}
    told = {client: run.communicate(timeout=120) for client, run in runs.items()}
    states = {client: _states(told[client][0]) for client in clients}
    assert states["acme"].keys() == CHECKS == states["best"].keys()
    assert {name: state for name, state in states["acme"].items() if state != "bad"} == OVERRULED
    assert {name: state for name, state in states["best"].items() if state != "good"} == {}
    # It is on another file system than /.
    assert "/var/tmp/shell" in told["acme"][0].decode()
