"""`python -m mspctl.testing.lab up|down|status|reboot|cut|shell`: a lab to play with."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from mspctl.testing.lab.errors import LabError
from mspctl.testing.lab.host import Host
from mspctl.testing.lab.lab import Lab
from mspctl.testing.lab.login import ssh_argv
from mspctl.testing.lab.project import write_project
from mspctl.testing.lab.spec import HostSpec

_NAME = "play"
_PACKAGES = ("web", "ssl", "held", "kernel", "conf")


def main() -> int:
    """Run the command line; 0 when it was done, 1 when not."""
    arguments = _parser().parse_args()
    verbs: dict[str, Callable[[argparse.Namespace], None]] = {
        "up": _up,
        "down": _down,
        "status": _status,
        "reboot": _reboot,
        "cut": _cut,
        "shell": _shell,
    }
    try:
        verbs[arguments.verb](arguments)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mspctl.testing.lab", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    texts = {
        "up": "make hosts h1, h2, … with updates pending, and a project for them",
        "down": "take the hosts down, and whatever dead processes left over",
        "status": "show the hosts",
        "reboot": "reboot a host and wait for it",
        "cut": "cut a host's power, or give it back",
        "shell": "log in to a host",
    }
    for verb, text in texts.items():
        command = verbs.add_parser(verb, help=text)
        command.add_argument("--folder", type=Path, help="where bases and labs are kept (default: .lab)")
        if verb == "up":
            command.add_argument("--hosts", type=int, default=3)
            command.add_argument("--init", choices=("plain", "systemd"), default="plain")
            command.add_argument("--packages", default=",".join(_PACKAGES), help="which are installed in 1.0")
        elif verb in {"reboot", "cut", "shell"}:
            command.add_argument("host")
    return parser


def _up(arguments: argparse.Namespace) -> None:
    began = time.monotonic()
    packages = tuple(arguments.packages.split(",")) if arguments.packages else ()
    specs = [HostSpec(f"h{number + 1}", packages, arguments.init) for number in range(arguments.hosts)]
    lab = Lab.start(arguments.folder, specs, detached=True, name=_NAME)
    project = write_project(lab, lab.folder / "project")
    print(f"{arguments.hosts} hosts up in {time.monotonic() - began:.1f} s; key {lab.key_path}")
    print(f"a project for them is in {project}")
    _show(lab)


def _down(arguments: argparse.Namespace) -> None:
    Lab.cleanup(arguments.folder)


def _status(arguments: argparse.Namespace) -> None:
    _show(Lab.attach(arguments.folder, _NAME))


def _show(lab: Lab) -> None:
    for host in lab.hosts:
        down = "going down or up" if host.is_on else "off"
        state = f"up, boot {host.boot_id}" if host.init_process else down
        print(f"{host.name:12} {host.address:16} {state}")


def _host(arguments: argparse.Namespace) -> Host:
    return Lab.attach(arguments.folder, _NAME).host(arguments.host)


def _reboot(arguments: argparse.Namespace) -> None:
    host = _host(arguments)
    before = host.boot_id
    host.run_inside(["reboot"], check=False)
    host.await_reboot(before)


def _cut(arguments: argparse.Namespace) -> None:
    host = _host(arguments)
    if host.is_on:
        host.power_cut()
    else:
        host.boot()


def _shell(arguments: argparse.Namespace) -> None:
    argv = [*ssh_argv(_host(arguments)), "-t"]
    os.execvp(argv[0], argv)  # noqa: S606


if __name__ == "__main__":
    sys.exit(main())
