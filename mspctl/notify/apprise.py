"""Apprise: one URL for mail, Teams, Slack, ntfy, a webhook and many more.

The URL is a secret as a whole. Apprise logs what went wrong with parts of it, so its log is not shown.
"""

import logging
import warnings

from mspctl.errors import UsageError
from mspctl.model.secret import Secret

_TAIL = 60
"""Characters of the line that says what was left out."""


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
    most = target[0].body_maxlen * 3 // 4 - len(title)
    if not sent and len(body) > most:  # chats refuse what is too long: some of it is better than nothing
        sent = target.notify(title=title, body=_shortened(body, most), body_format=NotifyFormat.TEXT)
    return "" if sent else f"{target[0].service_name} did not take it"


def _shortened(body: str, most: int) -> str:
    """The first lines, as many as fit, and how many there are more."""
    lines, length = body.split("\n"), _TAIL
    kept = 0
    for line in lines:
        length += len(line) + 1
        if length > most:
            break
        kept += 1
    return "\n".join((*lines[:kept], f"and {len(lines) - kept} more lines: see `mspctl incidents`"))
