"""The client's file as it is proposed for the hosts that answered."""

from collections.abc import Iterable, Mapping

from mspctl.model.onboarding import Answer, Login, Onboarding
from mspctl.parse.importers.draft import Foreign, dump_yaml, slug

_HEAD = """\
# yaml-language-server: $schema=../client.schema.json
# Proposed by `mspctl onboard`: everything in it may be changed.
"""
_TAIL = """
# What no scan can know; see the page on backups:
# windows: {patch: "Sun 02:00-05:00"}
# backup:
#   repository: sftp:backup@store.example.com:/srv/backup/{host}
#   password: "file:keys/backup"
#   sources: [/etc, /home]
#   goals: {rpo: 24h, rto: 4h, proof: 90d}
"""
_SSH, _WINRM_TLS, _WINRM = 22, 5986, 5985
_WATCHED: Mapping[str, Foreign] = {
    "disks": {"module": "disk"},
    "memory": {"module": "memory"},
    "load": {"module": "load"},
    "units": {"module": "failed-units"},
    "raid": {"module": "raid"},
    "queue": {"module": "mail-queue"},
}
_WATCHED_BY_ROOT: Mapping[str, Foreign] = {
    "smart": {"module": "disk-health"},
    "replication": {"module": "database-replication"},
}
WINDOWS = "windows"


def reachable(state: Onboarding) -> tuple[Answer, ...]:
    """The answers with a way in that mspctl knows, SSH or WinRM."""
    return tuple(each for each in state.answers if way_in(each, state.ssh_ports))


def way_in(answer: Answer, ssh_ports: Iterable[int]) -> dict[str, Foreign]:
    """Connection and port as the client's file says them; empty if there is no way. SSH comes first.

    A port for SSH that says something else is none.
    """
    for door in answer.doors:
        if door.port in ssh_ports and door.greeting.startswith("SSH-"):
            return {"connection": "ssh"} | ({} if door.port == _SSH else {"port": door.port})
    if _WINRM_TLS in answer.ports:
        return {"connection": "winrm"}
    return {"connection": "winrm", "scheme": "http", "port": _WINRM} if _WINRM in answer.ports else {}


def host_names(answers: Iterable[Answer]) -> dict[str, str]:
    """Address → what the host is called here: its own name, else its address; no two alike."""
    names: dict[str, str] = {}
    for answer in answers:
        address = answer.address
        own = slug(answer.name.partition(".")[0])
        stem = own if own and own != "localhost" else slug(address.replace(":", "-")) or "host"
        name, number = stem, 2
        while name in names.values():
            name, number = f"{stem[:59]}-{number}", number + 1
        names[address] = name
    return names


def proposal(state: Onboarding) -> str:
    """The text of `inventory/clients/<client>.yml`; nothing in it was not named or said by a host."""
    answers = reachable(state)
    names = host_names(answers)
    document: dict[str, Foreign] = {"client": state.client, "name": state.name or state.client}
    document["timezone"] = state.timezone
    document |= _defaults(state.login)
    windows = any(way_in(each, state.ssh_ports).get("connection") == "winrm" for each in answers)
    if windows and (account := _windows_account(state.login)):
        document["groups"] = {WINDOWS: {"defaults": account}}
    document["schedules"] = {"monitor": {"every": "5m", "run": "monitor"}}
    document["monitor"] = {"probes": dict(_WATCHED) | (dict(_WATCHED_BY_ROOT) if _root(state.login) else {})}
    hosts = {names[each.address]: _host(each, state) for each in answers}
    document["sites"] = {state.site: {"hosts": hosts}}
    return _HEAD + dump_yaml(document) + _TAIL


def _root(login: Login) -> bool:
    return login.user == "root" or login.become not in {"", "none"}


def _defaults(login: Login) -> dict[str, Foreign]:
    told = {
        "user": login.user,
        "identity": login.identity,
        "password": login.password,
        "become": login.become,
        "become_password": login.become_password,
    }
    found = {key: text for key, text in told.items() if text}
    return {"defaults": found} if found else {}


def _windows_account(login: Login) -> dict[str, Foreign]:
    told = {"user": login.windows_user, "password": login.windows_password, "become": "none"}
    return {key: text for key, text in told.items() if text} if login.windows_user else {}


def _host(answer: Answer, state: Onboarding) -> dict[str, Foreign]:
    way = way_in(answer, state.ssh_ports)
    block: dict[str, Foreign] = {"address": answer.address, **way}
    if way["connection"] == "winrm":
        return block | {"os": WINDOWS, "tags": [WINDOWS]}
    del block["connection"]  # SSH is what it is without a word
    return block | ({"os": answer.os} if answer.os else {})
