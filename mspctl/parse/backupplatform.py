"""What of a backup's policy a host's platform cannot have."""

from string import ascii_letters

from mspctl.model.inventory import Host

_WINDOWS_PATH = ("\\\\", *(f"{letter}:\\" for letter in ascii_letters))


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
    for path in (policy.repository, *policy.sources, *policy.mountpoints):
        if path.startswith("/" if host.windows else _WINDOWS_PATH):
            return (
                f"`{path}` in the backup of `{host.name}` is no path on its platform",
                "set what differs for groups of hosts of one platform",
            )
    return None
