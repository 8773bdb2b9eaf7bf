"""After a round: one digest per client to whom its file names, and a sign of life to who waits for it."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from mspctl.model.monitoring import Notice, Probe, ProbeKind, Seen
from mspctl.model.secret import SecretRef
from mspctl.monitor.digest import TOLD, Digest, digest
from mspctl.monitor.incidents import folded
from mspctl.monitor.probing.ask import ask
from mspctl.ports import Notifier
from mspctl.wiring.app import App
from mspctl.wiring.monitoring import Watched

_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Telling:
    """What became of the digest: `printed` is for the terminal or cron, where the file names nobody."""

    printed: str = ""
    troubles: tuple[str, ...] = ()


def tell(app: App, watched: Watched, notifier: Callable[[], Notifier]) -> Telling:
    """Send what was not sent yet, unless the last digest is too young; what cannot be sent is tried again.

    Raises:
        SecretError: the URL cannot be had.
        StorageError: what was sent cannot be kept.
    """
    notice, slug = watched.monitoring.notice, watched.client.slug
    with closing(app.open_store()) as store:
        book = store.watch_book()
        before = book.digest(slug)
        at, seq = before if before is not None else (None, 0)
        if notice.urls and at is not None and watched.at - at < timedelta(seconds=notice.every):
            return Telling()
        records = book.records([slug])
        fresh = [record for record in records if record.seq > seq and record.word in TOLD]
        made = digest(watched.client.name, fresh, folded(records), ZoneInfo(watched.client.timezone))
        if made is None:
            return Telling()
        if not notice.urls:
            book.digest_sent(slug, watched.at, made.last)
            return Telling(f"{made.title}\n{made.body}")
        troubles = _send(app, notice.urls, made, notifier())
        if len(troubles) < len(notice.urls):
            book.digest_sent(slug, watched.at, made.last)
        return Telling("", troubles)


def _send(app: App, urls: Sequence[SecretRef], made: Digest, notifier: Notifier) -> tuple[str, ...]:
    tried = ((ref, notifier.tell(app.secrets.resolve(ref), made.title, made.body)) for ref in urls)
    return tuple(f"the digest did not go to {ref}: {trouble}" for ref, trouble in tried if trouble)


def sign_of_life(app: App, notice: Notice) -> str:
    """Fetch the URL that somebody waits for; why it failed, empty if all is well. Raises SecretError."""
    if notice.alive is None:
        return ""
    url = app.secrets.resolve(notice.alive).reveal_text().strip()
    seen = ask(Probe("alive", ProbeKind.HTTP, url, timeout=_PATIENCE))[0]
    return "" if seen.seen is Seen.UP else f"the sign of life did not reach {notice.alive}: {seen.detail}"
