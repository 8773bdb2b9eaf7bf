"""The onboarding as Markdown, for a mail, a ticket or a quote; nothing that a host said is markup in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from mspctl.model.onboarding import Minutes, Onboarding
from mspctl.model.playbook import Severity
from mspctl.report.facts.summary import HostMonth
from mspctl.report.formats.markdown import plain
from mspctl.report.onboarding.hostrisks import backed_up_by
from mspctl.report.onboarding.plan import PHASES, Plan, Task
from mspctl.report.onboarding.risk import Looked, facts, short

_MOST = 400
_HOUR = 60
_UNMEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Onboarded:
    """Everything that the page is made from. `left` is what somebody has to do before it is complete."""

    state: Onboarding
    looked: Looked
    plan: Plan
    today: date
    left: tuple[str, ...] = ()
    effort: Mapping[str, Minutes] = field(default_factory=dict)
    """What the provider itself says about minutes; the rest is a guess."""


def page(onboarded: Onboarded) -> str:
    """The whole page."""
    return "\n".join(_lines(onboarded)) + "\n"


def duration(minutes: int) -> str:
    """Such as `4 h 30 min`."""
    hours, rest = divmod(minutes, _HOUR)
    return " ".join(filter(None, (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "")))


def _lines(made: Onboarded) -> Iterator[str]:
    state, summary = made.state, made.looked.summary
    yield f"# Onboarding: {plain(summary.client_name)}"
    yield ""
    asked = ", ".join(state.asked) or "the client's file"
    yield (
        f"As of {made.today}. Asked: {plain(asked)}. Addresses that answer: {len(state.answers)}. "
        f"Computers looked after: {len(summary.hosts)}."
    )
    yield from _left(made.left)
    yield from _hosts(made)
    yield from _risks(made.plan)
    for days in PHASES:
        yield from _phase(made.plan, days)
    yield from _effort(made)
    yield ""
    runs = ", ".join(f"`{run.id}`" for run in made.looked.runs)
    yield f"Evidence: {runs or 'no run yet'} (`mspctl runs show RUN`)."


def _left(left: tuple[str, ...]) -> Iterator[str]:
    if left:
        yield ""
        yield "## Still to do before this is complete"
        yield ""
        yield from (f"- {plain(each)}" for each in left)


def _hosts(made: Onboarded) -> Iterator[str]:
    roles = {host: facts(row).get("roles", "") for host, row, _ in made.looked.rows("roles")}
    checks, backups = _checks(made.looked), _backups(made.looked)
    yield ""
    yield "## Computers"
    yield ""
    yield "| Computer | System | Roles | Missing updates | Restart | Backup | Security questions |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for host in made.looked.summary.hosts:
        cells = (host.host, host.os or _UNMEASURED, roles.get(host.host, _UNMEASURED), _updates(host))
        restart = _UNMEASURED if host.scan is None else "due" if host.scan.restart else "no"
        last = (restart, backups.get(host.host, _UNMEASURED), checks.get(host.host, _UNMEASURED))
        yield f"| {' | '.join(map(plain, (*cells, *last)))} |"


def _updates(host: HostMonth) -> str:
    scan = host.scan
    return _UNMEASURED if scan is None else f"{scan.pending}, {scan.security} of them for security"


def _backups(looked: Looked) -> Mapping[str, str]:
    found = {
        host: backed_up_by(facts(row)) or "nobody"
        for host, row, _ in looked.rows("backup-programs")
        if "backup.programs" in facts(row)
    }
    agreed = {
        short(each.host): f"agreed: {each.state.value}" for each in looked.backups if each.policy.expected
    }
    return found | agreed


def _checks(looked: Looked) -> Mapping[str, str]:
    """Host → how its security questions were answered."""
    counts: dict[str, dict[str, int]] = {}
    for run in looked.runs:
        for row in run.hosts:
            for name, value in facts(row).items():
                if name.startswith("check."):
                    words = counts.setdefault(short(row.host), {})
                    words[value] = words.get(value, 0) + 1
    return {host: _counted(words) for host, words in counts.items()}


def _counted(words: Mapping[str, int]) -> str:
    return ", ".join(f"{words[word]} {word}" for word in ("good", "bad", "unmeasured") if word in words)


def _risks(made: Plan) -> Iterator[str]:
    yield ""
    yield "## Risks"
    for severity in Severity:
        tasks = [each for each in made.tasks if each.risk.severity is severity]
        yield ""
        yield f"### {severity.value.capitalize()}: {len(tasks)}"
        yield ""
        yield from (_risk(each) for each in tasks)


def _risk(task: Task) -> str:
    risk = task.risk
    seen = f" Seen: {plain(_short(risk.evidence))}." if risk.evidence else ""
    return f"- **{plain(risk.title)}** ({plain(_names(risk.hosts))}).{seen} {plain(risk.remedy)}"


def _short(text: str) -> str:
    return text if len(text) <= _MOST else f"{text[:_MOST].rpartition(' ')[0]} …"


def _names(hosts: tuple[str, ...]) -> str:
    most = 8
    more = f" and {len(hosts) - most} more" if len(hosts) > most else ""
    return ", ".join(hosts[:most]) + more


def _phase(made: Plan, days: int) -> Iterator[str]:
    tasks = made.phase(days)
    yield ""
    yield f"## In {days} days: {duration(made.minutes(days))}"
    yield ""
    if not tasks and days != PHASES[0]:
        yield "Nothing that is known now."
        return
    yield "| What | Computers | By | Effort |"
    yield "| --- | --- | --- | ---: |"
    if days == PHASES[0]:
        yield f"| Take over the computers | | | {duration(made.set_up)} |"
    for each in tasks:
        risk = each.risk
        what = f"{risk.title}: {risk.remedy}" if risk.remedy else risk.title
        yield f"| {plain(what)} | {len(risk.hosts)} | {each.by} | {duration(each.minutes)} |"


def _effort(made: Onboarded) -> Iterator[str]:
    yield ""
    yield f"## Effort for the quote: {duration(made.plan.total)}"
    yield ""
    own = "the provider's own minutes for each kind of work"
    guess = "minutes that mspctl assumes for each kind of work; yours go into `onboarding/effort.toml`"
    yield f"An estimate, not a measurement: {own if made.effort else guess}, times the computers concerned."
