"""Ansible's connection variables under our keys.

Source: Ansible's documentation, "Connecting to hosts: behavioral inventory parameters" and "Understanding
privilege escalation: directives".
"""

import re
import shlex
from collections.abc import Mapping

from mspctl.parse.importers.draft import Draft, DraftBlock, Foreign

_PLAIN: Mapping[str, str] = {
    "ansible_host": "address",
    "ansible_ssh_host": "address",
    "ansible_port": "port",
    "ansible_ssh_port": "port",
    "ansible_user": "user",
    "ansible_ssh_user": "user",
    "ansible_become_user": "become_user",
    "ansible_sudo_user": "become_user",
}
_SECRET: Mapping[str, str] = {
    "ansible_password": "password",
    "ansible_ssh_pass": "password",
    "ansible_ssh_password": "password",
    "ansible_become_password": "become_password",
    "ansible_become_pass": "become_password",
    "ansible_sudo_pass": "become_password",
}
_KEYS = ("ansible_ssh_private_key_file", "ansible_private_key_file")
_CONNECTIONS: Mapping[str, str] = {
    "ssh": "ssh",
    "smart": "ssh",
    "paramiko": "ssh",
    "paramiko_ssh": "ssh",
    "winrm": "winrm",
    "psrp": "winrm",
    "local": "local",
}
_ARGUMENTS = ("ansible_ssh_common_args", "ansible_ssh_extra_args")
_NEEDLESS = frozenset({"ansible_python_interpreter", "ansible_group_priority", "ansible_shell_type"})
_TRUE = frozenset({"true", "yes", "on", "1", "y", "t"})


def take_over(draft: Draft, variables: Mapping[str, Foreign]) -> DraftBlock:
    """Split variables into our settings and the rest; secrets must have been withheld before."""
    block = DraftBlock()
    for name, value in variables.items():
        if not name.startswith("ansible_"):
            block.variables[name] = value
        elif isinstance(value, str) and "{{" in value:
            draft.note(f"{name} holds a template and was not taken over")
        elif not _setting(block.settings, name, value) and not _is_known(name):
            draft.note(f"{name} was not taken over: mspctl has nothing like it")
    _become(draft, block.settings, variables)
    _connection(draft, block.settings, variables)
    _gateway(draft, block.settings, variables)
    return block


def _setting(settings: dict[str, Foreign], name: str, value: Foreign) -> bool:
    if name in _PLAIN:
        key = _PLAIN[name]
        is_port = key == "port" and str(value).isdecimal()
        settings[key] = int(value) if is_port else str(value)
    elif name in _SECRET:
        settings[_SECRET[name]] = value
    elif name in _KEYS:
        settings["identity"] = f"file:{value}"
    else:
        return False
    return True


def _is_known(name: str) -> bool:
    special = {"ansible_become", "ansible_sudo", "ansible_become_method", "ansible_connection"}
    return name in special or name in _ARGUMENTS or name in _NEEDLESS


def _become(draft: Draft, settings: dict[str, Foreign], variables: Mapping[str, Foreign]) -> None:
    wanted = variables.get("ansible_become", variables.get("ansible_sudo"))
    if wanted is None or (isinstance(wanted, str) and "{{" in wanted):
        return
    if str(wanted).lower() not in _TRUE:
        settings["become"] = "none"
        return
    method = str(variables.get("ansible_become_method", "sudo"))
    if method in {"sudo", "doas"}:
        settings["become"] = method
    else:
        draft.note(f"ansible_become_method {method} was not taken over: mspctl knows sudo and doas")


def _connection(draft: Draft, settings: dict[str, Foreign], variables: Mapping[str, Foreign]) -> None:
    wanted = variables.get("ansible_connection")
    if not isinstance(wanted, str) or "{{" in wanted:
        return
    kind = _CONNECTIONS.get(wanted.rpartition(".")[2])
    if kind is None:
        draft.note(f"ansible_connection {wanted} was not taken over: mspctl knows ssh, winrm and local")
    else:
        settings["connection"] = kind


def _gateway(draft: Draft, settings: dict[str, Foreign], variables: Mapping[str, Foreign]) -> None:
    for name in _ARGUMENTS:
        text = variables.get(name)
        if not isinstance(text, str) or "{{" in text:
            continue
        jump = proxy_jump(text)
        if jump:
            settings["gateway"] = jump
        else:
            draft.note(
                f"{name} was not taken over: put SSH options into an ssh_config file and set `ssh_config`"
            )


def proxy_jump(text: str) -> str | None:
    """The jump host in ssh's arguments: -J, -o ProxyJump=, or the old `ProxyCommand ssh -W %h:%p host`."""
    try:
        words = shlex.split(text)
    except ValueError:
        return None
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else ""
        option = following if word == "-o" else word.removeprefix("-o")
        if word == "-J":
            return following or None
        if found := re.fullmatch(r"(?i)ProxyJump[= ](.+)", option):
            return found[1].strip()
        if found := re.fullmatch(r"(?i)ProxyCommand[= ](.+)", option):
            return command_jump(found[1])
    return None


def command_jump(command: str) -> str | None:
    """The host of a `ssh -W %h:%p [-q] [-p PORT] [user@]host` command; None if it does anything else."""
    found = re.fullmatch(
        r"ssh((?:\s+-q|\s+-W\s*\[?%h\]?:%p|\s+-p\s*\d+)+)\s+([^\s-][^\s]*)((?:\s+-q|\s+-W\s*%h:%p)*)",
        command.strip(),
    )
    if not found or "-W" not in found[1] + found[3]:
        return None
    port = re.search(r"-p\s*(\d+)", found[1])
    return f"{found[2]}:{port[1]}" if port else found[2]
