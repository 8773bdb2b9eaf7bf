"""What calls leave behind: notes, drafts, and time for other programs."""

from mspctl.desk.callnote import knowledge_draft, ticket_note
from mspctl.desk.prepaid import later
from mspctl.desk.timesheet import timesheet
from mspctl.report.facts.period import month_of
from mspctl.wiring.app import App
from mspctl.wiring.desk import call_with_runs, calls_of, client_of


def call_text(app: App, number: int, purpose: str) -> str:
    """A note for the ticket, or (`knowledge`) a draft without names. Raises UsageError: no such call."""
    call, runs = call_with_runs(app, number)
    client = client_of(app, call.client)
    if purpose == "ticket":
        return ticket_note(call, runs, client.timezone, app.clock.now())
    hosts = [name for host in client.hosts for name in (host.name, host.key, host.access.address)]
    people = [record.author for record in call.records]
    return knowledge_draft(call, runs, (client.slug, client.name, *hosts, *people))


def time_table(app: App, slug: str, month: str, kind: str) -> str:
    """The time of a month as CSV. Raises UsageError: no such client or month."""
    client = client_of(app, slug)
    first = month_of(month, client.timezone, app.clock.now()).start.date()
    return timesheet(kind, calls_of(app, (slug,)), client.timezone, client.name, first, later(first, 1))
