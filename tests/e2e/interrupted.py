"""A patch night on one host whose upgrade takes its time, so that something can happen in the middle."""

import signal
import subprocess
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mspctl.engine.runid import derive
from mspctl.runstore import open_run_store
from mspctl.testing.lab import CountingProxy, Host, HostSpec
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.cli import Cli, ended, wait_until

SECONDS = 5
LINES = SECONDS * 10
# Whoever lets dpkg work, named by the spool of the worker whose child it is: begin and end.
TRACE = """\
who=nobody pid=$PPID
while [ "$pid" -gt 1 ]; do
    spool=$(tr '\\0' '\\n' <"/proc/$pid/cmdline" | grep -x '/var/tmp/mspctl-[0-9a-f]*')
    [ -z "$spool" ] || { who=${spool##*/}; break; }
    read -r stat <"/proc/$pid/stat"
    set -- "$1" ${stat##*) }
    pid=$3
done
echo "$1 $who" >>/var/log/lab-trace
"""
HOOKS = """\
DPkg::Pre-Invoke {"sh /usr/local/sbin/lab-trace begin";};
DPkg::Post-Invoke {"sh /usr/local/sbin/lab-trace end";};
"""
FILES = {
    "/etc/lab-slow-seconds": f"{SECONDS}\n",
    "/usr/local/sbin/lab-trace": TRACE,
    "/etc/apt/apt.conf.d/99lab-trace": HOOKS,
}
SHORT = "  timeouts: {connect: 3, banner: 5, auth: 5, reboot: 20, lock_wait: 3, keepalive: 2}\n"


@dataclass(frozen=True, slots=True)
class SlowNight:
    """`mspctl patch --client acme` on the host slow1."""

    cli: Cli
    host: Host
    proxy: CountingProxy
    secret: str
    """The password of `admin`, who alone needs it."""

    def begin(self, line: int = 10) -> "subprocess.Popen[bytes]":
        """Start the patch run; returns when the upgrade has printed so many lines on the host."""
        process = self.cli.start("patch", "--client", "acme")
        wait_until(lambda: self.printed(line), f"line {line} of the upgrade")
        return process

    def printed(self, line: int) -> bool:
        if not self.host.is_on:
            return False
        grep = f"grep -qs 'lab-slow: line {line} ' /var/tmp/mspctl-*/out && echo yes"
        return "yes" in self.host.run_inside(["sh", "-c", grep], check=False).stdout

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        """What no program can answer."""
        process.send_signal(signal.SIGKILL)
        ended(process)

    def row(self) -> Any:  # noqa: ANN401 - a JSON document
        """The host's row of the newest run."""
        (row,) = self.cli.last()["hosts"]
        return row

    def assert_upgraded_once(self) -> None:
        """The package, the dpkg log, the spool folder and the lock of the host."""
        self.assert_package_once()
        assert self.host.run_inside(["sh", "-c", "ls /var/tmp"]).stdout == ""

    def assert_package_once(self) -> None:
        """The same but for the spool folder, which stays where nobody has collected it."""
        version = self.host.run_inside(
            ["dpkg-query", "-W", "-f", "${Version} ${db:Status-Abbrev}", "lab-slow"]
        )
        assert version.stdout.split() == ["1.1", "ii"]
        log = self.host.read_file("/var/log/dpkg.log")
        assert log.count("upgrade lab-slow:") == 1
        self.assert_one_at_a_time()
        assert self.host.run_inside(["flock", "-n", "/run/mspctl.lock", "echo", "free"]).stdout == "free\n"

    def assert_one_at_a_time(self) -> None:
        """F5 by the host's own trace: sessions that change it never overlap, and the log knows them."""
        words = [line.split() for line in self.host.read_file("/var/log/lab-trace").splitlines()]
        assert [word for word, _ in words] == ["begin", "end"] * (len(words) // 2), words
        workers = [who for _, who in words]
        assert workers[::2] == workers[1::2], words
        claims = self._claims()
        changed = {spool for spool, outcomes in claims.items() if "changed" in outcomes}
        (worker,) = set(workers)
        # Of a killed run that nobody resumed the log says that nobody can say.
        assert changed == {worker} or (changed == set() and claims[worker] == {"lost"}), (words, claims)

    def _claims(self) -> dict[str, set[str]]:
        """The spool of each run's first bundle; what became of the host in the runs that looked for it."""
        found: dict[str, set[str]] = defaultdict(set)
        with closing(open_run_store(f"sqlite:///{self.cli.state}/mspctl/runs.db", write=False)) as store:
            for run in store.runs():
                for row in run.hosts:
                    nonce = derive(run.nonce, row.host, "0")
                    found[f"mspctl-{derive(nonce, 'spool')[:16]}"].add(str(row.outcome))
        return found

    def assert_every_line_once(self) -> None:
        """No line of the upgrade is lost or told twice."""
        said = [step["output"] for step in self.row()["steps"] if "lab-slow: line" in step["output"]]
        lines = [line for line in "".join(said).splitlines() if line.startswith("lab-slow: line")]
        assert lines == [f"lab-slow: line {number} of {LINES}" for number in range(1, LINES + 1)]

    def assert_log_is_sound(self) -> None:
        """`runs verify`: F1 to F4 and the database's own check."""
        verified = self.cli("runs", "verify")
        assert (verified.returncode, verified.stderr) == (0, "")

    def assert_no_secret(self, *said: str) -> None:
        """F12: sudo's password is in nothing that mspctl said or keeps: database, JSON lines, audit log."""
        secret = self.secret.encode()
        kept = [file for file in self.cli.state.rglob("*") if file.is_file()]
        assert kept
        assert [file.name for file in kept if secret in file.read_bytes()] == []
        assert self.secret not in "".join(said)


def slow_night(lab_hosts: LabHosts, folder: Path, *, user: str = "ops") -> SlowNight:
    """A fresh host and a project that reaches it through a proxy, as `admin` with a password for sudo."""
    host = lab_hosts(HostSpec("slow1", packages=("slow",), files=FILES))
    proxy = lab_hosts.lab.proxy(host)
    project = write_project(lab_hosts.lab, folder / "project", [entry(host, proxy=proxy)], user=user)
    file = project / "inventory" / "clients" / "acme.yml"
    file.write_text(file.read_text().replace("sites:\n", f"{SHORT}sites:\n", 1))
    return SlowNight(Cli(project, folder / "state"), host, proxy, lab_hosts.lab.admin_password)
