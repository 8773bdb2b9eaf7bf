"""What only the client can decide: made from the findings, the ones worth most points first."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from mspctl.model.roadmap import Reason
from mspctl.report.facts.areas import CHECKS, DISK_PERCENT, Area
from mspctl.report.facts.measured import Measured
from mspctl.report.facts.measures import last_day
from mspctl.report.score.health import Health
from mspctl.report.score.ledger import LedgerLine, ledger
from mspctl.report.wording.findingwords import FindingWords, short
from mspctl.report.wording.roadmapwords import RoadmapWords

MOST = 3
_AHEAD = timedelta(days=365)
_LEAD = timedelta(days=60)
"""So long before a support's end the decision is needed."""
_BESIDE = frozenset({Reason.RISK, Reason.WARRANTY, Reason.RECURRING})
_SOON = timedelta(days=30)
_NEARLY_FULL = DISK_PERCENT[1][0]


@dataclass(frozen=True, slots=True)
class Decision:
    """What to decide, why, and by when; what it costs is said by a person, there or in the roadmap."""

    what: str
    why: str
    by: date | None
    tenths: int
    price: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A line of the plan: who does what by when, and the points that it brings."""

    what: str
    why: str
    client_decides: bool
    by: date | None
    tenths: int
    area: Area | None
    """None: it is not from the ledger, but from the roadmap."""
    owner: str = ""
    """Who has to act, in the words of whoever wrote it down; empty: the provider."""


def decisions(health: Health, words: FindingWords) -> tuple[Decision, ...]:
    """At most three; those that a person wrote stand in the place of those that were found."""
    if health.said.decisions:
        return tuple(Decision(each.what, each.why, each.by, 0, each.price) for each in health.said.decisions)
    found = (_decision(line, health, words) for line in ledger(health.score, len(CHECKS)))
    return tuple(each for each in found if each is not None)[:MOST]


def _decision(line: LedgerLine, health: Health, words: FindingWords) -> Decision | None:
    if not line.found:
        return None
    today = last_day(health.summary.period)
    match line.found[0].check:
        case "support":
            ending = tuple(each for each in line.found if _ends(each) <= today + _AHEAD)
            if not ending:
                return None
            by = max(_ends(ending[0]) - _LEAD, today + _SOON)
            what = words.speech.say("Upgrade or replace {hosts}", hosts=words.hosts(ending))
            price = _price(health, words, Reason.SUPPORT, {short(each.host) for each in ending})
            return Decision(what, words.reason(ending[0]), by, line.tenths, price)
        case "disk":
            full = tuple(each for each in line.found if int(each.details["percent"]) >= _NEARLY_FULL)
            full = tuple(sorted(full, key=lambda each: each.part))
            if not full:
                return None
            return _disk_decision(full, health, words, line.tenths)
    return None


def _price(health: Health, words: FindingWords, reason: Reason, hosts: Collection[str]) -> str:
    """What the roadmap's budget says of it; empty if the price of any of the computers is not known."""
    if health.roadmap is None:
        return ""
    items = [each for each in health.roadmap.items if each.reason is reason and each.subject in hosts]
    prices = [each.price for each in items if each.price is not None]
    if len(prices) < len(items) or {each.subject for each in items} != set(hosts):
        return ""
    return words.speech.money(sum(prices, Decimal(0)), health.roadmap.currency)


def _disk_decision(full: tuple[Measured, ...], health: Health, words: FindingWords, tenths: int) -> Decision:
    """Before the first of them is full, as far as the past tells when."""
    say, by = words.speech.say, last_day(health.summary.period) + _SOON
    what, why = say("Make room or extend the disk of {hosts}", hosts=words.hosts(full)), words.reason(full[0])
    found = health.forecasts.get((full[0].host, full[0].details["mount"]))
    if found is not None and found.full is not None:
        why = say("{reason}, and full {when}", reason=why, when=words.full(found))
        by = min(by, found.full)
    return Decision(what, why, by, tenths)


def _until(line: LedgerLine, today: date) -> date:
    """A month from now; a system with years to live has as long as it gets fixes."""
    return max(today + _SOON, _ends(line.found[0])) if line.found[0].check == "support" else today + _SOON


def _ends(found: Measured) -> date:
    until = found.details.get("until")
    return date.max - _AHEAD if until is None else date.fromisoformat(until)


def actions(health: Health, words: FindingWords) -> tuple[Action, ...]:
    """The whole plan: what was found, by its points, then what the roadmap knows beside it, by its day."""
    today = last_day(health.summary.period)
    planned = []
    for line in ledger(health.score, len(CHECKS)):
        if not line.found:
            continue
        decision = _decision(line, health, words)
        what = words.action(line.found) if decision is None else decision.what
        by = _until(line, today) if decision is None else decision.by
        area = CHECKS[line.found[0].check].area
        planned.append(Action(what, words.finding(line.found), decision is not None, by, line.tenths, area))
    return (*planned, *_ahead(health, words))


def _ahead(health: Health, words: FindingWords) -> Iterator[Action]:
    """Support and disks are in the ledger already, with their points."""
    if health.roadmap is None:
        return
    said = RoadmapWords(health.roadmap, words.speech)
    for item in health.roadmap.items:
        if item.reason in _BESIDE:
            what, why = said.words(item)
            if item.reason is Reason.WARRANTY:
                what = words.speech.say("Replace {host}, or extend its warranty", host=item.subject)
                why = why or words.speech.say("The maker mends nothing for free after that")
            owner = "" if item.owner == "provider" else item.owner
            yield Action(what, why, client_decides=False, by=item.due, tenths=0, area=None, owner=owner)
