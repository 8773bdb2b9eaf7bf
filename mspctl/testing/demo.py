"""`make demo`: three real hosts are patched before your eyes; one is healthy, one broken, one unreachable.

Each step is the real command line. At the end the claims of mspctl are held against what the hosts themselves
say; the exit code is 0 only if everything came out as the truth demands. Where no lab can run (it needs root
and some Debian packages) one local sshd stands in, and the health playbook. All is kept below `.demo/`.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mspctl.testing.lab import Host, HostSpec, Lab, LabError, missing_requirements
from mspctl.testing.lab.project import write_project
from mspctl.testing.localproject import write_local_project
from mspctl.testing.sshd import Sshd

PACKAGE = Path(__file__).resolve().parents[1]
SPECS = (
    HostSpec("web1", packages=("web", "ssl")),
    HostSpec("db1", packages=("ssl", "broken")),
    HostSpec("nas1", packages=("web",)),
)
TRUTH: Mapping[str, str] = {"web1": "changed", "db1": "failed", "nas1": "unreachable"}


class Show:
    """Runs commands before the eyes of a person, and remembers what was not as it had to be."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.wrong: list[str] = []
        path = f"{PACKAGE.parent}{os.pathsep}{os.environ.get('PYTHONPATH', '')}".rstrip(os.pathsep)
        self._environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "PYTHONPATH": path}
        self._environment.pop("MSPCTL_DATABASE", None)

    def tell(self, text: str) -> None:
        """A line for the person."""
        print(f"\n\033[1m# {text}\033[0m" if sys.stdout.isatty() else f"\n# {text}", flush=True)

    def run(self, *arguments: str, expect: int = 0) -> None:
        """Run it on this terminal; another exit code than `expect` is wrong."""
        print(f"$ mspctl {' '.join(arguments)}", flush=True)
        done = subprocess.run(self._argv(arguments), env=self._environment, check=False)
        print(f"(exit code {done.returncode})", flush=True)
        self.check(
            done.returncode == expect, f"`mspctl {arguments[0]}` ended with {done.returncode}, not {expect}"
        )

    def ask(self, *arguments: str) -> Any:  # noqa: ANN401 - whatever the document holds
        """What it says as JSON, out of sight."""
        argv = self._argv(("--json", *arguments))
        done = subprocess.run(argv, env=self._environment, check=False, capture_output=True, text=True)
        return json.loads(done.stdout)

    def check(self, holds: bool, otherwise: str) -> None:  # noqa: FBT001 - it is the claim itself
        """Something that has to be so."""
        if not holds:
            self.wrong.append(otherwise)

    def end(self) -> int:
        """Say what came of it; the exit code of the demo."""
        if self.wrong:
            self.tell("The demo did not come out as it must:")
            for each in self.wrong:
                print(f"  - {each}")
            return 1
        self.tell("Everything came out as the truth demands.")
        return 0

    def _argv(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "mspctl", "--project", str(self.project), *arguments]


def main() -> int:
    """Show it; 0 if all came out as it must."""
    folder = Path.cwd() / ".demo"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    show = Show(folder)
    missing = missing_requirements()
    if not missing:
        return on_lab(show, folder)
    show.tell("No lab can run here, so one local sshd stands in for it. Missing:")
    for each in missing:
        print(f"  - {each}")
    return on_local_sshd(show, folder)


def on_lab(show: Show, folder: Path) -> int:
    """Three real hosts."""
    show.tell("Three Debian hosts come up on this machine, each with its own root, network and sshd.")
    print("(The first time their base system is built, which takes a minute or two.)", flush=True)
    try:
        with Lab.start(hosts=SPECS) as lab:
            print(f"up: {', '.join(f'{host.name} at {host.address}' for host in lab.hosts)}")
            write_project(lab, show.project)
            lab.host("nas1").power_cut()
            patch_night(show, folder)
            ask_the_hosts(show, lab)
    except LabError as error:
        show.check(holds=False, otherwise=f"the lab failed: {error}")
    return show.end()


def patch_night(show: Show, folder: Path) -> None:
    """From the inventory to the report, on web1 (healthy), db1 (a package fails) and nas1 (without power)."""
    show.tell("The inventory: one client, three hosts.")
    show.run("inventory", "list")
    show.tell("Fit for the night? This machine, the project, secrets and pinned host keys.")
    show.run("doctor")
    show.tell("What would be sent to whom. Nobody is connected to.")
    show.run("plan", "patch", "--client", "acme")
    show.tell("A dry run asks the hosts. nas1 has no power: nobody can know.")
    show.run("patch", "--client", "acme", "--check", expect=1)
    show.tell("The patch night. db1 has a package whose installation fails; nas1 is still without power.")
    show.run("patch", "--client", "acme", expect=1)
    show.tell("What the run log has on it.")
    show.run("runs", "list")
    show.run("runs", "verify")
    run = show.ask("runs", "show", "last")
    outcomes = {host["host"]: host["outcome"] for host in run["hosts"]}
    show.check(outcomes == TRUTH, f"the run log says {outcomes}, not {TRUTH}")
    report(show, folder)


def report(show: Show, folder: Path) -> None:
    """The client's month, from the run log alone."""
    show.tell("The client's report of this month, from the run log alone.")
    month = f"{datetime.now(ZoneInfo('Europe/Berlin')):%Y-%m}"
    show.run("report", "--client", "acme", "--month", month, "--output", str(folder))
    page = folder / f"acme-{month}.html"
    show.check(page.is_file(), f"{page} was not written")
    print(f"Open {page} in a browser.")


def ask_the_hosts(show: Show, lab: Lab) -> None:
    """The truth, past mspctl: dpkg on each host. nas1 gets its power back for that."""
    show.tell("The hosts themselves, asked past mspctl:")
    lab.host("nas1").boot()
    seen = {host.name: packages(host) for host in lab.hosts}
    for name, found in seen.items():
        print(f"  {name}: " + ", ".join(f"{package} {state}" for package, state in sorted(found.items())))
    installed, failed = "1.1 ii", "1.1 iF"
    show.check(seen["web1"]["lab-web"] == installed, "web1 does not have the new lab-web")
    show.check(seen["web1"]["lab-ssl"] == installed, "web1 does not have the new lab-ssl")
    show.check(seen["db1"]["lab-broken"] == failed, "on db1 lab-broken is not half-configured")
    show.check(seen["db1"]["lab-ssl"] == installed, "db1 does not have the new lab-ssl")
    show.check(seen["nas1"]["lab-web"] == "1.0 ii", "nas1 was touched")


def packages(host: Host) -> Mapping[str, str]:
    """The lab packages of a host: name → version and dpkg's two letters."""
    shape = "${Package} ${Version} ${db:Status-Abbrev}\\n"
    told = host.run_inside(["dpkg-query", "-W", "-f", shape, "lab-*"]).stdout
    rows = (line.split() for line in told.splitlines())
    return {row[0]: f"{row[1]} {row[2]}" for row in rows if len(row) == 3}  # noqa: PLR2004 - unknown ones have no version


def on_local_sshd(show: Show, folder: Path) -> int:
    """One host: this machine, through an sshd of its own; only looked at, never changed."""
    try:
        with Sshd(folder / "sshd") as sshd:
            write_local_project(sshd, show.project, unreachable=True)
            show.tell("The inventory: this machine behind a real sshd, and a host that nobody answers for.")
            show.run("inventory", "list")
            show.tell("What would be sent to whom. Nobody is connected to.")
            show.run("plan", "health", "--client", "acme")
            show.tell("The health playbook looks at this machine and changes nothing.")
            show.run("health", "--client", "acme", expect=1)
            run = show.ask("runs", "show", "last")
            outcomes = {host["host"]: host["outcome"] for host in run["hosts"]}
            show.check(outcomes["gone1"] == "unreachable", f"gone1 is {outcomes['gone1']}, not unreachable")
            show.check(outcomes["local1"] in {"ok", "failed"}, f"local1 is {outcomes['local1']}")
            show.run("runs", "list")
            report(show, folder)
    except RuntimeError as error:
        show.check(holds=False, otherwise=str(error))
    return show.end()


if __name__ == "__main__":
    sys.exit(main())
