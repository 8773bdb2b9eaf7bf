"""The report on paper: a tagged PDF, made from the same page as the one for screens."""

import gc
import hashlib
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from mspctl.errors import UsageError

READABLE, ARCHIVED = "pdf/ua-1", "pdf/a-3a"
"""For screen readers; and for archives, the kind that may hold an invoice for programs."""


def pdf(page: str, variant: str = READABLE) -> bytes:
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
    identity = hashlib.sha256(page.encode(errors="replace")).digest()[:16]
    with _no_collection(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves its colour profile open
        document = HTML(string=page, url_fetcher=fetcher)
        content = document.write_pdf(pdf_variant=variant, pdf_identifier=identity)
    return bytes(content or b"")


@contextmanager
def _no_collection() -> Iterator[None]:
    """The layout makes millions of objects and drops few: to look for rings of them takes a fifth of it."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
