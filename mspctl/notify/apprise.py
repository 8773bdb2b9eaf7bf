"""Apprise: one URL for mail, Teams, Slack, ntfy, a webhook and many more.

The URL is a secret as a whole. Apprise logs what went wrong with parts of it, so its log is not shown.
"""

import logging
import warnings

from mspctl.errors import UsageError
from mspctl.model.secret import Secret


class AppriseNotifier:
    """A Notifier (mspctl.ports)."""

    def tell(self, url: Secret, title: str, body: str) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it imports all its services, and what Python takes out of them
            return _tell(url.reveal_text().strip(), title, body)


def _tell(url: str, title: str, body: str) -> str:
    try:
        from apprise import Apprise, NotifyFormat  # noqa: PLC0415 - slow to import, and an extra
    except ImportError:
        raise UsageError(
            "notifications need Apprise, which is not installed", hint="pip install 'mspctl[notify]'"
        ) from None
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    target = Apprise()
    if not target.add(url):
        return "it is no URL that Apprise knows"
    sent = target.notify(title=title, body=body, body_format=NotifyFormat.TEXT)
    return "" if sent else f"{target[0].service_name} did not take it"
