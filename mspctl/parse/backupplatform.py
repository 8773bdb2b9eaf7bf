"""What a backup's policy lacks, and what of it a host's platform or the tool cannot have."""

from collections.abc import Mapping
from string import ascii_letters

from mspctl.model.backup import FILES, BackupTool, Foreign
from mspctl.model.inventory import Host

_WINDOWS_PATH = ("\\\\", *(f"{letter}:\\" for letter in ascii_letters))
_PLACES: Mapping[BackupTool, tuple[str, ...]] = {
    BackupTool.RESTIC: ("/", "sftp:", "rest:"),
    BackupTool.BORG: ("/", "ssh://"),
    BackupTool.TAR: ("/",),
    BackupTool.RSYNC: ("/",),
}
"""How the repository of each tool begins."""


def lacking(host: Host) -> tuple[str, str] | None:
    """What is missing or cannot be: the problem and a way out; None if all is well."""
    policy = host.backup
    strange = _unfit_for_platform(host)
    if strange is not None:
        return strange
    if not policy.wanted:
        return None
    if not policy.repository:
        return f"the backup of `{host.name}` has sources and no repository", "set backup.repository"
    if not policy.sources and not policy.databases:
        return f"the backup of `{host.name}` has a repository and no sources", "set backup.sources"
    if policy.password is None and policy.tool.encrypts:
        return f"the backup of `{host.name}` has no password", "set backup.password, as file:keys/NAME"
    return _unfit_for_tool(host)


def _unfit_for_platform(host: Host) -> tuple[str, str] | None:
    policy = host.backup
    if host.windows and policy.databases:
        return (
            f"`{host.name}` runs Windows: databases are dumped on Linux only",
            "set databases for groups of Linux hosts; null takes them back",
        )
    strange = next(filter(None, (_unfit_foreign(host, each) for each in policy.foreign)), None)
    if strange is not None:
        return strange
    if not policy.wanted:
        return None
    if host.windows and policy.tool is not BackupTool.RESTIC:
        return (
            f"`{host.name}` runs Windows, and {policy.tool.value} is for Linux only",
            "set tool: restic for groups of Windows hosts",
        )
    for path in (policy.repository, policy.second.repository, *policy.sources, *policy.mountpoints):
        if path.startswith("/" if host.windows else _WINDOWS_PATH):
            return (
                f"`{path}` in the backup of `{host.name}` is no path on its platform",
                "set what differs for groups of hosts of one platform",
            )
    return None


def _unfit_foreign(host: Host, foreign: Foreign) -> tuple[str, str] | None:
    whose = f"the backup `{foreign.name}` of `{host.name}`"
    if foreign.kind == FILES and (foreign.of or not foreign.path):
        return f"{whose} has no path to its files", "set path; of is for other kinds"
    if foreign.kind != FILES and foreign.path:
        return f"{whose} has a path, and {foreign.kind} asks for no files", "say with of what is meant"
    if foreign.path.startswith("/" if host.windows else _WINDOWS_PATH):
        return (
            f"`{foreign.path}` in {whose} is no path on its platform",
            "set foreign for groups of hosts of one platform",
        )
    return None


def _unfit_for_tool(host: Host) -> tuple[str, str] | None:
    policy, tool = host.backup, host.backup.tool
    for repository in (policy.repository, policy.second.repository):
        if repository and not host.windows and not repository.startswith(_PLACES[tool]):
            return (
                f"{tool.value} cannot work with the repository `{repository}` of `{host.name}`",
                f"it begins with {' or '.join(_PLACES[tool])}",
            )
    if policy.second.repository == policy.repository:
        return f"the second repository of `{host.name}` is the first one", "name another place, or none"
    return None
