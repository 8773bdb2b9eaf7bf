"""The summary as one self-contained HTML page: no script, no network, nothing that a host said is markup."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from mspctl.report import supportwords, words
from mspctl.report.summary import HostMonth, HostState, PackageChange, PendingPackage, Summary
from mspctl.shipped import shipped_folder

TEMPLATE = "report/month.html.j2"
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SHOWN_ADVISORIES = 6
_WORST_FIRST = (
    HostState.FAILED,
    HostState.NOT_SEEN,
    HostState.PENDING,
    HostState.RESTART,
    HostState.HELD,
    HostState.CURRENT,
)


@dataclass(frozen=True, slots=True)
class PackageLine:
    """One update on all the hosts it concerns."""

    name: str
    old: str
    new: str
    security: bool
    hosts: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of the bar of states: where it begins and how wide it is, in thousandths."""

    state: HostState
    start: float
    width: float


def html(summary: Summary) -> str:
    """The report's page.

    Raises:
        FileNotFoundError: the installation lacks its templates.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - slow to import

    environment = Environment(
        loader=FileSystemLoader(shipped_folder("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        # Everything printed goes through this, then through autoescape: nobody has to remember either.
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    template = environment.get_template(TEMPLATE)
    return template.render(
        summary=summary,
        words=words,
        supportwords=supportwords,
        states=list(words.LABELS),
        bars=list(_bars(summary)),
        hosts=sorted(summary.hosts, key=_worst_first),
        installed=_installed(summary),
        pending=_pending(summary),
        held=_held(summary),
    )


def visible(text: str) -> str:
    """Text without anything that steers a display: controls, bidirectional overrides, lone surrogates."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        "\ufffd" if unicodedata.category(character) in _UNPRINTABLE and character != "\n" else character
        for character in text
    )


def _worst_first(host: HostMonth) -> tuple[int, str, str]:
    return (_WORST_FIRST.index(host.state), host.site, host.host)


def _bars(summary: Summary) -> Iterable[Bar]:
    start = 0.0
    for state in words.LABELS:
        width = 1000 * summary.states[state] / max(1, len(summary.hosts))
        if width:
            yield Bar(state, start, width)
        start += width


def _grouped(rows: Iterable[tuple[tuple[str, str, str, bool, str], str]]) -> list[PackageLine]:
    found: dict[tuple[str, str, str, bool, str], dict[str, None]] = {}
    for key, host in rows:
        found.setdefault(key, {})[host] = None
    lines = [PackageLine(*key[:4], tuple(hosts), key[4]) for key, hosts in found.items()]
    return sorted(lines, key=lambda line: (not line.security, -len(line.hosts), line.name, line.new))


def _installed(summary: Summary) -> list[PackageLine]:
    return _grouped(
        ((change.name, change.old, change.new, change.security, _advisories(change)), host.host)
        for host in summary.hosts
        for change in host.patched
        if change.upgrade
    )


def _pending(summary: Summary) -> list[PackageLine]:
    return _grouped(
        ((package.name, package.old, package.new, package.security, _advisories(package)), host.host)
        for host in summary.hosts
        if host.known is not None
        for package in host.known.pending_packages
    )


def _advisories(package: PendingPackage | PackageChange) -> str:
    """Empty if the package manager told none; the kind then stands alone."""
    if not package.advisories:
        return ""
    more = len(package.advisories) - _SHOWN_ADVISORIES
    shown = ", ".join(package.advisories[:_SHOWN_ADVISORIES]) + (f" and {more} more" if more > 0 else "")
    return f"{'Security' if package.security else 'Other'}: {shown}"


def _held(summary: Summary) -> list[PackageLine]:
    return _grouped(
        (
            (
                package.name,
                package.old,
                package.new,
                package.security,
                f"{words.hold(package.reason)}: {package.detail}"
                if package.detail
                else words.hold(package.reason),
            ),
            host.host,
        )
        for host in summary.hosts
        if host.known is not None
        for package in host.known.held_packages
    )
