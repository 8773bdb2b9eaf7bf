"""What of a backup's policy a host's platform or the tool cannot have."""

from collections.abc import Mapping
from string import ascii_letters

from mspctl.model.backup import BackupTool
from mspctl.model.inventory import Host

_WINDOWS_PATH = ("\\\\", *(f"{letter}:\\" for letter in ascii_letters))
_PLACES: Mapping[BackupTool, tuple[str, ...]] = {
    BackupTool.RESTIC: ("/", "sftp:", "rest:"),
    BackupTool.BORG: ("/", "ssh://"),
    BackupTool.TAR: ("/",),
    BackupTool.RSYNC: ("/",),
}
"""How the repository of each tool begins."""


def unfit_for_platform(host: Host) -> tuple[str, str] | None:
    """The problem and a way out; None if there is none."""
    policy = host.backup
    if host.windows and (policy.databases or policy.foreign):
        return (
            f"`{host.name}` runs Windows: databases are dumped and backups of others looked at on Linux only",
            "set databases and foreign for groups of Linux hosts; null takes them back",
        )
    if not policy.wanted:
        return None
    if host.windows and policy.tool is not BackupTool.RESTIC:
        return (
            f"`{host.name}` runs Windows, and {policy.tool.value} is for Linux only",
            "set tool: restic for groups of Windows hosts",
        )
    for path in (policy.repository, *policy.sources, *policy.mountpoints):
        if path.startswith("/" if host.windows else _WINDOWS_PATH):
            return (
                f"`{path}` in the backup of `{host.name}` is no path on its platform",
                "set what differs for groups of hosts of one platform",
            )
    return None


def unfit_for_tool(host: Host) -> tuple[str, str] | None:
    """Likewise a repository to which the tool has no way."""
    tool, repository = host.backup.tool, host.backup.repository
    if host.windows or repository.startswith(_PLACES[tool]):
        return None
    return (
        f"{tool.value} cannot work with the repository `{repository}` of `{host.name}`",
        f"it begins with {' or '.join(_PLACES[tool])}",
    )
