"""WinRM, requests counted and tools compared: `python -m tests.benchmarks.bench_winrm [--delay MS …]`.

All tools talk to the same emulated hosts, where starting a PowerShell costs nothing. On Windows each start
takes time, and mspctl has one for each host where the others have one for each step.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from mspctl.testing.winrm.endpoint import PASSWORD, USER, WinrmEndpoint
from mspctl.testing.winrm.fleet import WinrmFleet
from mspctl.testing.winrm.manifest import AskedStep
from mspctl.testing.winrm.soap import Request
from mspctl.testing.winrm.windows import Done, WindowsHost
from tests.benchmarks.speed.timing import timed
from tests.benchmarks.speed.tools import Job

STEPS, MOST_REQUESTS, MANY = 20, 8, 100
PAUSES = (0.0, 0.3, 1.0, 3.0)
"""Seconds that each of the steps takes where only our requests are counted."""
SCRIPT = """
import sys
from concurrent.futures import ThreadPoolExecutor
import winrm

def one(number):
    asked = winrm.Session(sys.argv[1], (sys.argv[2], sys.argv[3]), transport="ntlm")
    for step in range(int(sys.argv[5])):
        assert asked.run_ps("Get-Date").status_code == 0

with ThreadPoolExecutor(int(sys.argv[4])) as pool:
    list(pool.map(one, range(int(sys.argv[4]))))
"""


def emulated(name: str = "w", pause: float = 0.0) -> WindowsHost:
    """A host that knows the module of our steps, and the command of the others'."""

    def well(_step: AskedStep, _host: WindowsHost, _check: bool) -> Done:  # noqa: FBT001 - a Module's shape
        return Done("ok", reports=(("fact", "self", name),))

    return WindowsHost({"uptime": well}, {"Get-Date": lambda _script: (b"now\r\n", b"", 0)}, pause)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tool works, and against what."""

    folder: Path
    ports: tuple[int, ...]

    @property
    def hosts(self) -> int:
        """How many there are; several may be behind one port."""
        return len(self.ports)

    def ours(self) -> Job:
        """One playbook of STEPS steps."""
        clients = self.folder / "inventory" / "clients"
        clients.mkdir(parents=True, exist_ok=True)
        (clients.parent / "mspctl.yml").write_text("name: Bench\n")
        names = "".join(
            f"      w{number}: {{address: 127.0.0.1, port: {port}, shared: true}}\n"
            for number, port in enumerate(self.ports)
        )
        (clients / "acme.yml").write_text(
            "client: acme\nname: Acme\ntimezone: Europe/Berlin\n"
            f"defaults: {{connection: winrm, os: windows, scheme: http, user: {USER}, password: 'env:WORD',"
            " timeouts: {connect: 60, auth: 60}}\n"
            f"sites:\n  hq:\n    hosts:\n{names}"
        )
        books = self.folder / "playbooks"
        books.mkdir(exist_ok=True)
        steps = "".join(f"  - {{name: Step {number}, module: uptime}}\n" for number in range(STEPS))
        (books / "bench.yml").write_text(f"name: bench\nsteps:\n{steps}")
        program = str(Path(sys.executable).with_name("mspctl"))
        told = ("--json", "--project", str(self.folder), "run", "bench", "--client", "acme")
        word = {"WORD": PASSWORD, "XDG_STATE_HOME": str(self.folder / "state")}
        shell = ("sh", "-c", 'out=$1; shift; exec "$@" >"$out"', "sh", str(self.folder / "run.json"))
        return Job((*shell, program, *told, "--forks", str(self.hosts)), self.folder, word)

    def pywinrm(self) -> Job:
        """A `run_ps` for each step."""
        url = f"http://127.0.0.1:{self.ports[0]}/wsman"
        argv = (sys.executable, "-c", SCRIPT, url, USER, PASSWORD, str(self.hosts), str(STEPS))
        return Job(argv, self.folder, {})

    def ansible(self) -> Job:
        """A task for each step."""
        hosts = "".join(f"w{number}\n" for number in range(self.hosts))
        settings = {
            "connection": "winrm",
            "winrm_scheme": "http",
            "winrm_transport": "ntlm",
            "host": "127.0.0.1",
        }
        settings |= {"port": str(self.ports[0]), "user": USER, "password": PASSWORD}
        lines = "".join(f"ansible_{name}={value}\n" for name, value in settings.items())
        (self.folder / "hosts").write_text(f"[all]\n{hosts}[all:vars]\n{lines}")
        tasks = "".join(
            f"    - {{name: Step {number}, ansible.builtin.raw: Get-Date}}\n" for number in range(STEPS)
        )
        (self.folder / "bench.yml").write_text(f"- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}")
        program = str(Path(sys.executable).with_name("ansible-playbook"))
        argv = (program, "-i", "hosts", "-f", str(self.hosts), "bench.yml")
        return Job(argv, self.folder, {"HOME": str(self.folder), "LC_ALL": "C.UTF-8"})


TOOLS: dict[str, Callable[[Place], Job]] = {
    "mspctl": Place.ours,
    "pywinrm": Place.pywinrm,
    "ansible": Place.ansible,
}


def main() -> int:
    """All tools over each delay, steps that take time, MANY hosts at once; status 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=int, nargs="*", default=[0, 25], help="ms for each request")
    parser.add_argument("--hosts", type=int, default=5)
    chosen = parser.parse_args()
    missed: list[str] = []
    print(
        f"{'delay':>6} {'tool':8} {'seconds':>8} {'x mspctl':>9} {'requests a host':>16} {'with logins':>12}"
    )
    with tempfile.TemporaryDirectory() as scratch:
        for delay in chosen.delay:
            missed += _compare(Path(scratch) / f"d{delay}", delay, chosen.hosts)
        missed += _paused(Path(scratch) / "paused")
        missed += _many(Path(scratch) / "many")
    for word in missed:
        print(f"NOT MET: {word}")
    return 1 if missed else 0


def _compare(folder: Path, delay: int, hosts: int) -> list[str]:
    missed: list[str] = []
    ours = 0.0
    for tool, make in TOOLS.items():
        place = folder / tool
        place.mkdir(parents=True)
        with WinrmEndpoint(emulated(), kinds=("Negotiate",), quotas=(1000, 1500)) as served:
            served.trouble = _delayed(delay / 1000)
            timing = timed(make(Place(place, (served.port,) * hosts)))
            requests, exchanges = len(served.actions) / hosts, served.exchanges / hosts
        ours = ours or timing.seconds
        figures = f"{timing.seconds:8.2f} {timing.seconds / ours:9.1f} {requests:16.1f} {exchanges:12.1f}"
        print(f"{delay:6} {tool:8} {figures}", flush=True)
        if timing.status:
            missed.append(f"{tool} ended with status {timing.status}: {timing.output}")
        if tool == "mspctl" and requests > MOST_REQUESTS:
            missed.append(f"{requests} requests for {STEPS} steps")
    return missed


def _delayed(seconds: float) -> Callable[[BaseHTTPRequestHandler, Request], bool]:
    def trouble(_exchange: BaseHTTPRequestHandler, _request: Request) -> bool:
        time.sleep(seconds)
        return False

    return trouble


def _paused(folder: Path) -> list[str]:
    """Our requests where steps take time: all these hosts at once, so that the longest one counts."""
    served = {
        f"w{number}": WinrmEndpoint(emulated(f"w{number}", pause), kinds=("Negotiate",))
        for number, pause in enumerate(PAUSES)
    }
    missed = _ours_at(folder, served)
    for pause, endpoint in zip(PAUSES, served.values(), strict=True):
        requests = len(endpoint.actions)
        print(f"  {STEPS} steps of {pause:g} s: {requests} requests after the login")
        if requests > MOST_REQUESTS:
            missed.append(f"{requests} requests for {STEPS} steps of {pause:g} s")
    return missed


def _many(folder: Path) -> list[str]:
    """Each of them a host of its own, with its own endpoint."""
    names = [f"w{number}" for number in range(MANY)]
    return _ours_at(folder, {name: WinrmEndpoint(emulated(name), kinds=("Negotiate",)) for name in names})


def _ours_at(folder: Path, served: dict[str, WinrmEndpoint]) -> list[str]:
    folder.mkdir()
    with WinrmFleet(served):
        timing = timed(Place(folder, tuple(endpoint.port for endpoint in served.values())).ours())
    left = sum(endpoint.shells.open for endpoint in served.values())
    rows = {row["host"]: row for row in json.loads((folder / "run.json").read_text())["hosts"]}
    good, hosts = sum(name in rows and _own(name, rows[name]) for name in served), len(served)
    print(f"  {hosts} hosts at once: {good} whole results, {timing.seconds:.1f} s, {timing.memory:.0f} MiB")
    return [] if (good, left) == (hosts, 0) else [f"{good} results of {hosts}, {left} shells left open"]


def _own(name: str, row: dict[str, Any]) -> bool:
    """Whole, and what this very host has said."""
    said = [step["facts"] for step in row["steps"]]
    return row["outcome"] == "ok" and said == [{"self": name}] * STEPS


if __name__ == "__main__":
    sys.exit(main())
