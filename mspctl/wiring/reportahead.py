"""What lies ahead of a client, seen from the end of a report's month: the roadmap of that day."""

from collections.abc import Iterator

from mspctl.desk.calls import Call
from mspctl.desk.roadmap import Known, roadmap
from mspctl.model.inventory import Client
from mspctl.model.roadmap import Asset, Filling, Roadmap
from mspctl.report.facts.measures import last_day
from mspctl.report.score.health import Health
from mspctl.report.wording.findingwords import short
from mspctl.wiring.app import App
from mspctl.wiring.roadmap import fact_of, recurring_of, wishes_of


def ahead_of(
    app: App, client: Client, health: Health, calls: tuple[Call, ...], assets: tuple[Asset, ...]
) -> Roadmap:
    """From what the report knows already.

    Raises:
        ConfigurationError: the file of prices and risks is wrong.
    """
    today = last_day(health.summary.period)
    facts = tuple(fact_of(host.host, host.criticality, host) for host in health.summary.hosts)
    recurring = recurring_of(app, client, calls, today)
    wishes = wishes_of(app, client.slug)
    return roadmap(Known(client.slug, today, facts, assets, tuple(_filling(health)), recurring, wishes))


def _filling(health: Health) -> Iterator[Filling]:
    for (host, mount), found in health.forecasts.items():
        if found.first is not None and found.full is not None:
            soonest = found.full if found.sure else found.first
            yield Filling(short(host), mount, soonest, found.sure)
