"""A report's way to the client, to a real SMTP server."""

import json
import shutil
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256
from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError, UsageError
from mspctl.wiring.app import App
from mspctl.wiring.reportdrafts import Sending, draft_folder
from mspctl.wiring.reportsending import Wish, approve_report, draft_report, send_report
from tests.e2e.cli import Cli
from tests.integration.certificates import SelfSigned
from tests.integration.report.mailserver import PASSWORD, Box, certificate, mail_server
from tests.unit.wiring.test_app import app

WISH = Wish("acme", "2026-10")
NASTY = 'name = "Bright\\r\\nBcc: thief@example.net\\u0085\\u2028X-Evil: 1"\ncontact = "Priya <b>"\n'


def settle(folder: Path, port: int, *, unapproved: bool = False, security: str = "starttls") -> None:
    """Write who takes the mail, and who gets it."""
    (folder / "inventory" / "mspctl.yml").write_text(
        "name: Brightwater\n"
        f"mail: {{server: 127.0.0.1, port: {port}, security: {security}, from: reports@example.com,\n"
        "  user: reports, password: env:MAIL_PASSWORD, tls_ca: file:ca.pem}\n"
    )
    told = ", unapproved: true" if unapproved else ""
    (folder / "inventory" / "clients" / "acme.yml").write_text(
        "client: acme\nname: Äcme & Söhne\ntimezone: Europe/Berlin\n"
        f"report: {{to: [boss@example.org, it@example.org]{told}}}\n"
        "sites:\n  hq:\n    hosts:\n      web1: {address: 10.0.0.1}\n"
    )


@pytest.fixture(scope="module")
def shown() -> SelfSigned:
    return certificate()


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory, shown: SelfSigned) -> Path:
    """A project with a draft, to be copied."""
    folder = tmp_path_factory.mktemp("drafted") / "project"
    (folder / "inventory" / "clients").mkdir(parents=True)
    (folder / "report").mkdir()
    (folder / "report" / "theme.toml").write_text(NASTY)
    (folder / "ca.pem").write_bytes(shown.public)
    (folder / "ca.pem").chmod(0o600)
    settle(folder, 1)
    draft_report(app(folder), WISH, "de")
    return folder


@pytest.fixture
def folder(tmp_path: Path, drafted: Path) -> Path:
    return Path(shutil.copytree(drafted, tmp_path / "project"))


@pytest.fixture
def post(folder: Path, shown: SelfSigned) -> Iterator[Box]:
    with mail_server(shown, folder) as (box, port):
        settle(folder, port)
        yield box


def here(folder: Path, password: str = PASSWORD) -> App:
    """Another call."""
    return app(folder, MAIL_PASSWORD=password)


def send(folder: Path, *, again: bool = False) -> Sending:
    return send_report(here(folder), WISH, again=again)


def archived(folder: Path) -> list[str]:
    return sorted(file.name for file in (folder / "report" / "sent" / "acme").glob("*"))


def read(mail: bytes) -> EmailMessage:
    told = message_from_bytes(mail, policy=default)
    assert isinstance(told, EmailMessage)
    return told


def test_what_was_approved_is_sent_once_and_kept(folder: Path, post: Box) -> None:
    with pytest.raises(UsageError, match="nobody has approved"):
        send(folder)
    assert post.mails == []
    approval = approve_report(here(folder), WISH)
    done = send(folder)
    assert (done.fate, done.approved_by, done.draft) == ("sent", "ops", approval.digest)
    (raw,) = post.mails
    assert post.recipients == [["boss@example.org", "it@example.org"]]
    kept = (folder / "report" / "sent" / "acme" / "2026-10-1.eml").read_bytes()
    assert kept == raw
    assert sha256(kept).hexdigest() == done.mail
    mail = read(kept)
    assert str(mail["Subject"]) == "IT-Gesundheitsbericht, Oktober 2026: Äcme & Söhne"
    text, page = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert page is not None
    assert "Der ganze Bericht hängt als PDF an." in text.get_content()
    assert "Priya &lt;b&gt;" in page.get_content()
    (pdf,) = mail.iter_attachments()
    assert pdf.get_content() == (draft_folder(folder, "acme", "2026-10") / "acme-2026-10.pdf").read_bytes()
    with pytest.raises(UsageError, match="was sent"):
        send(folder)
    assert send(folder, again=True).fate == "sent"
    assert len(post.mails) == 2
    assert len(archived(folder)) == 4
    events = [json.loads(line)["event"] for line in here(folder).audit.path.read_text().splitlines()]
    assert events == ["report-approved", "report-sent", "report-sent"]


def test_no_name_adds_a_line_to_the_head(folder: Path, post: Box) -> None:
    approve_report(here(folder), WISH)
    send(folder)
    mail = read(post.mails[0])
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None
    (sender,) = mail["From"].addresses
    assert sender.addr_spec == "reports@example.com"
    assert sender.display_name == "Bright Bcc: thief@example.net X-Evil: 1"


def test_a_draft_that_changed_after_its_approval_is_refused(folder: Path, post: Box) -> None:
    approve_report(here(folder), WISH)
    draft = draft_folder(folder, "acme", "2026-10")
    for name in ("acme-2026-10.pdf", "acme-2026-10.html", "mail.txt", "mail.html", "draft.json"):
        whole = (draft / name).read_bytes()
        (draft / name).write_bytes(whole + b"\n")
        with pytest.raises(UsageError, match="changed after ops approved it"):
            send(folder)
        (draft / name).unlink()
        with pytest.raises(UsageError, match=r"missing|no draft"):
            send(folder)
        (draft / name).write_bytes(whole)
    said = folder / "report" / "clients" / "acme" / "2026-10.toml"
    said.parent.mkdir(parents=True)
    said.write_text("note = 'New words'\n")
    for act in (lambda: send(folder), lambda: approve_report(here(folder), WISH)):
        with pytest.raises(UsageError, match="commentary was changed"):
            act()
    draft_report(here(folder), WISH, "")
    assert "New words" in (draft / "mail.txt").read_text()
    with pytest.raises(UsageError, match="nobody has approved"):
        send(folder)
    assert post.mails == []


def test_unapproved_is_sent_only_if_the_clients_file_says_so(folder: Path, shown: SelfSigned) -> None:
    with mail_server(shown, folder, "tls") as (box, port):
        settle(folder, port, unapproved=True, security="tls")
        assert send(folder).approved_by == ""
        approve_report(here(folder), WISH)
        (draft_folder(folder, "acme", "2026-10") / "mail.txt").write_text("Other words")
        with pytest.raises(UsageError, match="changed after"):
            send(folder, again=True)
    assert len(box.mails) == 1


def test_what_failed_may_be_tried_again(folder: Path, post: Box, shown: SelfSigned) -> None:
    approve_report(here(folder), WISH)
    wrong = send_report(here(folder, "wrong"), WISH, again=False)
    assert (wrong.fate, wrong.why[:3]) == ("failed", "535")
    post.refuses = ("boss@example.org", "it@example.org")
    assert send(folder).fate == "failed"
    (folder / "ca.pem").write_bytes(certificate().public)
    stranger = send(folder)
    assert stranger.fate == "failed"
    assert "certificate" in stranger.why.lower()
    (folder / "ca.pem").write_bytes(shown.public)
    assert post.mails == []
    post.refuses = ("it@example.org",)
    done = send(folder)
    assert (done.fate, dict(done.refused)) == ("sent", {"it@example.org": "550 nobody here"})
    assert post.recipients == [["boss@example.org"]]


def test_a_server_without_encryption_gets_neither_password_nor_mail(folder: Path, shown: SelfSigned) -> None:
    approve_report(here(folder), WISH)
    with mail_server(shown, folder, "none") as (box, port):
        settle(folder, port)
        done = send(folder)
    assert done.fate == "failed"
    assert "STARTTLS" in done.why
    assert box.mails == []


def test_what_may_have_arrived_is_not_sent_again_unasked(folder: Path, post: Box) -> None:
    approve_report(here(folder), WISH)
    post.drops = True
    assert send(folder).fate == "unknown"
    post.drops = False
    with pytest.raises(UsageError, match="may have been sent"):
        send(folder)
    entry = folder / "report" / "sent" / "acme" / "2026-10-1.json"
    entry.write_text(entry.read_text().replace('"unknown"', '"sending"'))  # killed before the answer
    with pytest.raises(UsageError, match="may have been sent"):
        send(folder)
    assert send(folder, again=True).fate == "sent"


def test_all_are_sent_and_one_clients_trouble_stops_no_other(folder: Path, post: Box, tmp_path: Path) -> None:
    clients = folder / "inventory" / "clients"
    text = (clients / "acme.yml").read_text()
    for slug in ("aaa", "bolt"):
        told = text.replace("client: acme", f"client: {slug}").replace("10.0.0.", f"10.0.{ord(slug[0])}.")
        (clients / f"{slug}.yml").write_text(told.replace("report: ", "vars: ") if slug == "bolt" else told)
    approve_report(here(folder), WISH)
    cli = Cli(folder, tmp_path / "state")
    cli.environment |= {"MAIL_PASSWORD": PASSWORD}
    done = cli("report", "send", "--all", "--month", "2026-10")
    assert done.returncode == 1
    assert done.stderr.startswith("mspctl: aaa: there is no draft of 2026-10 for aaa")
    sent, nobody = done.stdout.splitlines()
    assert sent.startswith("acme: sent to boss@example.org, it@example.org: ")
    assert nobody == "bolt: nothing to send, nobody is named who gets it"
    (clients / "aaa.yml").unlink()
    again = cli.json("report", "send", "--all", "--month", "2026-10")
    assert [each["nothing"] for each in again["clients"]] == [
        "it was sent before",
        "nobody is named who gets it",
    ]
    assert len(post.mails) == 1
    for wrong in (("--all", "--client", "acme"), ("--all", "--again"), ()):
        assert cli("report", "send", *wrong, "--month", "2026-10").returncode == 2
    assert cli("report", "send", "--all", "--month", "2026-13").returncode == 2


def test_without_a_server_or_a_recipient_nothing_is_sent(folder: Path) -> None:
    approve_report(here(folder), WISH)
    provider = folder / "inventory" / "mspctl.yml"
    whole = provider.read_text()
    provider.write_text("name: Brightwater\n")
    with pytest.raises(ConfigurationError, match="no mail server"):
        send(folder)
    for wrong in (
        whole.replace("reports@example.com", '"a@example.com\\nBcc: b@example.com"'),
        whole.replace("user: reports, ", ""),
        whole.replace("security: starttls", "security: none"),
        whole.replace("env:MAIL_PASSWORD", "hunter2"),
    ):
        provider.write_text(wrong)
        with pytest.raises(ConfigurationError) as refused:
            send(folder)
        assert "hunter2" not in str(refused.value)
    provider.write_text(whole)
    client = folder / "inventory" / "clients" / "acme.yml"
    client.write_text("\n".join(line for line in client.read_text().splitlines() if "report:" not in line))
    with pytest.raises(ConfigurationError, match="who gets the report"):
        send(folder)
    for month in ("2026-1", "../../x", "2026-13"):
        with pytest.raises(UsageError, match="no month"):
            Wish("acme", month)


@pytest.mark.timeout(480)
def test_the_command_line_says_what_became_of_it(folder: Path, post: Box, tmp_path: Path) -> None:
    cli = Cli(folder, tmp_path / "state")
    cli.environment |= {"MAIL_PASSWORD": PASSWORD, "EDITOR": "cat"}
    whose = ("--client", "acme", "--month", "2026-10")
    assert cli("report", "send", *whose).returncode == 2
    assert cli("report", *whose, "draft", *whose).returncode == 2
    assert cli("report", "approve", "--client", "nobody", "--month", "2026-10").returncode == 2
    assert "# What a person says about 2026-10" in cli("report", "edit", *whose).stdout
    assert len(cli.json("report", "draft", *whose)["files"]) == 4
    digest = cli.json("report", "approve", *whose)["digest"]
    post.refuses = ("it@example.org",)
    done = cli("report", "send", *whose)
    assert (done.returncode, done.stderr) == (1, "mspctl: it@example.org was refused: 550 nobody here\n")
    assert done.stdout.startswith("sent to boss@example.org: ")
    assert cli.json("report", "send", *whose, "--again")["draft"] == digest
    post.refuses = ("it@example.org", "boss@example.org")
    assert cli("report", "send", *whose, "--again").returncode == 1
