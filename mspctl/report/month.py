"""From the run log to a report in any of its formats."""

import json
from datetime import datetime

from mspctl.model.inventory import Client
from mspctl.model.support import SupportTable
from mspctl.ports import RunStore
from mspctl.report.document import document
from mspctl.report.health import Health
from mspctl.report.html import html
from mspctl.report.look import Look
from mspctl.report.markdown import markdown
from mspctl.report.pdf import pdf
from mspctl.report.period import month_of
from mspctl.report.summarise import STALE_DAYS, summarise
from mspctl.report.summary import Summary
from mspctl.report.xlsx import xlsx

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
