"""A report on its way to the client: drafted, approved by a person, mailed once and kept as it was sent."""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from hashlib import sha256

from mspctl.errors import ConfigurationError, MspctlError, UsageError
from mspctl.library.reportfiles import commentary_name
from mspctl.model.inventory import Client, Inventory
from mspctl.model.mailing import Mailing, MailServer
from mspctl.notify.smtp import Fate, Login, Posted, post
from mspctl.report.pages.letter import letter, one_line
from mspctl.wiring.app import App
from mspctl.wiring.locks import JobLock
from mspctl.wiring.privatefile import write_file
from mspctl.wiring.reportdrafts import (
    PAGE,
    TEXT,
    Approval,
    Draft,
    Sending,
    approval_of,
    draft_folder,
    forget_approval,
    next_entry,
    read_draft,
    sendings,
    snapshot_record,
    write_approval,
    write_record,
    write_sending,
)
from mspctl.wiring.reporting import client_health, month_end
from mspctl.wiring.reportlook import report_look
from mspctl.wiring.reportwriting import Order, Written, write_forms

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose month."""

    client: str
    month: str

    def __post_init__(self) -> None:
        if not _MONTH.fullmatch(self.month):
            raise UsageError(f"`{one_line(self.month)}` is no month", hint="write it as 2026-11")


def draft_report(app: App, wish: Wish, language: str) -> Written:
    """Make the draft, or make it again; an approval of an earlier one does not hold for it.

    Raises:
        ConfigurationError, UsageError, StorageError: as client_health and report_look, or a PDF cannot be
            made, or a file not be written.
        LockHeld: it is being sent.
    """
    app.inventory({wish.client})
    with _lock(app, wish):
        said = _commentary(app, wish)
        health = client_health(app, wish.client, wish.month)
        look, notes = report_look(app, wish.client, language)
        told = letter(health, look)
        folder = draft_folder(app.project, wish.client, wish.month)
        forget_approval(folder)
        files = write_forms(health, look, wish.client, Order(wish.month, ("html", "pdf"), folder))
        write_file(folder / TEXT, told.text.encode(errors="replace"))
        write_file(folder / PAGE, told.page.encode(errors="replace"))
        made = {"subject": told.subject, "commentary": said, "by": app.environment.user, "at": _now(app)}
        write_record(folder, made | {"snapshot": snapshot_record(month_end(health))})
    return Written(wish.client, (*files, str(folder / TEXT), str(folder / PAGE)), notes)


def approve_report(app: App, wish: Wish) -> Approval:
    """Approve the draft as it lies there now.

    Raises:
        UsageError: there is none, or the commentary was changed after it was made.
        StorageError: it cannot be read, or the approval not be kept.
        LockHeld: it is being made or sent.
    """
    app.inventory({wish.client})
    with _lock(app, wish):
        draft = _fresh_draft(app, wish)
        approval = Approval(app.environment.user, _now(app), draft.digest)
        app.audited("report-approved", {"client": wish.client, "month": wish.month, "digest": draft.digest})
        _settle(app, draft)
        write_approval(draft, approval)
    return approval


def send_report(app: App, wish: Wish, *, again: bool) -> Sending:
    """Mail the draft, and keep what was sent; what is not known to have failed is not sent a second time.

    Raises:
        ConfigurationError: no mail server or no recipient is named.
        UsageError: there is no draft that may be sent, or it was sent already.
        SecretError: the password cannot be had.
        StorageError: the archive cannot be written.
        LockHeld: it is being made or sent.
    """
    inventory = app.inventory({wish.client})
    (client,) = inventory.clients
    server, mailing = _way(inventory, client)
    with _lock(app, wish):
        draft = _fresh_draft(app, wish)
        approval = _allowed(draft, mailing, wish)
        if not again:
            _refuse_second(app, wish)
        secrets = (app.secrets.resolve(ref) if ref else None for ref in (server.password, server.authority))
        login = Login(*secrets)
        look, _ = report_look(app, client.slug, "")
        name = look.theme.name or inventory.provider.name
        mail = compose(
            draft, wish, Address(one_line(name), addr_spec=server.sender), mailing.to, app.clock.now()
        )
        entry = next_entry(app.project, wish.client, wish.month)
        sending = Sending(
            "sending",
            _now(app),
            app.environment.user,
            mailing.to,
            draft.digest,
            sha256(mail).hexdigest(),
            approval.by if approval else "",
            approval.at if approval else "",
        )
        _settle(app, draft)
        write_file(entry.with_name(f"{entry.name}.eml"), mail)
        write_sending(entry, sending)
        posted = post(server, login, mailing.to, mail)
        ended = _ended(app, sending, posted)
        write_sending(entry, ended)
        told = {"client": wish.client, "month": wish.month, "digest": draft.digest, "mail": ended.mail}
        app.audited("report-sent", {**told, "fate": ended.fate, "to": ", ".join(mailing.to)})
    return ended


def _settle(app: App, draft: Draft) -> None:
    """What the client is told of the month is what it came to, for ever."""
    if draft.snapshot is not None:
        with closing(app.open_store()) as store:
            store.write_snapshot(replace(draft.snapshot, final=True))


@dataclass(frozen=True, slots=True)
class Passed:
    """A client's turn when all reports of a month are sent: what became of it, or why there is none."""

    client: str
    sending: Sending | None = None
    nothing: str = ""
    """Not sent, and that is well: it was sent before, or nobody is to get it."""
    trouble: str = ""


def send_all(app: App, month: str) -> Iterator[Passed]:
    """Mail each client's approved draft that was not sent yet; what stops one client's stops no other's."""
    for slug in app.client_names():
        try:
            yield _passed(app, Wish(slug, month))
        except MspctlError as error:
            yield Passed(slug, trouble=str(error))


def _passed(app: App, wish: Wish) -> Passed:
    (client,) = app.inventory({wish.client}).clients
    if client.mailing is None:
        return Passed(wish.client, nothing="nobody is named who gets it")
    if any(sending.fate == Fate.SENT for _, sending in sendings(app.project, wish.client, wish.month)):
        return Passed(wish.client, nothing="it was sent before")
    return Passed(wish.client, send_report(app, wish, again=False))


def compose(draft: Draft, wish: Wish, sender: Address, to: Sequence[str], at: datetime) -> bytes:
    """The whole mail: plain text, the same as a page, and the PDF. No value can add a line to its head."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = [Address(addr_spec=each) for each in to]
    mail["Subject"] = one_line(draft.subject)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = make_msgid(domain=sender.domain)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(draft.files[TEXT].decode(errors="replace"), cte="quoted-printable")
    mail.add_alternative(draft.files[PAGE].decode(errors="replace"), subtype="html", cte="quoted-printable")
    name = f"{wish.client}-{wish.month}.pdf"
    mail.add_attachment(draft.files[name], maintype="application", subtype="pdf", filename=name)
    return mail.as_bytes()


def _way(inventory: Inventory, client: Client) -> tuple[MailServer, Mailing]:
    if inventory.provider.mail is None:
        raise ConfigurationError(
            "no mail server is named", path="mail", hint="write `mail:` into inventory/mspctl.yml"
        )
    if client.mailing is None:
        hint = f"write `report: {{to: […]}}` into inventory/clients/{client.slug}.yml"
        raise ConfigurationError(f"nobody is named who gets the report of {client.slug}", hint=hint)
    return inventory.provider.mail, client.mailing


def _fresh_draft(app: App, wish: Wish) -> Draft:
    draft = read_draft(app.project, wish.client, wish.month)
    if draft.commentary != _commentary(app, wish):
        raise UsageError(
            f"the commentary was changed after the draft of {wish.month} was made", hint=_again(wish, "draft")
        )
    return draft


def _allowed(draft: Draft, mailing: Mailing, wish: Wish) -> Approval | None:
    approval = approval_of(draft)
    if approval is None and not mailing.unapproved:
        raise UsageError(
            f"nobody has approved the draft of {wish.month} for {wish.client}", hint=_again(wish, "approve")
        )
    if approval is not None and approval.digest != draft.digest:
        raise UsageError(
            f"the draft was changed after {one_line(approval.by)} approved it", hint=_again(wish, "approve")
        )
    return approval


def _refuse_second(app: App, wish: Wish) -> None:
    for file, sending in sendings(app.project, wish.client, wish.month):
        if sending.fate == Fate.FAILED:
            continue
        known = "was sent" if sending.fate == Fate.SENT else "may have been sent: no answer is known"
        raise UsageError(
            f"the report of {wish.month} for {wish.client} {known} ({sending.at}, {file.name})",
            hint="--again sends it once more",
        )


def _ended(app: App, sending: Sending, posted: Posted) -> Sending:
    clean = app.secrets.text
    refused = {each: clean(why) for each, why in posted.refused.items()}
    return replace(sending, fate=posted.fate.value, why=clean(posted.why), refused=refused)


def _commentary(app: App, wish: Wish) -> str:
    file = app.project / commentary_name(wish.client, wish.month)
    return sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def _lock(app: App, wish: Wish) -> JobLock:
    return app.lock(wish.client, f"report {wish.month}", ("report", wish.client, wish.month))


def _again(wish: Wish, verb: str) -> str:
    return f"mspctl report {verb} --client {wish.client} --month {wish.month}"


def _now(app: App) -> str:
    return app.clock.now().isoformat(timespec="seconds")
