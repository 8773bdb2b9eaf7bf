"""After a round: one digest per client to whom its file names, and a sign of life to who waits for it."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mspctl.errors import SecretError
from mspctl.model.monitoring import IncidentRecord, Notice, Probe, ProbeKind, Seen
from mspctl.model.secret import SecretRef
from mspctl.monitor.digest import TOLD, Digest, digest
from mspctl.monitor.incidents import folded
from mspctl.monitor.probing.ask import ask
from mspctl.ports import Notifier, WatchBook
from mspctl.wiring.app import App
from mspctl.wiring.monitoring import Watched

_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Telling:
    """What became of the digest: `printed` is for the terminal or cron, where the file names nobody."""

    printed: str = ""
    troubles: tuple[str, ...] = ()


def tell(app: App, watched: Watched, notifier: Callable[[], Notifier]) -> Telling:
    """Send to each what was not sent to it yet, unless its last digest is too young.

    What cannot be sent is tried again, and keeps nothing from the others: nobody is told the same twice
    because somebody else is out of reach.

    Raises:
        StorageError: what was sent cannot be kept.
    """
    notice, slug = watched.monitoring.notice, watched.client.slug
    with closing(app.open_store()) as store:
        book = store.watch_book()
        post = _Post(app, watched, book, tuple(book.records([slug])), book.digest(slug))
        if not notice.urls:
            return Telling(post.printed())
        troubles = [post.send(ref, notifier) for ref in dict.fromkeys(notice.urls)]
    return Telling("", tuple(filter(None, troubles)))


@dataclass(frozen=True, slots=True)
class _Post:
    """The digests of a round; how far each receiver was told is kept under the client and its URL's name."""

    app: App
    watched: Watched
    book: WatchBook
    records: tuple[IncidentRecord, ...]
    before: tuple[datetime, int] | None
    """How far anybody of the client had been told before."""

    def printed(self) -> str:
        """What is for the terminal or cron, once."""
        slug = self.watched.client.slug
        made = self._made(self.before[1] if self.before else 0)
        if made is None:
            return ""
        self.book.digest_sent(slug, self.watched.at, made.last)
        return f"{made.title}\n{made.body}"

    def send(self, ref: SecretRef, notifier: Callable[[], Notifier]) -> str:
        """What was not sent to this one yet; why it did not go, empty if all is well."""
        slug, now = self.watched.client.slug, self.watched.at
        name, every = f"{slug} {ref}", timedelta(seconds=self.watched.monitoring.notice.every)
        own = self.book.digest(name)
        # One that is new in the file begins where the others are.
        at, seq = own or self.before or (now - every, 0)
        made = self._made(seq) if now - at >= every else None
        if made is None:
            return ""
        trouble = self._trouble(ref, made, notifier())
        if not trouble:
            self.book.digest_sent(name, now, made.last)
            self.book.digest_sent(slug, now, made.last)
            return ""
        if own is None:
            self.book.digest_sent(name, now - every, seq)
        return f"the digest did not go to {ref}: {trouble}"

    def _made(self, seq: int) -> Digest | None:
        fresh = [record for record in self.records if record.seq > seq and record.word in TOLD]
        client = self.watched.client
        return digest(client.name, fresh, folded(self.records), ZoneInfo(client.timezone))

    def _trouble(self, ref: SecretRef, made: Digest, notifier: Notifier) -> str:
        try:
            return notifier.tell(self.app.secrets.resolve(ref), made.title, made.body)
        except SecretError as error:
            return str(error)


def sign_of_life(app: App, notice: Notice) -> str:
    """Fetch the URL that somebody waits for; why it failed, empty if all is well."""
    if notice.alive is None:
        return ""
    try:
        url = app.secrets.resolve(notice.alive).reveal_text().strip()
    except SecretError as error:
        return f"the sign of life did not reach {notice.alive}: {error}"
    seen = ask(Probe("alive", ProbeKind.HTTP, url, timeout=_PATIENCE))[0]
    return "" if seen.seen is Seen.UP else f"the sign of life did not reach {notice.alive}: {seen.detail}"
