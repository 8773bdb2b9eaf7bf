"""What lies ahead of a made-up client: devices under warranty, risks, what ends and what comes again."""

from datetime import date
from decimal import Decimal

from mspctl.desk.roadmap import Known
from mspctl.desk.roadmap import roadmap as made_roadmap
from mspctl.model.roadmap import Asset, Fact, Recurring, Risk, Roadmap, Wishes


def assets() -> tuple[Asset, ...]:
    """Five devices on a vendor's list."""
    told = (
        ("files1", date(2027, 5, 31), Decimal(4600)),
        ("dc1", date(2028, 3, 31), None),
        ("dc2", date(2028, 3, 31), None),
        ("cad1", date(2026, 8, 31), Decimal(2900)),
        ("backup1", date(2029, 12, 31), None),
    )
    return tuple(Asset(host, warranty_until=until, price=price) for host, until, price in told)


def roadmap() -> Roadmap:
    """What lies ahead: a licence server, two warranties, a printer that fails again and again, two risks."""
    risks = (
        Risk(
            "Second sign-in step for three administrators",
            "Stolen passwords are the commonest way in",
            "Ms Finch",
            date(2026, 11, 30),
        ),
        Risk(
            "One line to the internet",
            "No mail and no telephone without it",
            "Ms Finch",
            date(2026, 10, 24),
            Decimal(780),
        ),
    )
    facts = (
        Fact("licences1", "server", "Windows Server 2016", date(2027, 1, 12)),
        Fact("cad1", "workstation", "Ubuntu 22.04.5 LTS", date(2027, 4, 30)),
    )
    printer = Recurring("printer", 5, 9000, date(2026, 2, 3), date(2026, 9, 8))
    wishes = Wishes("EUR", (("upgrade", Decimal(1350)),), risks)
    known = Known("alder", date(2026, 10, 31), facts, assets(), (), (printer,), wishes)
    return made_roadmap(known)
