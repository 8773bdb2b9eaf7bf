"""L8: two different jobs, same host: a lock on the host; the second waits, or ends as `skipped: locked`."""

from pathlib import Path

import pytest

from mspctl.testing.lab import Host, HostSpec
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.cli import Cli, ended

CHANGING = """\
check() { [ -e /run/changed-{{ name }} ] && ok || needed {{ name }}; }
apply() { while [ -e /run/hold-{{ name }} ]; do sleep 0.1; done; : >/run/changed-{{ name }}; }
"""
MODULE = """\
title: Change
description: Changes something, once nobody holds it up.
parameters:
  name: {type: text, required: true, help: What}
"""


def playbook(name: str) -> str:
    step = f"{{name: Change it, module: change, params: {{name: {name}}}}}"
    return f"name: {name}\ndescription: Changes something.\nsteps:\n  - {step}\n"


@pytest.fixture
def host(lab_hosts: LabHosts) -> Host:
    """It holds up the job `slow` until it is let go."""
    made = lab_hosts(HostSpec("web1"))
    made.write_file("/run/hold-slow", "")
    return made


def let_go(host: Host) -> None:
    host.run_inside(["rm", "/run/hold-slow"])


@pytest.fixture
def two_jobs(lab_hosts: LabHosts, host: Host, tmp_path: Path) -> Cli:
    """A project with the jobs `slow` and `quick` for one host."""
    project = write_project(lab_hosts.lab, tmp_path / "project", [entry(host)])
    module = project / "templates" / "modules" / "change"
    module.mkdir(parents=True)
    (module / "module.yml").write_text(MODULE)
    (module / "posix.sh.j2").write_text(CHANGING)
    (project / "playbooks").mkdir()
    (project / "playbooks" / "slow.yml").write_text(playbook("slow"))
    (project / "playbooks" / "quick.yml").write_text(playbook("quick"))
    return Cli(project, tmp_path / "state")


def wait_for_lock(cli: Cli, seconds: int) -> None:
    """How long a host waits for another job to end."""
    client = cli.project / "inventory" / "clients" / "acme.yml"
    client.write_text(
        client.read_text().replace("defaults:\n", f"defaults:\n  timeouts: {{lock_wait: {seconds}}}\n")
    )


@pytest.mark.lab
def test_a_host_that_stays_locked_is_skipped_and_the_exit_code_says_so(two_jobs: Cli, host: Host) -> None:
    wait_for_lock(two_jobs, 1)
    slow = two_jobs.start("run", "slow", "--client", "acme")
    two_jobs.await_event("bundle-started")
    quick = two_jobs("run", "quick", "--client", "acme")
    assert quick.returncode == 3
    assert "web1: skipped (locked)" in quick.stdout
    (row,) = two_jobs.last()["hosts"]
    assert (row["outcome"], row["reason"]) == ("skipped", "locked")
    assert "mspctl run" in row["detail"], "it is said who holds the host"
    let_go(host)
    assert ended(slow)[0] == 0


@pytest.mark.lab
def test_a_host_that_is_free_in_time_is_waited_for(two_jobs: Cli, host: Host) -> None:
    slow = two_jobs.start("run", "slow", "--client", "acme")
    two_jobs.await_event("bundle-started")
    quick = two_jobs.start("run", "quick", "--client", "acme")
    two_jobs.await_event("bundle-started", count=2)
    let_go(host)
    assert ended(quick)[0] == 0
    assert two_jobs.last()["counts"] == {"changed": 1}
    assert ended(slow)[0] == 0
    assert two_jobs.json("runs", "list")["runs"][0]["counts"] == {"changed": 1}


@pytest.mark.lab
def test_a_job_that_only_looks_does_not_wait(two_jobs: Cli, host: Host) -> None:
    slow = two_jobs.start("run", "slow", "--client", "acme")
    two_jobs.await_event("bundle-started")
    assert two_jobs("run", "quick", "--client", "acme", "--check").returncode == 0
    assert slow.poll() is None, "it was not waited for"
    let_go(host)
    assert ended(slow)[0] == 0
