"""What findings, caps and the steps after them are called, in the reader's language."""

from dataclasses import dataclass
from datetime import date
from math import ceil

from mspctl.model.support import SupportState
from mspctl.report.facts.areas import CAPS, CHECKS, Area
from mspctl.report.facts.forecast import Forecast
from mspctl.report.facts.measured import CapFound, Measured
from mspctl.report.score.ledger import LedgerLine
from mspctl.report.wording.speech import Speech

_NAMED = 3
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class FindingWords:
    """Speaks of findings in one language."""

    speech: Speech

    def area(self, area: Area) -> str:
        """The name of an area."""
        say = self.speech.say
        names = {
            Area.BACKUP: say("Backup & recovery"),
            Area.UPDATES: say("Security updates"),
            Area.PROTECTION: say("Protection & access"),
            Area.AVAILABILITY: say("Availability"),
            Area.CAPACITY: say("Capacity"),
            Area.AGE: say("Age & support"),
        }
        return names[area]

    def short_area(self, area: Area) -> str:
        """The name of an area as the head of a narrow column."""
        say = self.speech.say
        names = {
            Area.BACKUP: say("Backup"),
            Area.UPDATES: say("Updates"),
            Area.PROTECTION: say("Protection"),
            Area.AVAILABILITY: say("Uptime"),
            Area.CAPACITY: say("Capacity"),
            Area.AGE: say("Age"),
        }
        return names[area]

    def hosts(self, found: tuple[Measured, ...]) -> str:
        """The names of the computers, the first ones of many."""
        return self.speech.listed(tuple(short(each.host) for each in found), _NAMED)

    def line(self, line: LedgerLine) -> str:
        """A line of the ledger."""
        if line.cap is not None:
            return self.cap(line.cap)
        if not line.found:
            return self.speech.many("{count} smaller finding", "{count} smaller findings", line.rest)
        return self.finding(line.found)

    def line_area(self, line: LedgerLine) -> str:
        """The area of a line; a line of many areas says so."""
        return self.area(CHECKS[line.found[0].check].area) if line.found else self.speech.say("All")

    def finding(self, found: tuple[Measured, ...]) -> str:
        """Findings of one check, the gravest in words."""
        say, hosts = self.speech.say, self.hosts(found)
        worst = min(found, key=lambda each: each.part)
        match worst.check:
            case "security-wait":
                told = self._waiting_security(hosts, found)
            case "updates-wait":
                told = say("Other updates have been waiting for more than 30 days: {hosts}", hosts=hosts)
            case "restart":
                told = say("A restart is due, until then the old code runs: {hosts}", hosts=hosts)
            case "last-work":
                told = say("The last work did not succeed: {hosts}", hosts=hosts)
            case "disk" | "inodes":
                told = self._full(found, worst)
            case "support":
                told = self._support(hosts, worst)
            case "backup-age" | "backup-success" | "restore-test":
                told = self._backup(hosts, worst)
            case "availability":
                told = self._down(hosts, found)
            case "protection":
                told = self._unsafe(hosts, found)
            case _:
                told = f"{self.area(CHECKS[worst.check].area)}: {hosts}"
        return told

    def _backup(self, hosts: str, worst: Measured) -> str:
        say = self.speech.say
        if worst.check == "restore-test":
            return say("No restore was proven in 90 days: {hosts}", hosts=hosts)
        if worst.check == "backup-success":
            return say("Backups of the month failed: {hosts}", hosts=hosts)
        if not worst.details.get("days"):
            return say("No backup has succeeded: {hosts}", hosts=hosts)
        return self.speech.many(
            "The last good backup is {count} day old: {hosts}",
            "The last good backup is up to {count} days old: {hosts}",
            int(worst.details["days"]),
            hosts=hosts,
        )

    def _down(self, hosts: str, found: tuple[Measured, ...]) -> str:
        return self.speech.many(
            "Down for {count} minute of the agreed hours: {hosts}",
            "Down for up to {count} minutes of the agreed hours: {hosts}",
            max(ceil(int(each.details["down"]) / _MINUTE) for each in found),
            hosts=hosts,
        )

    def _unsafe(self, hosts: str, found: tuple[Measured, ...]) -> str:
        grave, count = (sum(int(each.details[name]) for each in found) for name in ("high", "open"))
        if not grave:
            return self.speech.many(
                "{count} security finding is open, none of them grave: {hosts}",
                "{count} security findings are open, none of them grave: {hosts}",
                count,
                hosts=hosts,
            )
        return self.speech.many(
            "{count} grave security finding is open ({all} in all): {hosts}",
            "{count} grave security findings are open ({all} in all): {hosts}",
            grave,
            all=self.speech.number(count),
            hosts=hosts,
        )

    def _waiting_security(self, hosts: str, found: tuple[Measured, ...]) -> str:
        days = max(int(each.details.get("days") or 0) for each in found)
        return self.speech.many(
            "A security update has been waiting for {count} day: {hosts}",
            "Security updates have been waiting for up to {count} days: {hosts}",
            days,
            hosts=hosts,
        )

    def _full(self, found: tuple[Measured, ...], worst: Measured) -> str:
        where = f"{short(worst.host)} {worst.details['mount']}"
        percent = self._percent(worst.details["percent"])
        if worst.check == "inodes":
            return self.speech.say(
                "{percent} of all places for files are used: {where}", percent=percent, where=where
            )
        if len(found) == 1:
            return self.speech.say("The disk {where} is {percent} full", where=where, percent=percent)
        return self.speech.many(
            "{count} disk is nearly full",
            "{count} disks are filling up; the fullest is {where} with {percent}",
            len(found),
            where=where,
            percent=percent,
        )

    def _support(self, hosts: str, worst: Measured) -> str:
        details = worst.details
        until, say = date.fromisoformat(details["until"]), self.speech.say
        if details.get("state") == SupportState.ENDED:
            return say(
                "No fixes from the maker since {day}: {hosts}", day=self.speech.day(until), hosts=hosts
            )
        if details.get("state") == SupportState.EXTENDED:
            return say("Only extended support, until {day}: {hosts}", day=self.speech.day(until), hosts=hosts)
        return say("The maker's support ends on {day}: {hosts}", day=self.speech.day(until), hosts=hosts)

    def reason(self, found: Measured) -> str:
        """Why something has to be decided about a computer, without its name."""
        say, details = self.speech.say, found.details
        if found.check == "disk":
            percent, mount = self._percent(details["percent"]), details["mount"]
            return say("{mount} is {percent} full", mount=mount, percent=percent)
        day = self.speech.day(date.fromisoformat(details["until"]))
        if details.get("state") == SupportState.ENDED:
            return say("Its maker has sent no fixes since {day}", day=day)
        return say("Its maker sends no more fixes after {day}", day=day)

    def growth(self, found: Forecast) -> str:
        """How fast a disk fills."""
        sign = "+" if round(found.weekly, 1) > 0 else ""
        points = sign + self.speech.number(found.weekly, 1)
        return self.speech.say("{points} points", points=points)

    def full(self, found: Forecast) -> str:
        """When a disk is full."""
        if found.full is None or found.first is None or found.last is None:
            return self.speech.say("no pressure")
        if found.sure:
            return self.speech.say("around {day}", day=self.speech.plain_day(found.full))
        first, last = self.speech.plain_day(found.first), self.speech.plain_day(found.last)
        return self.speech.say("between {first} and {last}", first=first, last=last)

    def _percent(self, text: str) -> str:
        return self.speech.percent(int(text) / 100)

    def next_step(self, line: LedgerLine) -> str:
        """What is done about it."""
        say = self.speech.say
        if line.cap is not None:
            return say("The cap goes with its cause")
        if not line.found:
            return say("We work through them every month")
        steps = {
            "security-wait": say("We install them in the next maintenance window"),
            "updates-wait": say("We install them in the next maintenance window"),
            "restart": say("We restart it in the next maintenance window"),
            "last-work": say("We find the cause and do the work again"),
            "disk": say("Make room or extend it"),
            "inodes": say("Make room or extend it"),
            "support": say("We plan the upgrade with you"),
            "backup-age": say("We find the cause and make the backup"),
            "backup-success": say("We find the cause and make the backup"),
            "restore-test": say("We restore a sample and compare it"),
            "availability": say("We find the cause of the outages"),
            "protection": say("We remedy them, the gravest first"),
        }
        return steps.get(line.found[0].check, say("We look after it"))

    def action(self, found: tuple[Measured, ...]) -> str:
        """What has to be done, in words that stand by themselves."""
        say, hosts = self.speech.say, self.hosts(found)
        told = {
            "security-wait": say("Install the security updates that wait: {hosts}", hosts=hosts),
            "updates-wait": say("Install the updates that wait: {hosts}", hosts=hosts),
            "restart": say("Restart {hosts}", hosts=hosts),
            "last-work": say("Do the work again that failed: {hosts}", hosts=hosts),
            "disk": say("Make room or extend the disk of {hosts}", hosts=hosts),
            "inodes": say("Make room or extend the disk of {hosts}", hosts=hosts),
            "support": say("Plan the upgrade of {hosts}", hosts=hosts),
            "backup-age": say("Make good backups of {hosts}", hosts=hosts),
            "backup-success": say("Find out why backups failed: {hosts}", hosts=hosts),
            "restore-test": say("Prove a restore of {hosts}", hosts=hosts),
            "availability": say("Find the cause of the outages: {hosts}", hosts=hosts),
            "protection": say("Remedy security findings, the gravest first"),
        }
        check = found[0].check
        return told.get(check) or f"{self.area(CHECKS[check].area)}: {hosts}"

    def cap(self, cap: CapFound) -> str:
        """Why the total cannot be higher."""
        say = self.speech.say
        most = CAPS[cap.kind]
        match cap.kind:
            case "critical-overdue":
                hosts = self.speech.listed(tuple(short(host) for host in cap.hosts), _NAMED)
                return say(
                    "At most {most}: security updates of servers wait for {days} days ({hosts})",
                    most=most,
                    days=cap.details["days"],
                    hosts=hosts,
                )
            case "incomplete":
                areas = tuple(self.area(Area(each)) for each in cap.details["areas"].split())
                return say(
                    "At most {most}: too little is measured of {areas}",
                    most=most,
                    areas=self.speech.listed(areas, len(Area)),
                )
            case "no-good-backup":
                return say("At most {most}: a critical computer has had no good backup for a week", most=most)
            case "unsupported-exposed":
                return say(
                    "At most {most}: a system without support can be reached from the internet", most=most
                )
            case "malware":
                return say("At most {most}: malware is active", most=most)
            case _:
                return say("At most {most}: no restore was tested in 90 days", most=most)


def short(host: str) -> str:
    """A host's name without its client."""
    return host.partition("/")[2] or host
