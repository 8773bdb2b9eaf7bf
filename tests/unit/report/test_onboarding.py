"""Risks, plan, effort and page of an onboarding: each from what hosts said, none from what nobody saw."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from mspctl.model.backup import BackupPolicy
from mspctl.model.event import Report, ReportKind
from mspctl.model.inventory import Client
from mspctl.model.onboarding import Answer, Minutes, Onboarding
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.playbook import Severity
from mspctl.model.run import HostRun, Run, StepOutline, StepRun
from mspctl.model.support import Support, SupportState, SupportTerm
from mspctl.report.facts.backups import HostBackup, Tries, Try
from mspctl.report.facts.period import month_of
from mspctl.report.facts.summarise import summarise
from mspctl.report.facts.summary import DiskUse, Scan, Summary
from mspctl.report.onboarding.page import Onboarded, duration, page
from mspctl.report.onboarding.plan import EFFORT, PHASES, plan
from mspctl.report.onboarding.risk import Looked, Outside, Risk
from mspctl.report.onboarding.risks import risks
from mspctl.testing.reportcase import client_of

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
TODAY = date(2026, 11, 29)


def fact(name: str, value: str) -> Report:
    return Report(ReportKind.FACT, name, value)


def check(name: str, state: str = "bad", severity: str = "high") -> Report:
    fields = {
        "state": state,
        "severity": severity,
        "reason": f"{name} is loose: it is 1",
        "evidence": "it is 1",
    }
    return Report(ReportKind.FINDING, f"check:{name}", "", (*fields.items(), ("remedy", f"Mend {name}.")))


def row(host: str, *steps: tuple[str, StepStatus, tuple[Report, ...]], reason: str = "") -> HostRun:
    done = tuple(
        StepRun(number, module, module, status, "" if status is StepStatus.OK else "it broke", reports=told)
        for number, (module, status, told) in enumerate(steps)
    )
    outline = tuple(StepOutline(each.name, each.module) for each in done)
    outcome = Outcome.OK if done else Outcome.UNREACHABLE
    return HostRun(f"acme/{host}", "hq", outcome, reason, outline=outline, steps=done)


def run_of(playbook: str, *rows: HostRun) -> Run:
    return Run(
        f"r-{playbook}",
        "acme",
        playbook,
        check_mode=False,
        digest="",
        inventory_digest="",
        started=NOW,
        hosts=rows,
    )


def backed(programs: str = "", jobs: str = "", roles: str = "") -> tuple[str, StepStatus, tuple[Report, ...]]:
    told = (fact("roles", roles), fact("backup.programs", programs), fact("backup.jobs", jobs))
    return ("backup-programs", StepStatus.OK, told)


def summary_of(client: Client) -> Summary:
    period = month_of("2026-11", "Europe/Berlin", NOW)
    return summarise(client, (), period, made=NOW)


def looked(
    client: Client, *runs: Run, summary: Summary | None = None, outside: Outside | None = None
) -> Looked:
    return Looked(client, summary or summary_of(client), runs, outside or Outside())


def kinds(found: tuple[Risk, ...]) -> dict[str, tuple[str, ...]]:
    return {each.kind: each.hosts for each in found}


def test_who_backs_hosts_up() -> None:
    client = client_of("db1", "web1", "nas1", "dumb1")
    run = run_of(
        "onboard",
        row("db1", backed(roles="postgresql web")),
        row("web1", backed()),
        row("nas1", backed("veeam", "/etc/cron.d/night")),
        row("dumb1", ("backup-programs", StepStatus.FAILED, ())),
    )
    found = risks(looked(client, run))
    assert kinds(found) == {
        "no-backup": ("db1", "web1"),
        "database-without-backup": ("db1",),
        "not-measured": ("dumb1",),
        "unproven-backup": ("nas1",),
    }
    assert [each.severity for each in found] == [
        Severity.HIGH,
        Severity.HIGH,
        Severity.MEDIUM,
        Severity.MEDIUM,
    ]
    assert "nas1: veeam /etc/cron.d/night" in [each.evidence for each in found]


def test_an_agreed_backup_that_nobody_has_made_is_a_risk_whatever_else_is_installed() -> None:
    client = client_of("web1")
    run = run_of("onboard", row("web1", backed("veeam")))
    agreed = HostBackup("acme/web1", "hq", BackupPolicy(repository="/srv", sources=("/etc",)), NOW)
    assert agreed.policy.expected
    (risk,) = risks(replace(looked(client, run), backups=(agreed,)))
    assert (risk.title, risk.severity) == ("Agreed backups that are not good", Severity.HIGH)


def test_an_agreed_backup_is_a_risk_until_a_restore_was_proven() -> None:
    """That it ended well is no proof."""
    policy = BackupPolicy(sources=("/etc",), repository="/b")
    client = client_of("web1")
    run = run_of("onboard", row("web1", backed("")))
    well = Tries().and_then(Try(NOW, "run", good=True))
    for proofs, expected in (
        (Tries(), ["Agreed backups without a proven restore"]),
        (Tries().and_then(Try(NOW, "run", good=False)), ["Agreed backups without a proven restore"]),
        (well, []),
    ):
        agreed = HostBackup("acme/web1", "hq", policy, NOW, backups=well, proofs=proofs)
        found = risks(replace(looked(client, run), backups=(agreed,)))
        assert [each.title for each in found] == expected


def test_security_is_one_risk_for_each_question_and_what_is_unmeasured_another() -> None:
    client = client_of("web1", "web2")
    waived = check("usb")
    waived = replace(waived, fields=(*waived.fields, ("waived", "yes")))
    steps = {
        "web1": (check("ssh"), check("log", severity="low"), check("lsm", "unmeasured"), waived),
        "web2": (check("ssh"), check("lsm", "unmeasured"), check("tls", "unmeasured", "low")),
    }
    run = run_of(
        "security", *(row(host, ("security-x", StepStatus.OK, told)) for host, told in steps.items())
    )
    found = {each.title: each for each in risks(looked(client, run))}
    assert "usb is loose" not in found
    assert found["ssh is loose"].hosts == ("web1", "web2")
    assert (found["ssh is loose"].kind, found["ssh is loose"].remedy) == ("security-high", "Mend ssh.")
    assert found["log is loose"].severity is Severity.LOW
    unseen = found["Questions about security that nobody could answer"]
    assert "web1: 1 questions; web2: 2 questions" in unseen.evidence


def test_a_step_that_failed_over_what_it_found_did_look() -> None:
    client = client_of("web1", "web2", "gone1")
    run = run_of(
        "security",
        row("web1", ("security-x", StepStatus.FAILED, (check("ssh"),))),
        row("web2", ("security-x", StepStatus.FAILED, ())),
        row("gone1", reason="refused"),
    )
    risk = next(each for each in risks(looked(client, run)) if each.kind == "not-measured")
    assert risk.hosts == ("web2", "gone1")
    assert risk.evidence == "web2: security-x: it broke; gone1: refused"


def test_a_host_that_was_lost_between_two_steps_was_not_looked_at_completely() -> None:
    begun = row("web1", backed("veeam"))
    outline = (*begun.outline, StepOutline("security-x", "security-x"))
    lost = replace(begun, outcome=Outcome.LOST, reason="link", outline=outline)
    noise = StepRun(-1, "", "", None, "")
    whole = replace(row("web2", backed("veeam")), steps=(noise, *row("web2", backed("veeam")).steps))
    found = risks(looked(client_of("web1", "web2"), run_of("onboard", lost, whole)))
    risk = next(each for each in found if each.kind == "not-measured")
    assert (risk.hosts, risk.evidence) == (("web1",), "web1: security-x: link")


def test_the_month_tells_of_systems_disks_and_updates() -> None:
    client = client_of("old1", "soon1", "far1")
    base = summary_of(client)

    def ends(days: int, state: SupportState = SupportState.SUPPORTED) -> Support:
        return Support(state, SupportTerm("debian", "x", TODAY + timedelta(days=days), "its maker", TODAY))

    scan = Scan(NOW, "r", pending=5, security=2, held=0, broken=0, restart=True)
    disks = (DiskUse("/", 96, None, None, "r", NOW), DiskUse("/srv", 90, None, None, "r", NOW))
    hosts = (
        replace(base.hosts[0], os="Debian 10", support=ends(-10, SupportState.ENDED), scan=scan, disks=disks),
        replace(base.hosts[1], os="Debian 11", support=ends(40)),
        replace(base.hosts[2], os="Debian 12", support=ends(500)),
    )
    found = risks(looked(client, summary=replace(base, hosts=hosts)))
    assert kinds(found) == {
        "support-ended": ("old1",),
        "support-ending": ("soon1",),
        "disk": ("old1",),
        "security-updates": ("old1",),
        "updates": ("old1",),
        "restart": ("old1",),
    }
    assert [each.severity.value for each in found if each.kind == "disk"] == ["high", "medium"]
    made = plan(found, 3, TODAY)
    (soon,) = [each for each in made.tasks if each.risk.kind == "support-ending"]
    assert (soon.days, soon.by) == (60, TODAY + timedelta(days=40)), "not when it is too late"


def test_the_plan_adds_up_and_each_risk_is_in_it_once() -> None:
    outside = Outside({"10.0.0.9": "auth"}, {"10.0.0.30": "HTTP"})
    found = risks(looked(client_of("web1"), outside=outside))
    made = plan(found, 1, TODAY)
    assert sorted(each.risk.kind for each in made.tasks) == ["no-access", "other-devices"]
    assert sum(map(made.minutes, PHASES)) == made.total == 80 + 45 + 15
    own = plan(found, 1, TODAY, {**EFFORT, "set-up": Minutes(0, 5)})
    assert own.total == made.total - 75
    assert [each.by for each in made.tasks] == [date(2026, 12, 29), date(2027, 2, 27)]


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "0 min"), (45, "45 min"), (60, "1 h"), (150, "2 h 30 min")]
)
def test_durations(minutes: int, text: str) -> None:
    assert duration(minutes) == text


def shown(names: Mapping[str, str], left: tuple[str, ...] = ()) -> str:
    client = client_of(*names)
    runs = (
        run_of(
            "onboard",
            *(row(host, ("roles", StepStatus.OK, (fact("roles", said),))) for host, said in names.items()),
        ),
    )
    state = Onboarding("acme", asked=("10.0.0.0/28",), answers=(Answer("10.0.0.9"),))
    seen = looked(client, *runs, outside=Outside({"10.0.0.9": "auth"}))
    return page(Onboarded(state, seen, plan(risks(seen), len(names), TODAY), TODAY, left))


def test_the_page_says_what_is_not_measured_and_what_is_missing() -> None:
    text = shown({"web1": "web"}, ("10.0.0.9: nobody has approved its key",))
    assert "| web1 | not measured | web | not measured | not measured | not measured | not measured |" in text
    assert "## Still to do before this is complete\n\n- 10.0.0.9: nobody has approved its key\n" in text
    assert "## In 60 days: 0 min\n\nNothing that is known now." in text
    assert "- **Computers that nobody can look after yet** (10.0.0.9). Seen: 10.0.0.9: auth." in text


def test_nothing_that_a_host_says_is_markup() -> None:
    text = shown({"web1": "<script>alert(1)</script> | [x](http://evil) \x1b[2J"})
    assert "<script>" not in text
    assert "[x](http" not in text
    assert "\x1b" not in text
