"""A ready mspctl project for one local sshd: where no lab can run, and where a test needs no more."""

from pathlib import Path

from mspctl.testing.sshd import Sshd

SAY_MODULE = """\
title: Say
description: Prints a text, once a tenth of a second for so many seconds, and changes nothing.
parameters:
  text: {type: text, required: true, help: What to print}
  seconds: {type: int, default: 0, help: How long}
"""
SAY_SCRIPT = """\
check() {
    printf '%s\\n' {{ text }}
    tenths=0
    while [ "$tenths" -lt "$(({{ seconds }} * 10))" ]; do
        tenths=$((tenths + 1))
        sleep 0.1
    done
    ok
}
"""
SAY_PLAYBOOK = """\
name: say
description: Prints a text and changes nothing.
params:
  text: {type: text, default: hello, help: What to print}
  seconds: {type: int, default: 0, help: How long}
steps:
  - name: Say it
    module: say
    params: {text: "{{ params.text }}", seconds: "{{ params.seconds }}"}
"""


def write_local_project(sshd: Sshd, folder: Path, *, client: str = "acme", unreachable: bool = False) -> Path:
    """Write a project whose host `local1` is `sshd` into `folder` and return it.

    Beside the shipped playbooks it has `say`, whose parameters are `text` and `seconds`. With `unreachable`
    there is a second host `gone1` that nobody answers for.
    """
    inventory = folder / "inventory"
    (inventory / "clients").mkdir(mode=0o755, parents=True, exist_ok=True)
    (inventory / "known_hosts").mkdir(mode=0o755, exist_ok=True)
    _write(inventory / "mspctl.yml", "name: Local Services\n")
    _write(inventory / "clients" / f"{client}.yml", _client_yaml(sshd, client, unreachable=unreachable))
    _write(inventory / "known_hosts" / client, sshd.known_hosts_line + "\n")
    _write(folder / "playbooks" / "say.yml", SAY_PLAYBOOK)
    _write(folder / "templates" / "modules" / "say" / "module.yml", SAY_MODULE)
    _write(folder / "templates" / "modules" / "say" / "posix.sh.j2", SAY_SCRIPT)
    return folder


def _client_yaml(sshd: Sshd, client: str, *, unreachable: bool) -> str:
    lines = [
        f"client: {client}",
        f"name: {client.capitalize()} GmbH",
        "timezone: Europe/Berlin",
        f'defaults: {{connection: ssh, user: {sshd.user}, identity: "file:{sshd.client_key}"}}',
        "sites:",
        "  hq:",
        "    hosts:",
        f"      local1: {{address: {sshd.address}, port: {sshd.port}, os: debian}}",
    ]
    if unreachable:
        lines.append(f"      gone1: {{address: 127.0.0.254, port: {sshd.port}, os: debian}}")
    return "\n".join(lines) + "\n"


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(0o644)
