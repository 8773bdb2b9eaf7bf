"""F5: never two sessions changing one host at once, by the host's own trace, whatever is killed when."""

import signal
from pathlib import Path

import pytest

from mspctl.testing.lab import Host, HostSpec
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.cli import Cli, ended, stop, wait_until

MODULE = "title: Mark\nparameters: {who: {type: text, required: true}}\n"
# It says when it comes and when it goes, and whether somebody else is in the room.
SCRIPT = """\
check() { if grep -qsx "end "{{ who }} /var/log/trace; then ok; else needed {{ who }}; fi; }
apply() {
    mkdir /run/room || echo "overlap "{{ who }} >>/var/log/trace
    echo "begin "{{ who }} >>/var/log/trace
    sleep 0.5
    while [ -e /run/hold ]; do sleep 0.1; done
    echo "end "{{ who }} >>/var/log/trace
    rmdir /run/room
}
"""
PLAYBOOK = """\
name: mark
params: {who: {type: text}}
steps:
  - {name: Mark, module: mark, params: {who: "{{ params.who }}"}}
"""


class Controllers:
    """Three that know nothing of each other: each has a state folder of its own, all have the same host."""

    def __init__(self, host: Host, project: Path, folder: Path) -> None:
        self.host = host
        self.all = [Cli(project, folder / name) for name in ("one", "two", "three")]

    def trace(self) -> list[list[str]]:
        """The host's own words, each `begin WHO` or `end WHO`."""
        told = self.host.run_inside(["cat", "/var/log/trace"], check=False).stdout
        return [line.split() for line in told.splitlines()]

    def changes(self) -> list[str]:
        """What the logs of all three say was changed, by whom, as often as they say it."""
        runs = [cli.json("runs", "show", run["run"]) for cli in self.all for run in listed(cli)]
        steps = [step for run in runs for host in run["hosts"] for step in host["steps"]]
        return sorted(change["name"] for step in steps for change in step["changes"])


def listed(cli: Cli) -> list[dict[str, str]]:
    found: list[dict[str, str]] = cli.json("runs", "list")["runs"]
    return found


def mark(who: str) -> tuple[str, ...]:
    return ("run", "mark", "--client", "acme", "-e", f"who={who}")


@pytest.fixture
def controllers(lab_hosts: LabHosts, tmp_path: Path) -> Controllers:
    host = lab_hosts(HostSpec("web1"))
    project = write_project(lab_hosts.lab, tmp_path / "project", [entry(host)])
    module = project / "templates" / "modules" / "mark"
    module.mkdir(parents=True)
    (module / "module.yml").write_text(MODULE)
    (module / "posix.sh.j2").write_text(SCRIPT)
    (project / "playbooks").mkdir()
    (project / "playbooks" / "mark.yml").write_text(PLAYBOOK)
    inventory = project / "inventory" / "clients" / "acme.yml"
    limits = "defaults:\n  timeouts: {lock_wait: 1}\n"
    inventory.write_text(inventory.read_text().replace("defaults:\n", limits))
    return Controllers(host, project, tmp_path)


@pytest.mark.lab
@pytest.mark.timeout(240)
def test_f5(controllers: Controllers) -> None:
    host, (one, two, three) = controllers.host, controllers.all
    host.write_file("/run/hold", "")
    killed = one.start(*mark("a"))
    wait_until(lambda: ["begin", "a"] in controllers.trace(), "the beginning of a")
    stop(killed, signal.SIGKILL)
    ended(killed)
    assert two(*mark("b")).returncode == 3, "the dead one's worker goes on: nobody begins beside it"
    host.run_inside(["rm", "/run/hold"])
    crowd = [each.start(*mark(who)) for each, who in ((one, "c"), (two, "d"), (three, "e"))]
    assert {ended(each)[0] for each in crowd} <= {0, 3}
    lost = listed(one)[0]["run"]
    assert one("runs", "resume", lost).returncode == 0
    words = controllers.trace()
    assert [word for word, _ in words] == ["begin", "end"] * (len(words) // 2), words
    begun, finished = ([who for _, who in words[first::2]] for first in (0, 1))
    assert begun == finished
    assert len(begun) >= 2
    assert controllers.changes() == sorted(begun), "the logs say what the host says, and each thing once (F6)"
