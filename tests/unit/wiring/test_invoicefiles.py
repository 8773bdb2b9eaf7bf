"""Drafts and invoices as files: what was approved is what is written, whatever the inventory says later."""

from datetime import date
from pathlib import Path

import pytest

from mspctl.desk.billdocument import digest
from mspctl.errors import ConfigurationError, UsageError
from mspctl.wiring.app import App
from mspctl.wiring.desk import draft_documents
from mspctl.wiring.invoicefiles import write_draft, write_invoice_files
from mspctl.wiring.invoices import approve, credit
from mspctl.wiring.pages import Paper
from tests.unit.wiring.test_app import app, project
from tests.unit.wiring.test_desk import CLIENT

BUYER = "billing: {street: Weg 2, postcode: '10115', city: Berlin, country: DE, due_days: 30}\n"
SELLER = """name: Brightwater
billing:
  street: Hafenstr. 1
  postcode: "20457"
  city: Hamburg
  country: DE
  tax_number: 27/123/45678
  iban: DE02 1203 0000 0000 2020 51
  tax: {percent: 19}
"""
MONTH = date(2026, 3, 1)


@pytest.fixture
def desk(tmp_path: Path) -> App:
    folder = project(tmp_path / "project")
    (folder / "inventory" / "clients").mkdir()
    (folder / "inventory" / "clients" / "acme.yml").write_text(CLIENT + BUYER, encoding="utf-8")
    (folder / "inventory" / "mspctl.yml").write_text(SELLER, encoding="utf-8")
    return app(folder)


def test_an_invoice_stays_as_it_was_approved(desk: App, tmp_path: Path) -> None:
    paper = Paper(("html", "xml"), tmp_path / "out", "en")
    (draft,) = write_draft(desk, "acme", MONTH, Paper(("html",), tmp_path / "out", "de"))
    assert "Rechnungsentwurf" in Path(draft).read_text(encoding="utf-8")
    (document,) = draft_documents(desk, "acme", MONTH)
    assert (document["total"], document["gross"]) == ("180.00", "214.20")
    invoice = approve(desk, "acme", MONTH, digest(document))
    files = write_invoice_files(desk, invoice, paper)
    assert [Path(file).name for file in files] == [f"{invoice.name}.html", f"{invoice.name}.xml"]
    page, xml = (Path(file).read_text(encoding="utf-8") for file in files)
    assert "€214.20" in page
    assert "IBAN DE02\u00a01203\u00a00000\u00a00000\u00a02020\u00a051" in page
    assert "<ram:GrandTotalAmount>214.20</ram:GrandTotalAmount>" in xml
    note = credit(desk, invoice.name)
    (file, _) = write_invoice_files(desk, note, paper)
    assert f"Takes back</th><td><bdi>{invoice.name}" in Path(file).read_text(encoding="utf-8")
    clients = desk.project / "inventory" / "clients"
    (clients / "acme.yml").rename(clients / "other.yml")
    other = (clients / "other.yml").read_text(encoding="utf-8").replace("client: acme", "client: other")
    (clients / "other.yml").write_text(other.replace("Weg 2", "Weg 3"), encoding="utf-8")
    (file, _) = write_invoice_files(desk, invoice, paper)
    assert "Weg 2" in Path(file).read_text(encoding="utf-8")


def test_a_draft_with_another_address_is_another_draft(desk: App) -> None:
    (before,) = draft_documents(desk, "acme", MONTH)
    file = desk.project / "inventory" / "clients" / "acme.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("Weg 2", "Weg 3"), encoding="utf-8")
    with pytest.raises(UsageError, match="the draft is not"):
        approve(desk, "acme", MONTH, digest(before))


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ("{percent: 0}", "no standard rate"),
        ("{percent: 0, category: AE}", "needs a `reason`"),
        ("{percent: 19, category: E, reason: x}", "has no tax"),
        ("{percent: 19}\n  vat_id: xx", "`xx`"),
    ],
)
def test_what_cannot_be_is_refused(desk: App, wrong: str, problem: str) -> None:
    file = desk.project / "inventory" / "mspctl.yml"
    file.write_text(SELLER.replace("{percent: 19}", wrong), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=problem):
        desk.inventory([])


def test_an_account_number_with_a_typing_error_is_refused(desk: App) -> None:
    file = desk.project / "inventory" / "mspctl.yml"
    file.write_text(SELLER.replace("2020 51", "2020 15"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="check digits"):
        desk.inventory([])
