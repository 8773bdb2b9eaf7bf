"""The failures of a connection, each with its own reason and remedy, in one table of functions."""

from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome

NOT_ADMINISTRATOR = (
    "put the account into the Administrators group; a local one other than the built-in Administrator needs"
    " LocalAccountTokenFilterPolicy=1 on the host"
)
"""The remedy for a Windows account without an administrator's rights in a session from outside."""


def unreachable(reason: str, detail: str, remedy: str = "") -> Failure:
    """The host was not reached: nothing was started there."""
    return Failure(Outcome.UNREACHABLE, reason, detail, remedy)


def failed(reason: str, detail: str, remedy: str = "") -> Failure:
    """The host was reached, and something there did not do what was asked."""
    return Failure(Outcome.FAILED, reason, detail, remedy)


def closed_early(where: str) -> Failure:
    """The connection was closed before the version line: a full server does that, so it is tried again."""
    return unreachable(
        "closed-early",
        f"{where} closed the connection before its version line",
        "does MaxStartups, a firewall or fail2ban keep us out?",
    )


def link_lost(detail: str) -> Failure:
    """The connection died under a running program: what became of it is not known from here."""
    return Failure(
        Outcome.LOST, "link-lost", detail, "mspctl runs resume picks up what the host went on doing"
    )


def unsupported(detail: str, remedy: str = "") -> Failure:
    """The inventory asks for something that this version cannot do."""
    return failed("unsupported", detail, remedy)


def host_key_unknown(client: str, host: str, address: str, shown: str) -> Failure:
    """No key is pinned for this address; nothing secret was sent."""
    return unreachable(
        "host-key-unknown",
        f"no key is pinned for {address}; it shows {shown}",
        f"compare the fingerprint with the host's, then: mspctl trust --client {client} {host}",
    )


def host_key_changed(client: str, host: str, address: str, shown: str, pinned: str) -> Failure:
    """Another key than the pinned one; nothing secret was sent."""
    return unreachable(
        "host-key-changed",
        f"{address} shows {shown}, pinned is {pinned}",
        "find out why before anything else (a new installation, or somebody in between); "
        f"then: mspctl trust --client {client} --replace {host}",
    )


def host_key_revoked(address: str, shown: str) -> Failure:
    """The key is marked @revoked in the client's known hosts."""
    return unreachable(
        "host-key-revoked", f"{address} shows {shown}, which is marked as revoked", "do not connect"
    )


def through(gateway: str, cause: Failure) -> Failure:
    """A gateway failed: all hosts behind it share this one cause."""
    return unreachable("jump", f"gateway {gateway}: {cause.reason}: {cause.detail}", cause.remedy)


def safe(text: str, limit: int = 200) -> str:
    """Text from a host in one printable line of at most `limit` characters."""
    line = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text.strip())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def quoted(said: str) -> str:
    """What a host said, to be put behind a sentence; nothing if it said nothing."""
    return f": {said}" if said else ""
