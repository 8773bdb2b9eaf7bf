"""The health report as one self-contained HTML file: no script, no network, nothing a host said is markup."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction

from mspctl.report.facts.areas import ENOUGH_WEIGHT, Light
from mspctl.report.facts.summarise import KEPT_BACK
from mspctl.report.facts.summary import HostMonth, HostState
from mspctl.report.pages.look import DARK, FONTS, PLAIN, Look, report_folder
from mspctl.report.pages.protectionpage import ProtectionPage
from mspctl.report.pages.templating import environment
from mspctl.report.score.health import Health
from mspctl.report.wording import supportwords, words
from mspctl.report.wording.figures import did, figures
from mspctl.report.wording.packagelines import held, installed, pending
from mspctl.report.wording.speech import Speech

TEMPLATE = "health.html.j2"
_WORST_FIRST = (
    HostState.FAILED,
    HostState.NOT_SEEN,
    HostState.PENDING,
    HostState.RESTART,
    HostState.HELD,
    HostState.CURRENT,
)
_STATE_LIGHTS: Mapping[HostState, Light] = {
    HostState.CURRENT: Light.GREEN,
    HostState.HELD: Light.AMBER,
    HostState.RESTART: Light.AMBER,
    HostState.PENDING: Light.AMBER,
    HostState.FAILED: Light.RED,
    HostState.NOT_SEEN: Light.GREY,
}


def html(health: Health, look: Look = PLAIN) -> str:
    """The report's page.

    Raises:
        FileNotFoundError: the installation lacks its templates.
    """
    from mspctl.report.drawing.svg import COLOURS  # noqa: PLC0415 - markupsafe comes with jinja2
    from mspctl.report.drawing.timeline import timeline  # noqa: PLC0415 - as above
    from mspctl.report.pages.fonts import embedded  # noqa: PLC0415 - as above
    from mspctl.report.pages.pages import Pages  # noqa: PLC0415 - as above

    summary, speech, theme = health.summary, look.speech, look.theme
    say, zone = speech.say, summary.period.start.tzinfo
    start = summary.period.start.date()
    given: dict[str, object] = {
        "health": health,
        "summary": summary,
        "speech": speech,
        "language": speech.language,
        "say": say,
        "many": speech.many,
        "pages": Pages(health, speech),
        "protection": ProtectionPage(health, speech),
        "theme": theme,
        "colours": COLOURS,
        "dark": DARK,
        "words": words,
        "supportwords": supportwords,
        "state_lights": _STATE_LIGHTS,
        "outcome_words": words.outcomes(speech),
        "month": speech.month(start),
        "month_name": speech.month_name(start),
        "tzinfo": zone,
        "zone": str(zone),
        "day": lambda at: speech.day(_local(at, health).date()),
        "hours": lambda seconds: say("{hours} h", hours=speech.number(Fraction(seconds, 3600), 1)),
        "kept_words": lambda why: kept_words(speech).get(why, why),
        "figures": figures(health, speech),
        "did": did(health, speech),
        "coverage": words.coverage(summary, speech) if summary.hosts else words.headline(summary, speech),
        "enough_weight": ENOUGH_WEIGHT,
        "hosts": sorted(summary.hosts, key=_worst_first),
        "installed": installed(summary, speech),
        "pending": pending(summary, speech),
        "held": held(summary, speech),
        "timeline": timeline(summary.hosts, start, speech),
        "paper": theme.paper,
        "footer": say(
            "{provider} \u00b7 Confidential, prepared for {client}",
            provider=theme.name or summary.provider,
            client=summary.client_name,
        ),
        "page_words": say("{month} \u00b7 Page", month=speech.month(start)),
    }
    text = environment([*look.folders, report_folder()]).get_template(TEMPLATE).render(given)
    return embedded(text, theme, report_folder() / "fonts", FONTS)


def _local(at: datetime, health: Health) -> datetime:
    return at.astimezone(health.summary.period.start.tzinfo)


def _worst_first(host: HostMonth) -> tuple[int, str, str]:
    return (_WORST_FIRST.index(host.state), host.site, host.host)


def kept_words(speech: Speech) -> Mapping[str, str]:
    """Why a policy kept a whole computer back, by the English words for it."""
    say = speech.say
    told: Iterable[tuple[str, str]] = (
        ("window", say("outside its maintenance window")),
        ("blackout", say("in a time without changes")),
        ("approval", say("waits for an approval")),
        ("contract", say("not part of the agreement")),
    )
    return {KEPT_BACK[reason]: each for reason, each in told}
