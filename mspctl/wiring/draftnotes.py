"""What a person should know before a month is approved."""

from contextlib import closing
from datetime import date
from zoneinfo import ZoneInfo

from mspctl.desk.calls import IDLE, Call, silence
from mspctl.desk.prepaid import later
from mspctl.wiring.app import App
from mspctl.wiring.callhosts import unnamed_hosts, unnamed_text
from mspctl.wiring.desk import calls_of, client_of
from mspctl.wiring.headcount import host_notes
from mspctl.wiring.moved import moved_notes


def draft_notes(app: App, slug: str, month: date) -> tuple[str, ...]:
    """One sentence each. Raises UsageError: there is no such client."""
    client = client_of(app, slug)
    zone, after = ZoneInfo(client.timezone), later(month, 1)
    calls = [
        call
        for call in calls_of(app, (slug,))
        if call.billable and any(month <= each.start.astimezone(zone).date() < after for each in call.raw)
    ]
    with closing(app.open_store(write=False)) as store:
        asked = tuple(unnamed_text(call, host) for call, host in unnamed_hosts(store, client, calls))
    return (
        *(text for call in calls for text in silent_texts(call)),
        *asked,
        *host_notes(app, client, month),
        *moved_notes(app, client, month),
    )


def silent_texts(call: Call) -> tuple[str, ...]:
    """What is to be asked about a call that was probably left open."""
    silent = silence(call)
    if silent <= IDLE:
        return ()
    hours = f"call {call.number} went on for {silent.total_seconds() / 3600:.1f} h without a note"
    return (f"{hours}: if it was left open, `mspctl call edit {call.number} --minutes N --reason …`",)


def unnamed_texts(app: App, call: Call) -> tuple[str, ...]:
    """What is to be asked of who has just stopped this call."""
    client = client_of(app, call.client)
    if all(contract.hosts is None for contract in client.contracts):
        return ()
    with closing(app.open_store(write=False)) as store:
        return tuple(unnamed_text(call, host) for _, host in unnamed_hosts(store, client, (call,)))
