"""What the security baseline and lynis say of the same things, side by side, from the run log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mspctl.model.event import ReportKind
from mspctl.model.posture import Answer
from mspctl.model.run import Run, StepRun
from mspctl.report.facts.posture import CheckState, HostPosture, Result

LYNIS = "lynis"
_SYSCTL = "KRNL-6000"
_SSHD = "SSH-7408"
SAME: Mapping[str, str] = {
    "ssh-root-login": f"{_SSHD}:PermitRootLogin",
    "ssh-host-based": f"{_SSHD}:IgnoreRhosts",
    "ssh-tries": f"{_SSHD}:MaxAuthTries",
    "ssh-grace": f"{_SSHD}:LoginGraceTime",
    "ssh-x11": f"{_SSHD}:X11Forwarding",
    "ssh-environment": f"{_SSHD}:PermitUserEnvironment",
    "ssh-silent": f"{_SSHD}:LogLevel",
    "ssh-strict-modes": f"{_SSHD}:StrictModes",
    "kernel-layout": f"{_SYSCTL}:kernel.randomize_va_space",
    "kernel-ptrace": f"{_SYSCTL}:kernel.yama.ptrace_scope",
    "kernel-pointers": f"{_SYSCTL}:kernel.kptr_restrict",
    "kernel-messages": f"{_SYSCTL}:kernel.dmesg_restrict",
    "kernel-dumps": f"{_SYSCTL}:fs.suid_dumpable",
    "kernel-symlinks": f"{_SYSCTL}:fs.protected_symlinks",
    "kernel-hardlinks": f"{_SYSCTL}:fs.protected_hardlinks",
    "kernel-fifos": f"{_SYSCTL}:fs.protected_fifos",
    "kernel-files": f"{_SYSCTL}:fs.protected_regular",
    "kernel-bpf": f"{_SYSCTL}:kernel.unprivileged_bpf_disabled",
    "kernel-keys": f"{_SYSCTL}:kernel.sysrq",
    "net-syncookies": f"{_SYSCTL}:net.ipv4.tcp_syncookies",
    "net-redirects": f"{_SYSCTL}:net.ipv4.conf.all.accept_redirects",
    "net-send-redirects": f"{_SYSCTL}:net.ipv4.conf.all.send_redirects",
    "net-source-route": f"{_SYSCTL}:net.ipv4.conf.all.accept_source_route",
    "net-spoofing": f"{_SYSCTL}:net.ipv4.conf.all.rp_filter",
    "net-broadcast": f"{_SYSCTL}:net.ipv4.icmp_echo_ignore_broadcasts",
    "account-superuser": "AUTH-9204",
    "account-same-id": "AUTH-9208",
    "account-no-password": "AUTH-9283",
    "account-password-rules": "AUTH-9262",
    "account-umask": "AUTH-9328",
    "sudo-modes": "AUTH-9252",
    "audit-running": "ACCT-9628",
    "files-watched": "FINT-4350",
    "firewall-rules": "FIRE-4590",
    "updates-automatic": "PKGS-7420",
    "cores-kept": "KRNL-5820",
}
"""Check of ours → lynis's test, or the setting within it, that asks the same. Limits may differ."""


class Said(StrEnum):
    """What lynis says of one thing."""

    GOOD = "good"
    BAD = "bad"
    UNTRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing on one host; `agree` is None where one of the two could not tell."""

    host: str
    check: str
    test: str
    ours: Answer
    lynis: Said
    words: str
    agree: bool | None


@dataclass(frozen=True, slots=True)
class _Report:
    """What lynis told in one run."""

    at: datetime
    executed: frozenset[str]
    found: Mapping[str, str]
    """Test, or test:setting → why it is bad."""


def side_by_side(postures: Iterable[HostPosture], runs: Iterable[Run]) -> tuple[Row, ...]:
    """Each check that lynis knows, too, on hosts of which both have told; `runs` oldest first."""
    reports = _reports(runs)
    return tuple(
        _row(state, reports[posture.host])
        for posture in postures
        if posture.host in reports
        for state in sorted(posture.checks, key=lambda each: each.check)
        if state.check in SAME
    )


def agreement(rows: Iterable[Row]) -> tuple[int, int]:
    """On how many the two agree, of how many on which both could tell."""
    told = [row.agree for row in rows if row.agree is not None]
    return sum(told), len(told)


def _row(state: CheckState, report: _Report) -> Row:
    asked = SAME[state.check]
    test = asked.partition(":")[0]
    said = Said.UNTRIED
    if test in report.executed:
        said = Said.BAD if asked in report.found else Said.GOOD
    ours = _answer(state)
    agree = None
    if said is not Said.UNTRIED and ours in {Answer.GOOD, Answer.BAD}:
        agree = (said is Said.BAD) == (ours is Answer.BAD)
    return Row(state.host, state.check, asked, ours, said, report.found.get(asked, ""), agree)


def _answer(state: CheckState) -> Answer:
    match state.result:
        case Result.GOOD | Result.FIXED:
            return Answer.GOOD
        case Result.ABSENT:
            return Answer.ABSENT
        case Result.UNMEASURED:
            return Answer.UNMEASURED
        case _:
            return Answer.BAD


def _reports(runs: Iterable[Run]) -> dict[str, _Report]:
    found: dict[str, _Report] = {}
    for run in runs:
        for host in run.hosts:
            for step in host.steps:
                if step.module == LYNIS and (report := _report(step, host.finished or run.started)):
                    found[host.host] = report
    return found


def _report(step: StepRun, at: datetime) -> _Report | None:
    """None if lynis was not measured."""
    facts = {each.name: each.value for each in step.reports if each.kind is ReportKind.FACT}
    if not facts.get("lynis.executed"):
        return None
    found = {
        each.name.removeprefix("lynis:"): dict(each.fields).get("reason", "")
        for each in step.reports
        if each.kind is ReportKind.FINDING and each.name.startswith("lynis:")
    }
    return _Report(at, frozenset(facts["lynis.executed"].split("|")), found)
