"""The desk: calls and what they cost, over the inventory and the run log."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from mspctl.desk.billdocument import Value, bill_document
from mspctl.desk.billing import bill
from mspctl.desk.calls import Call, folded, work_of
from mspctl.desk.moments import check_end, check_moment
from mspctl.errors import UsageError
from mspctl.model.billing import Bill
from mspctl.model.call import CallRecord, CallWord
from mspctl.model.inventory import Client
from mspctl.model.run import Run
from mspctl.wiring.app import App
from mspctl.wiring.callhosts import check_hosts
from mspctl.wiring.headcount import headcount_of

Document = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Saying:
    """What somebody says about a call, before it is written down. `at` is now if it is None."""

    word: CallWord
    text: str = ""
    at: datetime | None = None
    fields: Mapping[str, str] | None = None

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names of hosts in it."""
        return tuple((self.fields or {}).get("hosts", "").split())


def start_call(app: App, slug: str, saying: Saying) -> Call:
    """Begin a call of a client.

    Raises:
        UsageError: there is no such client, or the times cannot be.
    """
    check_hosts(client_of(app, slug), saying.hosts)
    record = _record(app, 0, slug, saying)
    _check_asked(saying, record.at)
    with closing(app.open_store()) as store:
        number = store.write_call(record)
        return _find(folded(store.call_records({slug})), number)


def tell_call(app: App, number: int | None, saying: Saying) -> Call:
    """Write something down about a call: the one of that number, or the only open one.

    Raises:
        UsageError: there is no such call, not exactly one is open, or it is not in that state.
    """
    with closing(app.open_store()) as store:
        calls = folded(store.call_records(app.client_names()))
        call = _find(calls, number) if number is not None else _only_open(calls)
        _check(call, saying.word)
        if saying.hosts:
            check_hosts(client_of(app, call.client), saying.hosts)
        record = _record(app, call.number, call.client, saying)
        _check_asked(saying, call.started)
        check_moment(call, record.word, record.at)
        if record.word is CallWord.EDITED:
            check_end(folded((*call.records, record))[0], record.written)
        store.write_call(record)
        return _find(folded(store.call_records({call.client})), call.number)


def _check(call: Call, word: CallWord) -> None:
    if word is CallWord.STOPPED and not call.open:
        raise UsageError(f"call {call.number} is not open", hint="take it up again with `mspctl call resume`")
    if word is CallWord.RESUMED and call.open:
        raise UsageError(f"call {call.number} is open")
    if word is CallWord.EDITED and call.waiting:
        raise UsageError(f"nobody has been at work on call {call.number}", hint="`mspctl call resume` begins")
    if word is CallWord.EDITED and call.open:
        raise UsageError(f"call {call.number} is open", hint="stop it first")


def _check_asked(saying: Saying, started: datetime) -> None:
    asked = (saying.fields or {}).get("asked")
    if asked and datetime.fromisoformat(asked) > started:
        raise UsageError("nobody begins before the client asks", hint="--asked is not after the beginning")


def _record(app: App, number: int, client: str, saying: Saying) -> CallRecord:
    now = app.clock.now()
    at = saying.at or now
    counts_from = (saying.fields or {}).get("start")
    if at > now or (counts_from and datetime.fromisoformat(counts_from) > now):
        raise UsageError("that is in the future")
    return CallRecord(
        number, client, saying.word, at, now, app.environment.user, saying.text, saying.fields or {}
    )


def _only_open(calls: tuple[Call, ...]) -> Call:
    found = [call for call in calls if call.open]
    if len(found) != 1:
        numbers = ", ".join(f"{call.number} ({call.client})" for call in found)
        raise UsageError(
            f"which call? {len(found)} are open" + (f": {numbers}" if found else ""), hint="give its number"
        )
    return found[0]


def _find(calls: tuple[Call, ...], number: int) -> Call:
    found = next((call for call in calls if call.number == number), None)
    if found is None:
        raise UsageError(f"there is no call {number}", hint="see `mspctl call list`")
    return found


def calls_of(app: App, clients: tuple[str, ...]) -> tuple[Call, ...]:
    """The calls of these clients, of all of the project's if none is named."""
    for slug in clients:
        client_of(app, slug)
    with closing(app.open_store(write=False)) as store:
        return folded(store.call_records(clients or app.client_names()))


def call_with_runs(app: App, number: int) -> tuple[Call, tuple[Run, ...]]:
    """A call, and the runs at its client that began while somebody was at work on it."""
    with closing(app.open_store(write=False)) as store:
        call = _find(folded(store.call_records(app.client_names())), number)
        runs = {
            run.id: run
            for stretch in call.raw
            for run in store.runs(client=call.client, since=stretch.start, until=stretch.end)
        }
    return call, tuple(runs.values())


def draft(app: App, slug: str, month: date) -> tuple[Client, tuple[Bill, ...], tuple[Call, ...]]:
    """What a client's month costs by its contracts, and the calls that are still open.

    Hosts are counted as far as they are known in that month; `draft_notes` says what is not.

    Raises:
        UsageError: there is no such client, the month has not begun, or no contract with prices holds in it.
    """
    client = client_of(app, slug)
    if month > app.clock.now().astimezone(ZoneInfo(client.timezone)).date():
        raise UsageError(f"{month:%Y-%m} has not begun yet")
    calls = calls_of(app, (slug,))
    bills = bill(client.contracts, work_of(calls, client.timezone), headcount_of(app, client), month)
    if not bills:
        raise UsageError(
            f"{slug} has no contract with prices in {month:%Y-%m}",
            hint="see contract in inventory/clients/, and `mspctl inventory schema`",
        )
    return client, bills, tuple(call for call in calls if call.open)


def draft_documents(app: App, slug: str, month: date) -> tuple[Document, ...]:
    """The month's bills as they would be approved: with who sends them to whom. Raises as `draft`."""
    client, bills, _ = draft(app, slug, month)
    seller = app.inventory({slug}).provider.seller
    return tuple(bill_document(each, seller, client.buyer) for each in bills)


def client_of(app: App, slug: str) -> Client:
    """The client of that name. Raises UsageError: there is none."""
    (client,) = (each for each in app.inventory({slug}).clients if each.slug == slug)
    return client
