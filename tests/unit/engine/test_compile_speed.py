"""Compiling is a small part of any run: 50 hosts and 20 steps take a tenth of a second on two slow cores."""

import time
from pathlib import Path

from mspctl.model.inventory import Host
from tests.unit.compiling import Project, host

BUDGET = 0.6
"""Seconds of processor time, several times what it takes: on a busy core each second is worth less."""


def test_fifty_hosts_and_twenty_steps_compile_at_once(tmp_path: Path) -> None:
    project = Project(tmp_path)
    params = '{text: "{{ host.name }} {{ vars.x }}", words: [a, b]}'
    lines = [f"  - {{name: Step {number}, module: say, params: {params}}}\n" for number in range(10)]
    lines += [f"  - {{name: Step {number}, module: say, params: {{text: a}}}}\n" for number in range(10, 20)]
    project.playbook(f"steps:\n{''.join(lines)}")
    hosts = [host(f"web{number}", variables={"x": "a"}) for number in range(50)]
    project.compile(hosts[0])
    assert min(seconds(project, hosts) for _ in range(3)) < BUDGET


def seconds(project: Project, hosts: list[Host]) -> float:
    start = time.process_time()
    plan = project.compile(*hosts)
    assert len(plan.bundles) == len(hosts)
    return time.process_time() - start
