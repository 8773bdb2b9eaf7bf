"""What the desk says unasked: invoices that are overtaken, and words that no contract has a price for."""

from zoneinfo import ZoneInfo

from mspctl.desk.calls import Call, work_of
from mspctl.desk.standing import Overtaken, overtaken, standing
from mspctl.desk.unpriced import unpriced
from mspctl.wiring.app import App
from mspctl.wiring.desk import calls_of, client_of
from mspctl.wiring.invoices import invoices


def overtaken_invoices(app: App, slug: str, since: Call | None = None) -> tuple[Overtaken, ...]:
    """The client's invoices whose work is worth another amount by now; with `since`, of its months or later.

    Raises:
        UsageError: there is no such client.
    """
    client = client_of(app, slug)
    mine = standing(invoices(app), slug)
    if since is not None:
        zone = ZoneInfo(client.timezone)
        begun = (each.start for each in (*since.raw, *since.stretches))
        first = min((f"{start.astimezone(zone):%Y-%m}" for start in begun), default="9999")
        mine = tuple(each for each in mine if each.month >= first)
    if not mine:
        return ()
    return overtaken(mine, client.contracts, work_of(calls_of(app, (slug,)), client.timezone))


def unpriced_words(app: App, call: Call) -> tuple[str, ...]:
    """What is said of a call that its contract does not know, and what counts in place of it."""
    return unpriced(client_of(app, call.client).contracts, call)
