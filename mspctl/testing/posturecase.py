"""How safe the computers of the made-up client are: something grave, something waived, something fixed."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from mspctl.model.inventory import Client
from mspctl.model.posture import Answer, CheckFinding, Look
from mspctl.report.facts.posture import HostPosture, host_postures, with_words

_CHECKS = (
    ("firewall-rules", "high", "No firewall is at work", ("db1",)),
    ("ssh-password", "medium", "Passwords are accepted", ("web1", "web2", "mail1")),
    ("mount-tmp", "low", "/tmp may hold programs with privileges", ()),  # noqa: S108 - a title
    ("time-synchronised", "medium", "The clock follows no other", ("cad1",)),
)
"""The check, its severity, its title, and the computers on which it is bad; without any, all of them."""
_REMEDIED = "mail1"


def _looks(names: Sequence[str]) -> Iterator[Look]:
    """Two nights of October; on the second the mail server takes no passwords any more."""
    for run, day in (("20261003T0130Z-alder-patch-0003", 3), ("20261031T0130Z-alder-patch-001f", 31)):
        for name in names:
            answers = {
                check: Answer.BAD
                if name in (bad or names) and (day, name) != (31, _REMEDIED)
                else Answer.GOOD
                for check, _, _, bad in _CHECKS
            }
            if name == "cad1" and day > 3:  # noqa: PLR2004 - the second night
                answers["time-synchronised"] = Answer.UNMEASURED
            yield Look(run, f"alder/{name}", "security", datetime(2026, 10, day, 2, tzinfo=UTC), answers)


def postures(of: Client, names: Sequence[str], now: datetime) -> tuple[HostPosture, ...]:
    """Of computers of that client, as known at a time."""
    looks = tuple(_looks(names))
    said = (
        CheckFinding(look.run, look.host, check, severity, title, f"as seen on {look.host}")
        for look in looks
        for check, severity, title, _ in _CHECKS
        if look.answers[check] is not Answer.GOOD
    )
    return with_words(host_postures(of, looks, now), said)
