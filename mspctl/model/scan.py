"""What a step that speaks of packages said: its last scan, what it changed, what failed.

Names and versions come from the host and are kept only if they look like such: a rule made of them must match
one package and no other.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile

from mspctl.model.event import Report, ReportKind
from mspctl.model.outcome import StepStatus

PACKAGE_MODULES = frozenset({"packages", "package", "updates"})
"""The modules whose reports speak of packages."""
INSTALLING_MODULES = frozenset({"packages", "package"})
"""Those of them that can change packages."""
PENDING = "packages.pending"
"""The metric that ends a scan: how many updates are pending. Not there where the resolver gave none."""
ANSWERED = frozenset({StepStatus.OK, StepStatus.CHANGED, StepStatus.HELD, StepStatus.FAILED})
"""A step may fail for what its scan found, or for what it did before it: the scan is true all the same."""
_SOUND = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.:~^_@%,/-]{0,199}")


def sound(text: str) -> bool:
    """True for text that can be the name or version of a package."""
    return _SOUND.fullmatch(text) is not None


def last_scan(reports: Sequence[Report], *, check_mode: bool) -> Sequence[Report] | None:
    """The statements of the step's last scan and whatever was said after it; None if there is none.

    What was said before packages were changed does not count, unless nothing was changed really.
    """
    if not check_mode:
        last = max((number for number, report in enumerate(reports) if installs(report)), default=-1)
        reports = reports[last + 1 :]
    marks = [number for number, report in enumerate(reports) if ends_scan(report)]
    if not marks:
        return None
    return reports[marks[-2] + 1 if len(marks) > 1 else 0 :]


def installs(report: Report) -> bool:
    """True if the statement says that a package was installed or upgraded."""
    return report.kind is ReportKind.CHANGE and bool(dict(report.fields).get("new"))


def ends_scan(report: Report) -> bool:
    """True for the count of pending updates."""
    return report.kind is ReportKind.METRIC and report.name == PENDING


def before_count(reports: Sequence[Report]) -> Iterator[Report]:
    """The findings of a scan: what was said before its count of pending updates."""
    return takewhile(lambda report: not ends_scan(report), reports)


def updates(reports: Sequence[Report]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Package and fields (`old`, `new`, `security`, `reason` if it is held back) of each update of a scan."""
    for report in before_count(reports):
        fields = dict(report.fields)
        name = report.name
        if report.kind is ReportKind.FINDING and name.startswith("pending:"):
            name = name.removeprefix("pending:")
        elif report.kind is not ReportKind.HELD:
            continue
        if sound(name) and sound(fields.get("new", "")):
            yield name, fields


def failed_updates(reports: Sequence[Report]) -> Iterator[tuple[str, str]]:
    """Package and version of what a failed step left unfinished (`state`), broken, or said had failed."""
    for report in reports:
        fields = dict(report.fields)
        name, version = report.name, fields.get("new") or fields.get("version", "")
        if report.kind is ReportKind.FINDING and name.startswith(("broken:", "failed:")):
            name = name.partition(":")[2]
        elif report.kind is not ReportKind.CHANGE or not fields.get("state"):
            continue
        if sound(name) and sound(version):
            yield name, version
