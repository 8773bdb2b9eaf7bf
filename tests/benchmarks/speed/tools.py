"""The tools under test: what each needs on disk, and the one command that does the whole work."""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.speed.workload import Workload


@dataclass(frozen=True, slots=True)
class Target:
    """One host as the tools see it."""

    name: str
    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Job:
    """A command to time; `env` is added to the environment."""

    argv: tuple[str, ...]
    folder: Path
    env: dict[str, str]


@dataclass(frozen=True, slots=True)
class Bench:
    """Where things are: `project` is a ready mspctl project for the hosts, `rivals` a venv's bin folder."""

    folder: Path
    project: Path
    key: Path
    rivals: Path
    forks: int


def mspctl(bench: Bench, workload: Workload, targets: tuple[Target, ...]) -> Job:
    """Ours, whole process, run log included."""
    playbooks = bench.project / "playbooks"
    playbooks.mkdir(exist_ok=True)
    (playbooks / "bench.yml").write_text(workload.mspctl())
    limit = ",".join(target.name for target in targets)
    program = Path(sys.executable).with_name("mspctl")
    argv = (
        str(program),
        "--project",
        str(bench.project),
        "run",
        "bench",
        "--client",
        "acme",
        "--limit",
        limit,
    )
    state = {"XDG_STATE_HOME": str(bench.folder / "state")}
    return Job((*argv, "--forks", str(bench.forks)), bench.folder, state)


def floor(bench: Bench, workload: Workload, targets: tuple[Target, ...]) -> Job:
    """Bare paramiko."""
    hosts, script = bench.folder / "floor.hosts", bench.folder / "floor.sh"
    hosts.write_text("".join(f"{target.address} {target.port}\n" for target in targets))
    script.write_text(workload.shell())
    program = str(Path(__file__).with_name("floor.py"))
    return Job(
        (sys.executable, program, str(hosts), str(script), str(bench.key), str(bench.forks)), bench.folder, {}
    )


def pyinfra(bench: Bench, workload: Workload, targets: tuple[Target, ...]) -> Job | None:
    """Pyinfra with the same parallelism; None if it is not installed."""
    program = bench.rivals / "pyinfra"
    if not program.exists():
        return None
    deploy, inventory = bench.folder / "deploy.py", bench.folder / "pyinfra_inventory.py"
    deploy.write_text(workload.pyinfra())
    hosts = [
        (
            target.name,
            {
                "ssh_hostname": target.address,
                "ssh_port": target.port,
                "ssh_user": "ops",
                "ssh_key": str(bench.key),
                "ssh_known_hosts_file": str(bench.folder / "known_hosts"),
                "ssh_strict_host_key_checking": "yes",
            },
        )
        for target in targets
    ]
    inventory.write_text(f"hosts = {json.dumps(hosts)}\nhosts = [tuple(host) for host in hosts]\n")
    argv = (str(program), "-y", "--parallel", str(bench.forks), str(inventory), str(deploy))
    return Job(argv, bench.folder, {})


def ansible(
    bench: Bench, workload: Workload, targets: tuple[Target, ...], *, mitogen: bool = False
) -> Job | None:
    """ansible-core with pipelining and the same forks; None if it is not installed."""
    program = bench.rivals / "ansible-playbook"
    strategies = next(
        bench.rivals.parent.glob("lib/python3*/site-packages/ansible_mitogen/plugins/strategy"), None
    )
    if not program.exists() or (mitogen and strategies is None):
        return None
    play, inventory = bench.folder / "play.yml", bench.folder / "ansible_hosts"
    play.write_text(workload.ansible())
    inventory.write_text(
        "".join(
            f"{t.name} ansible_host={t.address} ansible_port={t.port} ansible_user=ops\n" for t in targets
        )
    )
    env = {
        "ANSIBLE_FORKS": str(bench.forks),
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_PRIVATE_KEY_FILE": str(bench.key),
        "ANSIBLE_SSH_ARGS": (
            f"-o UserKnownHostsFile={bench.folder / 'known_hosts'} -o ControlMaster=auto "
            f"-o ControlPersist=60s -o ControlPath={bench.folder}/cp-%C"
        ),
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
        "PATH": f"{bench.rivals}:{os.environ.get('PATH', '')}",
    }
    if mitogen:
        env |= {"ANSIBLE_STRATEGY_PLUGINS": str(strategies), "ANSIBLE_STRATEGY": "mitogen_linear"}
    return Job((str(program), "-i", str(inventory), str(play)), bench.folder, env)


def rivals_present(rivals: Path) -> bool:
    """True if the venv of the rivals has been made."""
    return shutil.which("pyinfra", path=str(rivals)) is not None
