"""The rule 3-2-1-1-0, counted from what was agreed and what was seen.

3 copies, the host's own data among them; on 2 kinds of media, the host's disk among them; 1 in another
building; 1 that nobody on the host can remove; 0 errors: the last backup was well, and every copy of ours was
proven and checked. What a copy is on and where it is, the inventory says; that it is there and young, the run
log: a copy that nobody saw in time counts for nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from mspctl.model.backup import BackupPolicy, CopyRule, Medium
from mspctl.report.facts.agreed import Copy, Seen, agreed_copies
from mspctl.report.facts.rule import Digit, DigitName, Lack, Reason

HOST = "host"
_SHORT = 3


def rule_digits(
    policy: BackupPolicy, where: tuple[str, str, str], seen: Seen, now: datetime
) -> tuple[Digit, ...]:
    """The digits of the agreed rule, of the full one if none was; `where` is client, site and host."""
    copies = tuple(_copies(policy, where, seen, now))
    counted = [each for each in copies if each.counts]
    unseen = tuple(Lack(Reason.UNSEEN, each.name) for each in copies if not each.counts)
    media = dict.fromkeys([Medium.DISK, *(each.place.medium for each in counted if each.place.medium)])
    nameless = tuple(Lack(Reason.NO_MEDIUM, each.name) for each in counted if each.place.medium is None)
    found = (
        Digit(DigitName.COPIES, (HOST, *(each.name for each in counted)), unseen),
        Digit(DigitName.MEDIA, tuple(str(each) for each in media), (*nameless, *unseen)),
        _special(DigitName.OFFSITE, copies),
        _special(DigitName.IMMUTABLE, copies),
        Digit(DigitName.ERRORS, (), tuple(_errors(policy, copies, seen, now))),
    )
    return found[:_SHORT] if policy.goals.rule is CopyRule.SHORT else found


def _copies(policy: BackupPolicy, where: tuple[str, str, str], seen: Seen, now: datetime) -> Iterator[Copy]:
    last = max(seen.backups.values(), default=now)
    young = now - timedelta(seconds=policy.goals.rpo) if policy.goals.rpo else last
    for copy in agreed_copies(policy, where):
        times = [seen.backups.get(key) for key in copy.keys]
        counts = all(time is not None and time >= young for time in times)
        yield Copy(copy.name, copy.place, copy.keys, copy.repository, counts)


def _special(name: DigitName, copies: Sequence[Copy]) -> Digit:
    meant = [each for each in copies if getattr(each.place, name.value)]
    lacks = tuple(Lack(Reason.UNSEEN, each.name) for each in meant if not each.counts)
    nobody = () if meant else (Lack(Reason.NOT_AGREED),)
    return Digit(name, tuple(each.name for each in meant if each.counts), lacks or nobody)


def _errors(policy: BackupPolicy, copies: Sequence[Copy], seen: Seen, now: datetime) -> Iterator[Lack]:
    yield from (Lack(each) for each in sorted(seen.failed))
    young = now - timedelta(seconds=policy.goals.proof) if policy.goals.proof else None
    ours = [each for each in copies if each.repository]
    for each in ours:
        proofs = [key.replace("backup.", "proof.") for key in each.keys]
        if not all(_young(seen.proofs.get(key), young) for key in proofs):
            yield Lack(Reason.NOT_PROVEN, each.name)
        if not _young(seen.checks.get(f"verify.repository {each.repository}"), young):
            yield Lack(Reason.NOT_CHECKED, each.name)
    # What others make, nobody has restored.
    yield from (Lack(Reason.NOT_PROVEN, each.name) for each in copies if not each.repository and not ours)


def _young(at: datetime | None, limit: datetime | None) -> bool:
    return at is not None and (limit is None or at >= limit)
