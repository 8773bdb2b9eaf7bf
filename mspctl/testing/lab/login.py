"""OpenSSH's own client, for tests and people: what `ssh` says of a lab host, without any code of mspctl."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from mspctl.testing.lab.errors import LabError
from mspctl.testing.lab.host import Host


def ssh_argv(
    host: Host, *, user: str = "ops", options: Sequence[str] = (), jump: Host | None = None
) -> list[str]:
    """The command line `ssh … user@address` with the lab's key and the host's pin; append the command.

    `options` are OpenSSH options without `-o`; a host behind a gateway needs its `jump` host.
    """
    known_hosts = host.folder / "known_hosts"
    pins = host.known_hosts_line + (jump.known_hosts_line if jump else "")
    known_hosts.write_text(pins, encoding="ascii")
    common = _common(host, known_hosts)
    proxy = [] if jump is None else ["-o", f"ProxyCommand={' '.join(common)} -W %h:%p {user}@{jump.address}"]
    extra = [word for option in options for word in ("-o", option)]
    return [*common, *extra, *proxy, "-p", str(host.port), f"{user}@{host.address}"]


def ssh(
    host: Host,
    command: str,
    *,
    user: str = "ops",
    stdin: str = "",
    timeout: float = 100,
    jump: Host | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `command` by ssh. Exit status 255 is ssh's own; raises LabError after `timeout` seconds."""
    argv = [*ssh_argv(host, user=user, jump=jump), command]
    try:
        return subprocess.run(argv, input=stdin, text=True, capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired as error:
        raise LabError(f"ssh to {host.name} did not end in {timeout:g} s") from error


def _common(host: Host, known_hosts: Path) -> list[str]:
    settings = (
        "BatchMode=yes",
        "StrictHostKeyChecking=yes",
        f"UserKnownHostsFile={known_hosts}",
        "GlobalKnownHostsFile=none",
        "IdentitiesOnly=yes",
        "IdentityAgent=none",
        "LogLevel=ERROR",
    )
    options = [word for setting in settings for word in ("-o", setting)]
    return ["ssh", "-F", "none", "-i", str(host.access.key_path), *options]
