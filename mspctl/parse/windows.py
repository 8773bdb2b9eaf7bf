"""What is wrong with how Windows hosts are logged in to: nothing secret may travel in the clear."""

from mspctl.errors import Problem
from mspctl.model.inventory import Client, ConnectionKind, Host, Scheme, WinrmAuth

_NEEDS_TLS = frozenset({WinrmAuth.BASIC, WinrmAuth.CERTIFICATE})


def windows_problems(client: Client) -> tuple[Problem, ...]:
    """Logins that need TLS and have none, and certificates without a key."""
    found = ((host, _problem(host)) for host in client.hosts)
    return tuple(
        Problem(told[0], host.place, f"sites.{host.site}.hosts.{host.name}", told[1])
        for host, told in found
        if told is not None
    )


def _problem(host: Host) -> tuple[str, str] | None:
    access = host.access
    if access.connection is not ConnectionKind.WINRM:
        return None
    if access.scheme is Scheme.HTTP and access.auth in _NEEDS_TLS:
        problem = f"`{host.name}` would log in by {access.auth.value} over HTTP, which encrypts nothing"
        return problem, "use scheme: https, or auth: ntlm or kerberos"
    if access.auth is WinrmAuth.CERTIFICATE and (access.certificate is None or access.identity is None):
        return f"`{host.name}` logs in by certificate and lacks one", "set certificate and identity (its key)"
    return None
