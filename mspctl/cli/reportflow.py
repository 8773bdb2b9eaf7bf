"""`mspctl report draft`, `edit`, `approve` and `send`: a report on its way to the client."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from mspctl.cli.console import Document
from mspctl.cli.exits import Exit
from mspctl.cli.session import Session, pass_session
from mspctl.cli.whose import whose_month
from mspctl.errors import UsageError

if TYPE_CHECKING:
    from mspctl.wiring.reportdrafts import Sending
    from mspctl.wiring.reportsending import Wish

_START = """\
# What a person says about {month}; all of it may be left out. See the how-to "Send a client its month".
# verdict = "Your IT is in good health."
# note = "In this month we moved your mail to the new server."
#
# [[decision]]
# what = "Replace the licence server"
# why = "Its maker sends no more fixes"
# price = "6,850 EUR once"
#
# [[date]]
# day = {month}-28
# what = "Review meeting, 10:00, your office"
"""


@click.command("draft")
@whose_month
@click.option(
    "--language", default="", metavar="LANG", help="Such as en or de; by default the theme's, or English."
)
@pass_session
def draft(session: Session, /, client: str, month: str, language: str) -> None:
    """Make the report and its mail, to look at.

    They are put into report/drafts/ of the project. To make a draft again takes its approval away.
    """
    from mspctl.wiring.reportsending import draft_report  # noqa: PLC0415 - --help needs none of it

    written = draft_report(session.app, _wish(client, month), language)
    for note in written.notes:
        session.console.error(f"mspctl: {note}")
    if session.console.wants_json:
        session.console.json({"client": client, "month": month, "files": list(written.files)})
        return
    for file in written.files:
        session.console.out(file)


@click.command("edit")
@whose_month
@pass_session
def edit(session: Session, /, client: str, month: str) -> None:
    """Open the commentary, and check it.

    The editor is $VISUAL or $EDITOR; without one only the name of the file is printed. It is made if it
    is missing. A draft made before a change must be made again.
    """
    from mspctl.cli.newfile import write_new  # noqa: PLC0415 - --help needs none of it
    from mspctl.library.reportfiles import commentary, commentary_name  # noqa: PLC0415 - as above

    wish = _wish(client, month)
    session.app.inventory({wish.client})
    file = session.app.project / commentary_name(wish.client, wish.month)
    if not file.exists():
        write_new(file, _START.format(month=month), what="commentary", option="--project", mode=0o644)
    variables = session.environment.variables
    editor = variables.get("VISUAL") or variables.get("EDITOR")
    if editor and not session.console.wants_json:
        click.edit(filename=str(file), editor=editor)
    commentary(session.app.project, wish.client, wish.month)
    if session.console.wants_json:
        session.console.json({"client": client, "month": month, "file": str(file)})
    else:
        session.console.out(str(file))


@click.command("approve")
@whose_month
@pass_session
def approve(session: Session, /, client: str, month: str) -> None:
    """Approve the draft as it lies there.

    Who did, when, and the digest of its bytes are kept. After that no byte of it may change, or it is
    not sent.
    """
    from mspctl.wiring.reportsending import approve_report  # noqa: PLC0415 - --help needs none of it

    approval = approve_report(session.app, _wish(client, month))
    if session.console.wants_json:
        session.console.json({"client": client, "month": month, **asdict(approval)})
        return
    session.console.out(f"approved by {approval.by}: {approval.digest}")


@click.command("send")
@click.option("--client", metavar="NAME", help="Whose month.")
@click.option("--all", "everybody", is_flag=True, help="Each client's that is approved and was not sent yet.")
@click.option("--month", required=True, metavar="YYYY-MM", help="Which month.")
@click.option("--again", is_flag=True, help="Although it was sent already, or may have been.")
@pass_session
def send(session: Session, /, client: str | None, month: str, *, everybody: bool, again: bool) -> int:
    """Mail the approved draft, once.

    It goes to those whom the client's file names. A copy of what was sent, with its digest, is kept in
    report/sent/ of the project. The exit code is 1 if the server did not take it, or not for every
    recipient.

    With --all what stops one client's report stops no other's; a client whose report was sent before, or
    for whom nobody is named, is passed over.
    """
    from mspctl.wiring.reportsending import send_report  # noqa: PLC0415 - --help needs none of it

    if everybody:
        if client is not None or again:
            raise UsageError("--all goes with neither --client nor --again")
        return _send_all(session, month)
    if client is None:
        raise UsageError("whose month?", hint="give --client NAME, or --all")
    done = send_report(session.app, _wish(client, month), again=again)
    if session.console.wants_json:
        session.console.json({"client": client, "month": month, **asdict(done)})
    return _told(session, client, month, done)


def _send_all(session: Session, month: str) -> int:
    from mspctl.wiring.reportsending import send_all  # noqa: PLC0415 - --help needs none of it

    _wish("all", month)  # a month that is none is told once, not for each
    worst, documents = Exit.GOOD, list[Document]()
    for each in send_all(session.app, month):
        if each.trouble:
            session.console.error(f"mspctl: {each.client}: {each.trouble}")
            worst = Exit.BAD_HOSTS
        elif each.sending is not None:
            worst = max(worst, _told(session, each.client, month, each.sending, f"{each.client}: "))
        elif not session.console.wants_json:
            session.console.out(f"{each.client}: nothing to send, {each.nothing}")
        documents.append(asdict(each))
    if session.console.wants_json:
        session.console.json({"month": month, "clients": documents})
    return worst


def _told(session: Session, client: str, month: str, done: "Sending", before: str = "") -> Exit:
    """Say what became of it; the exit code."""
    for address, why in done.refused.items():
        session.console.error(f"mspctl: {address} was refused: {why}")
    if done.fate != "sent":
        word = "was not sent" if done.fate == "failed" else "may have been sent, nobody can say"
        session.console.error(f"mspctl: the report of {month} for {client} {word}: {done.why}")
    elif not session.console.wants_json:
        taken = [each for each in done.to if each not in done.refused]
        session.console.out(f"{before}sent to {', '.join(taken)}: {done.mail}")
    return Exit.GOOD if done.fate == "sent" and not done.refused else Exit.BAD_HOSTS


def _wish(client: str, month: str) -> "Wish":
    from mspctl.wiring.reportsending import Wish  # noqa: PLC0415 - --help needs none of it

    return Wish(client, month)


VERBS = (draft, edit, approve, send)
"""In the order of the work."""
