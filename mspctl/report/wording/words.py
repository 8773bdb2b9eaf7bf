"""The sentences and labels of what updates stand where; numbers never stand without what they are of."""

from collections.abc import Mapping

from mspctl.model.outcome import Outcome
from mspctl.report.facts.summary import Ages, Figure, HostMonth, HostState, Summary
from mspctl.report.wording.speech import Speech
from mspctl.report.wording.triedwords import tried

ENGLISH = Speech()
"""What the documents for programs are written in."""


def label(state: HostState, speech: Speech = ENGLISH) -> str:
    """A state in a word or two."""
    say = speech.say
    labels = {
        HostState.CURRENT: say("Up to date"),
        HostState.HELD: say("Held back"),
        HostState.RESTART: say("Restart due"),
        HostState.PENDING: say("Updates pending"),
        HostState.FAILED: say("Failed"),
        HostState.NOT_SEEN: say("Not seen"),
    }
    return labels[state]


ORDER = (
    HostState.CURRENT,
    HostState.HELD,
    HostState.RESTART,
    HostState.PENDING,
    HostState.FAILED,
    HostState.NOT_SEEN,
)
"""The order in which a reader wants them, from good to unknown."""


def meaning(state: HostState, stale_days: int, speech: Speech = ENGLISH) -> str:
    """What a state means, for people."""
    say = speech.say
    meanings = {
        HostState.CURRENT: say("checked after the last work; nothing is waiting"),
        HostState.HELD: say("updates, or the last work on it, were held back on purpose"),
        HostState.RESTART: say("updates are installed, the old code still runs until a restart"),
        HostState.PENDING: say("the last check found updates that can be installed"),
        HostState.FAILED: say("reached, but the work did not succeed there"),
        HostState.NOT_SEEN: speech.many(
            "no trustworthy check for {count} day, or not found by the last work; its state is unknown",
            "no trustworthy check for {count} days, or not found by the last work; its state is unknown",
            stale_days,
        ),
    }
    return meanings[state]


def computers(count: int, speech: Speech = ENGLISH) -> str:
    """Such as `1 computer`, `12 computers`."""
    return speech.many("{count} computer", "{count} computers", count)


def updates(count: int, speech: Speech = ENGLISH) -> str:
    """Such as `1 update`, `138 updates`."""
    return speech.many("{count} update", "{count} updates", count)


def headline(summary: Summary, speech: Speech = ENGLISH) -> str:
    """The answer in one sentence."""
    total, states, say = len(summary.hosts), summary.states, speech.say
    if not total:
        return say("There are no computers in this agreement.")
    all_of_them = computers(total, speech)
    if states[HostState.NOT_SEEN] == total:
        return say("No data: none of {computers} could be checked.", computers=all_of_them)
    current = states[HostState.CURRENT]
    if current == total:
        return say("All {computers} were checked and are up to date.", computers=all_of_them)
    parts = tuple(
        told
        for state, told in (
            (HostState.FAILED, say("{n} failed", n=states[HostState.FAILED])),
            (HostState.PENDING, say("{n} with updates pending", n=states[HostState.PENDING])),
            (HostState.RESTART, say("{n} waiting for a restart", n=states[HostState.RESTART])),
            (HostState.HELD, say("{n} with updates held back", n=states[HostState.HELD])),
            (HostState.NOT_SEEN, say("{n} not seen", n=states[HostState.NOT_SEEN])),
        )
        if states[state]
    )
    return speech.many(
        "{count} of {computers} is up to date: {parts}.",
        "{count} of {computers} are up to date: {parts}.",
        current,
        computers=all_of_them,
        parts=speech.listed(parts, len(HostState)),
    )


def subline(summary: Summary, speech: Speech = ENGLISH) -> str:
    """What was done, and how much of the fleet the answer rests on."""
    total, say = len(summary.hosts), speech.say
    if not total:
        return say("Add them to the inventory to see them here.")
    return f"{_work(summary, speech)} {coverage(summary, speech)}"


def _work(summary: Summary, speech: Speech) -> str:
    done, say = summary.installed, speech.say
    if done.value is None:
        return say("No patch run reached any of them this month.")
    told = say(
        "{updates} installed on {known} of {computers}",
        updates=updates(done.value, speech),
        known=done.known,
        computers=computers(done.of, speech),
    )
    if summary.installed_security:
        told = say("{work}, {n} of them for security", work=told, n=summary.installed_security)
    return f"{told}."


def coverage(summary: Summary, speech: Speech = ENGLISH) -> str:
    """How much of the fleet the answer rests on."""
    return speech.many(
        "This report rests on checks of {seen} of {count} computer.",
        "This report rests on checks of {seen} of {count} computers.",
        len(summary.hosts),
        seen=len(summary.scanned),
    )


def known(figure: Figure, speech: Speech = ENGLISH) -> str:
    """What a number rests on."""
    seen = 0 if figure.value is None else figure.known
    return speech.many(
        "known for {seen} of {count} computer", "known for {seen} of {count} computers", figure.of, seen=seen
    )


def age(host: HostMonth, speech: Speech = ENGLISH) -> str:
    """How old the last scan is."""
    if host.scan_age_days is None:
        return speech.say("no check")
    return _days(host.scan_age_days, speech)


def ages(found: Ages, speech: Speech = ENGLISH) -> str:
    """How old the checks are that a number of computers rests on."""
    if found.youngest is None or found.oldest is None:
        return speech.say("no check") if found.unknown else ""
    span = _days(found.oldest, speech)
    if found.youngest != found.oldest:
        span = speech.say("{youngest} to {oldest}", youngest=found.youngest, oldest=span)
    return speech.say("{span}; {n} without a check", span=span, n=found.unknown) if found.unknown else span


def _days(count: int, speech: Speech) -> str:
    return speech.many("{count} day", "{count} days", count) if count else speech.say("same day")


def hold(reason: str, speech: Speech = ENGLISH) -> str:
    """Why a package is held back, for people; its own word if we have none."""
    say = speech.say
    holds = {
        "hold": say("put on hold on the computer"),
        "versionlock": say("locked to its version on the computer"),
        "phased": say("released step by step by its makers"),
        "kept-back": say("would need more to change than is allowed"),
        "conffile": say("waits for a decision on a configuration file"),
        "policy-hold": say("put on hold by agreement"),
        "rejected": say("refused: it is not to be installed"),
        "quarantined": say("waits: it made trouble elsewhere"),
        "excluded": say("left out by agreement"),
        "not-included": say("not among the packages agreed on"),
        "approval": say("waits for an approval"),
        "optional": say("waits for an approval"),
        "deferred": say("waits until it has been out for some days"),
        "": say("no reason was told"),
    }
    return holds.get(reason, reason)


def remark(host: HostMonth, stale_days: int, speech: Speech = ENGLISH) -> str:
    """Why the host is in its state, in one line."""
    match host.state:
        case HostState.FAILED:
            bad = host.last is not None and host.last.outcome.bad
            if host.last is not None and bad:
                return tried(host.last, speech)
            broken = host.scan.broken if host.scan else 0
            return speech.many(
                "{count} package is only half installed", "{count} packages are only half installed", broken
            )
        case HostState.NOT_SEEN:
            return _unseen(host, stale_days, speech)
        case _:
            return _scan_remark(host, speech)


def _unseen(host: HostMonth, stale_days: int, speech: Speech) -> str:
    if host.last is not None and host.last.outcome.bad:
        return tried(host.last, speech)
    if host.scan is not None:
        return speech.say("the last check is more than {days} days old", days=stale_days)
    if host.attempts == 0:
        return speech.say("it took part in no run")
    return speech.say("no check gave an answer")


def _scan_remark(host: HostMonth, speech: Speech) -> str:
    if host.scan is None:
        return ""
    parts, say = [], speech.say
    if host.scan.pending:
        told = say("{updates} pending", updates=updates(host.scan.pending, speech))
        if host.scan.security:
            told = say("{told} ({n} for security)", told=told, n=host.scan.security)
        parts.append(told)
    if host.scan.restart:
        parts.append(say("restart due"))
    if host.scan.held:
        parts.append(say("{n} held back", n=host.scan.held))
    if host.kept_back is not None:
        why = host.kept_back.why or say("a policy kept it back")
        parts.append(say("the last work was not done: {why}", why=why))
    return ", ".join(parts)


def outcomes(speech: Speech) -> Mapping[Outcome, str]:
    """What became of hosts, in words."""
    say = speech.say
    return {
        Outcome.OK: say("ok"),
        Outcome.CHANGED: say("changed"),
        Outcome.FAILED: say("failed"),
        Outcome.UNREACHABLE: say("unreachable"),
        Outcome.TIMED_OUT: say("timed out"),
        Outcome.HELD: say("held"),
        Outcome.SKIPPED: say("skipped"),
        Outcome.CANCELLED: say("cancelled"),
        Outcome.LOST: say("lost"),
        Outcome.BROKEN: say("broken"),
    }
