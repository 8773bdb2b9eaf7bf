"""A made-up fleet: every state a host can have, hostile names, and more hosts than fit a page."""

from datetime import UTC, date, datetime, timedelta

from mspctl.model.fleet import LastRun, Waiting
from mspctl.model.inventory import Access, Host
from mspctl.model.outcome import Outcome
from mspctl.report.staff.concern import POINTS, Concern, Kind
from mspctl.report.staff.fleet import ClientView, Exemption, Fleet, HostView, by_risk
from mspctl.report.staff.judge import Seen, judged

MADE = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAYS = 35
HOSTILE = "<img src=x onerror=alert(1)>\u202e\x1b[2J"


def last(
    host: Host, outcome: Outcome | None, playbook: str = "patch", reason: str = "", *, hours: int = 10
) -> LastRun:
    """A run so many hours ago."""
    at = MADE - timedelta(hours=hours)
    run = f"{at:%Y%m%dT%H%MZ}-{host.client}-{playbook}-0001"
    return LastRun(host.key, playbook, run, at, outcome, reason, at + timedelta(minutes=5), scanned=True)


def host(name: str, client: str = "acme", criticality: str = "server") -> Host:
    """A computer."""
    return Host(client, "hq", name, Access(), os="debian", tags=frozenset({"web"}), criticality=criticality)


def acme() -> ClientView:
    """One host of each state, one of them hostile."""
    web, database, till, old, evil = (
        host("web1"),
        host("db1", criticality="critical"),
        host("till1", criticality="workstation"),
        host("old1"),
        host("evil1"),
    )
    down = Concern(
        Kind.DOWN, "acme", "db1", "incident 7, reach@db1 down: no answer", POINTS[Kind.DOWN] * 5, MADE, ""
    )
    hosts = (
        judged(web, Seen((last(web, Outcome.CHANGED),)), DAYS),
        judged(database, Seen((last(database, Outcome.OK, "health"),), Waiting(12, 0), None, (down,)), DAYS),
        judged(till, Seen((last(till, Outcome.OK), last(till, None)), Waiting(3, 2, 1), MADE), DAYS),
        judged(old, Seen((last(old, Outcome.HELD, reason="window"),)), DAYS),
        judged(evil, Seen((last(evil, Outcome.FAILED, reason=HOSTILE),)), DAYS),
    )
    ending = Concern(Kind.ENDING, "acme", "", "hold on php* ends on 2026-12-01", 3, None, "acme.yml:12")
    exemption = Exemption(
        "acme",
        "hold on php*",
        ("web1",),
        date(2026, 12, 1),
        "ann",
        "the shop",
        over=False,
        place="acme.yml:12",
    )
    return _client("acme", "Acme <b>Dental</b> GmbH", hosts, (ending,), (exemption,))


def _client(
    slug: str,
    name: str,
    hosts: tuple[HostView, ...],
    own: tuple[Concern, ...] = (),
    exemptions: tuple[Exemption, ...] = (),
) -> ClientView:
    concerns = (*(each for view in hosts for each in view.concerns), *own)
    return ClientView(slug, name, "managed", "Europe/Berlin", hosts, concerns, exemptions)


def quiet(slug: str, count: int) -> ClientView:
    """A client at which all is well."""
    computers = [host(f"pc{number}", slug) for number in range(count)]
    views = (judged(each, Seen((last(each, Outcome.OK, hours=5),)), DAYS) for each in computers)
    return _client(slug, "مكتب النور", tuple(views))


def fleet(*, many: int = 40, made: datetime = MADE) -> Fleet:
    """Three clients: one with trouble, one where all is well, one without computers."""
    clients = (acme(), quiet("beta", many), _client("empty", "Empty Ltd", ()))
    return Fleet("Brightwater", made, DAYS, tuple(sorted(clients, key=by_risk)))
