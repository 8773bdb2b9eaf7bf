"""L8: two different jobs, same host: a lock on the host; the second waits, or ends as `skipped: locked`."""

from pathlib import Path

import pytest

from mspctl.testing.lab import HostSpec
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.cli import Cli, ended

CHANGING = """\
check() { [ -e /run/changed-{{ name }} ] && ok || needed {{ name }}; }
apply() { sleep {{ seconds }}; : >/run/changed-{{ name }}; }
"""
MODULE = """\
title: Change
description: Changes something, slowly.
parameters:
  name: {type: text, required: true, help: What}
  seconds: {type: int, default: 0, help: How long}
"""


def playbook(name: str, seconds: int) -> str:
    step = f"{{name: Change it, module: change, params: {{name: {name}, seconds: {seconds}}}}}"
    return f"name: {name}\ndescription: Changes something.\nsteps:\n  - {step}\n"


@pytest.fixture
def two_jobs(lab_hosts: LabHosts, tmp_path: Path) -> Cli:
    """A project with the jobs `slow` (eight seconds) and `quick` for one host."""
    (host,) = lab_hosts.make(HostSpec("web1"))
    project = write_project(lab_hosts.lab, tmp_path / "project", [entry(host)])
    module = project / "templates" / "modules" / "change"
    module.mkdir(parents=True)
    (module / "module.yml").write_text(MODULE)
    (module / "posix.sh.j2").write_text(CHANGING)
    (project / "playbooks").mkdir()
    (project / "playbooks" / "slow.yml").write_text(playbook("slow", 8))
    (project / "playbooks" / "quick.yml").write_text(playbook("quick", 0))
    return Cli(project, tmp_path / "state")


def wait_for_lock(cli: Cli, seconds: int) -> None:
    """How long a host waits for another job to end."""
    client = cli.project / "inventory" / "clients" / "acme.yml"
    client.write_text(
        client.read_text().replace("defaults:\n", f"defaults:\n  timeouts: {{lock_wait: {seconds}}}\n")
    )


@pytest.mark.lab
def test_a_host_that_stays_locked_is_skipped_and_the_exit_code_says_so(two_jobs: Cli) -> None:
    wait_for_lock(two_jobs, 1)
    slow = two_jobs.start("run", "slow", "--client", "acme")
    two_jobs.await_event("bundle-started")
    quick = two_jobs("run", "quick", "--client", "acme")
    assert quick.returncode == 3
    assert "web1: skipped (locked)" in quick.stdout
    (host,) = two_jobs.last()["hosts"]
    assert (host["outcome"], host["reason"]) == ("skipped", "locked")
    assert "mspctl run" in host["detail"], "it is said who holds the host"
    assert ended(slow)[0] == 0


@pytest.mark.lab
def test_a_host_that_is_free_in_time_is_waited_for(two_jobs: Cli) -> None:
    slow = two_jobs.start("run", "slow", "--client", "acme")
    two_jobs.await_event("bundle-started")
    assert two_jobs("run", "quick", "--client", "acme").returncode == 0
    assert two_jobs.last()["counts"] == {"changed": 1}
    assert ended(slow)[0] == 0
    assert two_jobs.json("runs", "list")["runs"][0]["counts"] == {"changed": 1}


@pytest.mark.lab
def test_a_job_that_only_looks_does_not_wait(two_jobs: Cli) -> None:
    slow = two_jobs.start("run", "slow", "--client", "acme")
    two_jobs.await_event("bundle-started")
    assert two_jobs("run", "quick", "--client", "acme", "--check").returncode == 0
    assert slow.poll() is None, "it was not waited for"
    assert ended(slow)[0] == 0
