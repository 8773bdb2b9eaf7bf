"""From the run log to a report in any of its formats."""

import json
from datetime import datetime

from mspctl.model.inventory import Client
from mspctl.model.support import SupportTable
from mspctl.ports import RunStore
from mspctl.report.facts.period import month_of
from mspctl.report.facts.summarise import STALE_DAYS, summarise
from mspctl.report.facts.summary import Summary
from mspctl.report.formats.document import document
from mspctl.report.formats.markdown import markdown
from mspctl.report.formats.pdf import pdf
from mspctl.report.formats.xlsx import xlsx
from mspctl.report.pages.html import html
from mspctl.report.pages.look import Look
from mspctl.report.score.health import Health

FORMATS = ("html", "pdf", "xlsx", "md", "json")


def month_summary(
    store: RunStore,
    client: Client,
    month: str,
    *,
    provider: str,
    now: datetime,
    stale_days: int = STALE_DAYS,
    support: SupportTable | None = None,
) -> Summary:
    """The summary of `YYYY-MM` in the client's time zone.

    Raises:
        UsageError: no month, or one that has not begun.
        StorageError: the run log cannot be read.
    """
    period = month_of(month, client.timezone, now)
    runs = store.runs(client=client.slug, since=period.start, until=period.end)
    return summarise(
        client, runs, period, provider=provider, made=now, stale_days=stale_days, support=support
    )


def report_month(health: Health, form: str, look: Look | None = None) -> bytes:
    """A report in one of FORMATS.

    Raises:
        ValueError: no such format.
        UsageError: the format needs an extra that is not installed.
    """
    look = look or Look()
    match form:
        case "html":
            return html(health, look).encode()
        case "pdf":
            return pdf(html(health, look))
        case "json":
            return (json.dumps(document(health.summary, health), indent=2, ensure_ascii=True) + "\n").encode()
        case "md":
            return markdown(health, look.speech).encode()
        case "xlsx":
            return xlsx(health, look.speech)
    message = f"no such format: {form}"
    raise ValueError(message)
