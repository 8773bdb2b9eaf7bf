"""The report on paper: a tagged PDF, made from the same page as the one for screens."""

import hashlib
import logging

from mspctl.errors import UsageError


def pdf(page: str) -> bytes:
    """The PDF of a report's page: the same bytes for the same page. Nothing is fetched from anywhere.

    Raises:
        UsageError: WeasyPrint, or what it needs of the system, is not installed.
    """
    try:
        from weasyprint import HTML  # noqa: PLC0415 - slow to import, and an extra
        from weasyprint.urls import URLFetcher  # noqa: PLC0415 - as above
    except (ImportError, OSError) as error:
        hint = "pip install 'mspctl[pdf]', and on Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0"
        raise UsageError(f"a PDF needs WeasyPrint: {error}", hint=hint) from error
    # It warns of each rule that is for screens only.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    fetcher = URLFetcher(allowed_protocols=("data",))
    document = HTML(string=page, url_fetcher=fetcher)
    identity = hashlib.sha256(page.encode(errors="replace")).digest()[:16]
    content = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identity)
    return bytes(content or b"")
