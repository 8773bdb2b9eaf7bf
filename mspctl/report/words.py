"""The sentences and labels of a report; numbers never stand without what they are of."""

from collections.abc import Mapping

from mspctl.report.summary import Ages, Figure, HostMonth, HostState, Summary

LABELS: Mapping[HostState, str] = {
    HostState.CURRENT: "Up to date",
    HostState.HELD: "Held back",
    HostState.RESTART: "Restart due",
    HostState.PENDING: "Updates pending",
    HostState.FAILED: "Failed",
    HostState.NOT_SEEN: "Not seen",
}
"""In the order in which a reader wants them, from good to unknown."""

_MEANINGS: Mapping[HostState, str] = {
    HostState.CURRENT: "checked after the last work; nothing is waiting",
    HostState.HELD: "updates, or the last work on it, were held back on purpose",
    HostState.RESTART: "updates are installed, the old code still runs until a restart",
    HostState.PENDING: "the last check found updates that can be installed",
    HostState.FAILED: "reached, but the work did not succeed there",
}

HOLDS: Mapping[str, str] = {
    "hold": "put on hold on the computer",
    "versionlock": "locked to its version on the computer",
    "phased": "released step by step by its makers",
    "kept-back": "would need more to change than is allowed",
    "conffile": "waits for a decision on a configuration file",
    "policy-hold": "put on hold by agreement",
    "rejected": "refused: it is not to be installed",
    "quarantined": "waits: it made trouble elsewhere",
    "excluded": "left out by agreement",
    "not-included": "not among the packages agreed on",
    "approval": "waits for an approval",
    "deferred": "waits until it has been out for some days",
}
"""Why a package is held back; a reason that is not here stands as the host told it."""

KEPT_BACK: Mapping[str, str] = {
    "window": "outside its maintenance window",
    "blackout": "in a time without changes",
    "approval": "waits for an approval",
    "contract": "not part of the agreement",
}
"""Why a policy kept a whole computer back."""


def meaning(state: HostState, stale_days: int) -> str:
    """What a state means, for people."""
    unknown = (
        f"no trustworthy check for {_days(stale_days)}, or not found by the last work; its state is unknown"
    )
    return _MEANINGS.get(state, unknown)


def computers(count: int) -> str:
    """Such as `1 computer`, `12 computers`."""
    return f"{count} computer" if count == 1 else f"{count} computers"


def updates(count: int) -> str:
    """Such as `1 update`, `138 updates`."""
    return f"{count} update" if count == 1 else f"{count} updates"


def headline(summary: Summary) -> str:
    """The answer in one sentence."""
    total, states = len(summary.hosts), summary.states
    if not total:
        return "There are no computers in this agreement."
    if states[HostState.NOT_SEEN] == total:
        return f"No data: none of {computers(total)} could be checked."
    current = states[HostState.CURRENT]
    if current == total:
        return f"All {computers(total)} were checked and are up to date."
    parts = [
        f"{states[state]} {word}"
        for state, word in (
            (HostState.FAILED, "failed"),
            (HostState.PENDING, "with updates pending"),
            (HostState.RESTART, "waiting for a restart"),
            (HostState.HELD, "with updates held back"),
            (HostState.NOT_SEEN, "not seen"),
        )
        if states[state]
    ]
    return f"{current} of {computers(total)} {'is' if current == 1 else 'are'} up to date: {_listed(parts)}."


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def subline(summary: Summary) -> str:
    """What was done, and how much of the fleet the answer rests on."""
    total, seen = len(summary.hosts), len(summary.scanned)
    if not total:
        return "Add them to the inventory to see them here."
    done = summary.installed
    if done.value is None:
        work = "No patch run reached any of them this month."
    else:
        of_them = f", {summary.installed_security} of them for security" if summary.installed_security else ""
        work = f"{updates(done.value)} installed on {done.known} of {computers(total)}{of_them}."
    return f"{work} This report rests on checks of {seen} of {computers(total)}."


def known(figure: Figure) -> str:
    """What a number rests on."""
    if figure.value is None:
        return f"known for 0 of {computers(figure.of)}"
    return f"known for {figure.known} of {computers(figure.of)}"


def number(figure: Figure) -> str:
    """The number, or that there is none."""
    return "no data" if figure.value is None else f"{figure.value:,}".replace(",", "\u202f")


def age(host: HostMonth) -> str:
    """How old the last scan is."""
    if host.scan_age_days is None:
        return "no check"
    if host.scan_age_days == 0:
        return "same day"
    return _days(host.scan_age_days)


def ages(found: Ages) -> str:
    """How old the checks are that a number of computers rests on."""
    if found.youngest is None or found.oldest is None:
        return "no check" if found.unknown else ""
    oldest = "same day" if found.oldest == 0 else _days(found.oldest)
    span = oldest if found.youngest == found.oldest else f"{found.youngest} to {_days(found.oldest)}"
    return f"{span}; {found.unknown} without a check" if found.unknown else span


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def hold(reason: str) -> str:
    """Why a package is held back, for people; its own word if we have none."""
    return HOLDS.get(reason) or reason or "no reason was told"


def remark(host: HostMonth, stale_days: int) -> str:
    """Why the host is in its state, in one line."""
    match host.state:
        case HostState.FAILED:
            bad = host.last is not None and host.last.outcome.bad
            if host.last is not None and bad:
                return host.last.why
            broken = host.scan.broken if host.scan else 0
            return f"{broken} packages are only half installed"
        case HostState.NOT_SEEN:
            if host.last is not None and host.last.outcome.bad:
                return host.last.why
            if host.scan is not None:
                return f"the last check is more than {stale_days} days old"
            return "it took part in no run" if host.attempts == 0 else "no check gave an answer"
        case _:
            return _scan_remark(host)


def _scan_remark(host: HostMonth) -> str:
    if host.scan is None:
        return ""
    parts = []
    if host.scan.pending:
        security = f" ({host.scan.security} for security)" if host.scan.security else ""
        parts.append(f"{updates(host.scan.pending)} pending{security}")
    if host.scan.restart:
        parts.append("restart due")
    if host.scan.held:
        parts.append(f"{host.scan.held} held back")
    if host.kept_back is not None:
        parts.append(f"the last work was not done: {host.kept_back.why or 'a policy kept it back'}")
    return ", ".join(parts)
