"""`mspctl call`: who worked for a client, when, on what. What the clock said is never overwritten."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from mspctl.cli.callpaper import VERBS
from mspctl.cli.console import Document
from mspctl.cli.rundoc import run_summary, utc_text
from mspctl.cli.session import Session, pass_session
from mspctl.cli.unasked import tell_low, tell_overtaken, tell_unpriced
from mspctl.errors import UsageError
from mspctl.model.call import CallRecord, CallWord

if TYPE_CHECKING:
    from mspctl.desk.calls import Call, Stretch

_TIME = re.compile(r"2\d{3}-\d{2}-\d{2}[ T]\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})", re.ASCII)
_WORD = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}", re.ASCII)
_KM = re.compile(r"\d{1,5}(\.\d)?", re.ASCII)
_AT = click.option("--at", "when", metavar="TIME", help="When, if not now: 2026-11-03T18:30+01:00.")
_TEXT = click.option("-m", "text", default="", metavar="TEXT", help="What was found or done.")
_ASKED = click.option("--asked", metavar="TIME", help="When the client asked, as 2026-11-03T18:12+01:00.")
_HOSTS = click.option(
    "--host",
    "hosts",
    multiple=True,
    callback=lambda _, __, names: " ".join(names) or None,
    metavar="NAME",
    help="A host that it is about; may be repeated.",
)
_NUMBER = click.argument("number", type=click.IntRange(1), required=False)


@click.group("call")
def command() -> None:
    """Start, note, stop, edit and list calls.

    Runs at a client belong to its calls that are open when they begin; `call show` lists them.
    """


def _kind(function: Callable[..., None]) -> Callable[..., None]:
    for option in (
        _HOSTS,
        click.option("--work", metavar="NAME", help="The type of work; support by default."),
        click.option("--skill", metavar="NAME", help="The skill whose rate counts."),
        click.option("--ticket", metavar="TEXT", help="Its number in your ticket system."),
        click.option("--priority", metavar="NAME", help="Such as P1."),
    ):
        function = option(function)
    return function


def _visit(function: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--km", metavar="KM", help="Kilometres of the visit."),
        click.option("--travel", type=click.IntRange(0, 1440), metavar="MINUTES", help="Time on the way."),
    ):
        function = option(function)
    return function


@command.command("start")
@click.argument("client")
@click.option("-m", "text", required=True, metavar="TEXT", help="What is wrong, in a few words.")
@_kind
@click.option("--emergency", is_flag=True, help="The surcharge for emergencies counts.")
@click.option("--planned", is_flag=True, help="Maintenance or a project: nobody called for it.")
@_ASKED
@_AT
@pass_session
def start(
    session: Session,
    /,
    client: str,
    text: str,
    when: str | None,
    asked: str | None,
    **kind: str | bool | None,
) -> None:
    """Begin a call of CLIENT, now or as told with --at.

    How quickly somebody responded is measured from --asked; without it that is not known.
    """
    from mspctl.wiring.desk import Saying, start_call  # noqa: PLC0415 - --help needs none of it

    flags = {name: "yes" for name in ("emergency", "planned") if kind.pop(name)}
    fields = _given({name: _text(value) for name, value in kind.items()}) | flags | _moment("asked", asked)
    call = start_call(session.app, client, Saying(CallWord.STARTED, _line(text), _time(when), fields))
    _show_short(session, call, "open")
    tell_unpriced(session, call)


@command.command("note")
@_NUMBER
@click.option("-m", "text", required=True, metavar="TEXT", help="What was found or done.")
@pass_session
def note(session: Session, /, number: int | None, text: str) -> None:
    """Write something down about call NUMBER, or about the only open one."""
    _tell(session, number, CallWord.NOTED, "noted", text=text)


@command.command("stop")
@_NUMBER
@_TEXT
@_visit
@_HOSTS
@click.option("--waiting", metavar="WHOM", help="It is not solved, but waits for them: client, maker, …")
@click.option("--unsolved", is_flag=True, help="It is not solved; the work goes on later.")
@click.option("--cause", metavar="NAME", help="Why it happened, as one word that comes again: disk-full.")
@_AT
@pass_session
def stop(
    session: Session, /, number: int | None, text: str, when: str | None, **told: str | int | bool | None
) -> None:
    """End the work on call NUMBER, or on the only open one, now or as told with --at.

    That solves it, unless --waiting or --unsolved says otherwise.
    """
    fields = _way(_text(told.pop("km")), _number(told.pop("travel")))
    fields |= _given({"hosts": _text(told.pop("hosts"))})
    if told.pop("unsolved"):
        fields["unsolved"] = "yes"
    fields |= {name: _word(name, str(value)) for name, value in told.items() if value is not None}
    _tell(session, number, CallWord.STOPPED, "stopped", text=text, at=_time(when), fields=fields)


@command.command("resume")
@_NUMBER
@_TEXT
@_AT
@pass_session
def resume(session: Session, /, number: int, text: str, when: str | None) -> None:
    """Take up call NUMBER again."""
    _tell(session, number, CallWord.RESUMED, "open again", text=text, at=_time(when))


@command.command("edit")
@_NUMBER
@click.option("--reason", "text", required=True, metavar="TEXT", help="Why; kept with the edit.")
@click.option("--minutes", type=click.IntRange(0, 100_000), help="The time that counts, in all.")
@click.option("--start", "begin", metavar="TIME", help="When the time that counts began.")
@click.option("--title", metavar="TEXT", help="What it was about.")
@click.option("--billable/--not-billable", default=None, help="Whether it is billed at all.")
@click.option("--emergency/--no-emergency", default=None, help="Whether the surcharge counts.")
@click.option("--planned/--reactive", default=None, help="Whether nobody, or somebody, called for it.")
@click.option("--cause", metavar="NAME", help="Why it happened, as one word that comes again: disk-full.")
@click.option("--no-host", is_flag=True, help="It is about no host in particular.")
@_ASKED
@_kind
@_visit
@pass_session
def edit(session: Session, /, number: int, text: str, **told: str | int | None) -> None:
    """Correct what counts of call NUMBER. The raw times and all earlier edits stay on record."""
    minutes, begin, asked = told.pop("minutes"), told.pop("begin"), told.pop("asked")
    flags = {name: told.pop(name) for name in ("billable", "emergency", "planned")}
    fields = _way(_text(told.pop("km")), told.pop("travel"))
    if told.pop("no_host"):
        told["hosts"] = ""
    fields |= _given({name: _text(value) for name, value in told.items()})
    fields |= _moment("start", _text(begin)) | _moment("asked", _text(asked))
    if minutes is not None:
        fields["seconds"] = str(int(minutes) * 60)
    if "cause" in fields:
        fields["cause"] = _word("cause", fields["cause"])
    fields |= {name: "yes" if value else "no" for name, value in flags.items() if value is not None}
    if not fields:
        raise UsageError("nothing to edit", hint="give --minutes, --start, --title, --km or another option")
    _tell(session, number, CallWord.EDITED, "edited", text=text, fields=fields)


@command.command("list")
@click.option("--client", "clients", multiple=True, metavar="NAME", help="Only this client; may be repeated.")
@click.option("--open", "only_open", is_flag=True, help="Only calls that somebody is at work on.")
@pass_session
def list_(session: Session, /, clients: tuple[str, ...], *, only_open: bool) -> None:
    """List calls; those that were probably left open by mistake say so."""
    from mspctl.wiring.desk import calls_of  # noqa: PLC0415 - --help needs none of it

    found = [call for call in calls_of(session.app, clients) if call.open or not only_open]
    now = session.app.clock.now()
    if session.console.wants_json:
        session.console.json({"calls": [_document(call, now) for call in found]})
    elif not found:
        session.console.error("there are no such calls")
    else:
        columns = ("call", "client", "began (UTC)", "minutes", "state", "priority", "ticket", "what")
        session.console.table("", columns, [_row(call, now) for call in found])


@command.command("show")
@click.argument("number", type=click.IntRange(1))
@pass_session
def show(session: Session, /, number: int) -> None:
    """Show a call with its times, notes, edits and the runs that began while it was open."""
    from mspctl.wiring.desk import call_with_runs  # noqa: PLC0415 - --help needs none of it

    call, runs = call_with_runs(session.app, number)
    now, console = session.app.clock.now(), session.console
    if console.wants_json:
        console.json({**_document(call, now), "runs": [run_summary(run) for run in runs]})
        return
    facts = [(key, str(value)) for key, value in _facts(call, now).items() if value]
    console.table("", ("key", "value"), facts)
    for each in call.raw:
        console.out(f"worked: {utc_text(each.start)} to {utc_text(each.end) or 'now'}, {each.technician}")
    for record in call.notes:
        console.out(f"note: {utc_text(record.at)} {record.author}: {record.text}")
    for record in call.edits:
        changed = ", ".join(f"{key} {value}" for key, value in record.fields.items())
        console.out(f"edit: {utc_text(record.written)} {record.author}: {changed}: {record.text}")
    for run in runs:
        counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(run.counts.items()))
        console.out(f"run: {utc_text(run.started)} {run.id}: {counts or 'under way'}")


for _verb in VERBS:
    command.add_command(_verb)


def _tell(
    session: Session,
    number: int | None,
    word: CallWord,
    done: str,
    *,
    text: str = "",
    at: datetime | None = None,
    fields: dict[str, str] | None = None,
) -> None:
    from mspctl.wiring.desk import Saying, tell_call  # noqa: PLC0415 - --help needs none of it

    if number is None and word in {CallWord.RESUMED, CallWord.EDITED}:
        raise UsageError("which call?", hint="give its number; see `mspctl call list`")
    call = tell_call(session.app, number, Saying(word, text.strip(), at, fields))
    if word is CallWord.STOPPED:
        _send_time(session, call)
    _show_short(session, call, done)
    if word is CallWord.STOPPED:
        tell_low(session, call)
        _tell_doubts(session, call)
    if word is not CallWord.NOTED:
        tell_unpriced(session, call)
    if word in {CallWord.STOPPED, CallWord.EDITED}:
        tell_overtaken(session, call.client, call)


def _tell_doubts(session: Session, call: "Call") -> None:
    from mspctl.wiring.draftnotes import silent_texts, unnamed_texts  # noqa: PLC0415 - as above

    for text in (*silent_texts(call), *unnamed_texts(session.app, call)):
        session.console.error(f"mspctl: {text}")


def _send_time(session: Session, call: "Call") -> None:
    """A ticket system that does not answer never stops a technician."""
    from mspctl.wiring.tickets import send_time, wants_time  # noqa: PLC0415 - as above

    if call.ticket and wants_time(session.app):
        trouble = send_time(session.app, call.number)
        if trouble:
            again = f"mspctl ticket send {call.number}"
            session.console.error(
                f"mspctl: the ticket system did not take the time: {trouble}; again: {again}"
            )


def _show_short(session: Session, call: "Call", done: str) -> None:
    now = session.app.clock.now()
    if session.console.wants_json:
        session.console.json(_document(call, now))
    else:
        minutes = call.seconds(now) // 60
        session.console.out(f"call {call.number}, {call.client}, {call.title}: {done}, {minutes} min")


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    if not _TIME.fullmatch(text):
        raise UsageError(f"`{text}` is no time", hint="with its zone, as 2026-11-03T18:30+01:00 or …Z")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(f"`{text}` is no time") from None


def _way(km: str | None, travel: str | int | None) -> dict[str, str]:
    if km is not None and not _KM.fullmatch(km):
        raise UsageError(f"`{km}` is no distance", hint="kilometres, as 30 or 30.5")
    seconds = None if travel is None else str(int(travel) * 60)
    return _given({"km": km, "travel_seconds": seconds})


def _moment(name: str, text: str | None) -> dict[str, str]:
    moment = _time(text)
    return {} if moment is None else {name: moment.isoformat()}


def _word(name: str, text: str) -> str:
    if not _WORD.fullmatch(text):
        raise UsageError(f"{text!r} is no {name}", hint="small letters, digits and -, as disk-full")
    return text


def _number(value: str | float | None) -> int | None:
    return None if value is None else int(value)


def _given(options: "dict[str, str | None]") -> dict[str, str]:
    return {name: value for name, value in options.items() if value is not None}


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)


def _line(text: str) -> str:
    line = " ".join(text.split())
    if not line:
        raise UsageError("say in a few words what it is about", hint="-m TEXT")
    return line


def _row(call: "Call", now: datetime) -> tuple[str, ...]:
    state = _state(call, now)
    minutes = str(call.seconds(now) // 60)
    began = f"{call.started:%Y-%m-%d %H:%M}"
    return (str(call.number), call.client, began, minutes, state, call.priority, call.ticket, call.title)


def _state(call: "Call", now: datetime) -> str:
    if call.waiting:
        return "came in"
    if call.open:
        return "forgotten?" if call.idle(now) else "open"
    return "done" if call.solved else "put down"


def _facts(call: "Call", now: datetime) -> dict[str, Document]:
    raw = sum((((each.end or now) - each.start) for each in call.raw), timedelta(0))
    return {
        "call": call.number,
        "client": call.client,
        "title": call.title,
        "priority": call.priority,
        "ticket": call.ticket,
        "skill": call.skill,
        "work": call.work,
        "emergency": call.emergency,
        "billable": call.billable,
        "planned": call.planned,
        "cause": call.cause,
        "hosts": " ".join(sorted(call.hosts)),
        "asked": utc_text(call.asked),
        "solved": utc_text(call.solved),
        "waits_for": next((hold.reason for hold in call.holds if hold.end is None), ""),
        "km": str(call.km),
        "travel_minutes": call.travel_seconds // 60,
        "open": call.open,
        "seconds": call.seconds(now),
        "raw_seconds": int(raw.total_seconds()),
    }


def _document(call: "Call", now: datetime) -> dict[str, Document]:
    return {
        **_facts(call, now),
        "raw": [_stretch(each) for each in call.raw],
        "counts": [_stretch(each) for each in call.stretches],
        "notes": [_said(record) for record in call.notes],
        "edits": [_said(record) for record in call.edits],
    }


def _stretch(stretch: "Stretch") -> Document:
    return {"technician": stretch.technician, "start": utc_text(stretch.start), "end": utc_text(stretch.end)}


def _said(record: CallRecord) -> Document:
    return {
        "at": utc_text(record.at),
        "written": utc_text(record.written),
        "by": record.author,
        "text": record.text,
        "fields": dict(record.fields),
    }
