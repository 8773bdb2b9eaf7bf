"""The answers of checks are read from the log of either database, without the runs."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mspctl.model.advisory import Package
from mspctl.model.bundle import Bundle, BundleStep, Plan
from mspctl.model.event import Event, Report, ReportKind, StepEnded, StepReported, StepStarted
from mspctl.model.inventory import Access, Host
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.posture import Answer, CheckFinding
from mspctl.model.selection import Selection
from mspctl.runstore import open_run_store
from mspctl.runstore.store import SqlRunStore
from mspctl.testing.postgresql import PrivatePostgresql
from mspctl.testing.runs import ended, made_run

START = datetime(2026, 11, 20, 2, tzinfo=UTC)
MODULES = ("facts", "security-ssh", "security-kernel")
KEYS = ("acme/web1", "acme/web2")
WORDS = (("state", "bad"), ("severity", "high"), ("title", "Root"), ("evidence", "yes"), ("remedy", "Set no"))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state/runs.db"
    server = request.getfixturevalue("postgresql")
    assert isinstance(server, PrivatePostgresql)
    return server.new_database()


def told(key: str, step: int, *reports: Report) -> list[Event]:
    return [
        StepStarted(key, step, 1.0),
        *(StepReported(key, step, report) for report in reports),
        StepEnded(key, step, StepStatus.OK),
    ]


def fact(check: str, answer: str) -> Report:
    return Report(ReportKind.FACT, f"check.{check}", answer)


def night(store: SqlRunStore, day: int, *events: Event, client: str = "acme") -> str:
    hosts = tuple(Host(client, "hq", f"web{number}", Access()) for number in (1, 2))
    steps = tuple(BundleStep(number, module, module, "") for number, module in enumerate(MODULES))
    bundles = tuple(Bundle(host, steps, (), (), "d") for host in hosts)
    plan = Plan("security", check_mode=False, selection=Selection(hosts), bundles=bundles, digest="p")
    run = made_run(plan, f"run-{client}-{day}", START + timedelta(days=day))
    store.plan(run, plan)
    store.record(run.id, events)
    return run.id


def test_looks_and_findings_are_read_back(url: str) -> None:
    store = open_run_store(url)
    bad = Report(ReportKind.FINDING, "check:ssh-root-login", fields=WORDS)
    other = Report(ReportKind.FINDING, "backup:suspicious", fields=WORDS)
    web, second = KEYS
    first = night(
        store,
        0,
        *told(web, 0, Report(ReportKind.FACT, "os.id", "debian")),
        *told(web, 1, fact("ssh-root-login", "bad"), fact("ssh-kex", "good"), bad, other),
        *told(web, 2, fact("kernel-keys", "who knows")),
        ended(web, Outcome.FAILED, START),
        ended(second, Outcome.HELD, START),
    )
    later = START + timedelta(days=1)
    last = night(
        store,
        1,
        *told(web, 1, fact("ssh-root-login", "not-applicable")),
        ended(web, Outcome.TIMED_OUT, later),
        ended(second, Outcome.UNREACHABLE, later),
    )
    night(store, 0, client="bolt")
    found = store.looks("acme", START, START + timedelta(days=9))
    assert [(each.run, each.host, each.module, dict(each.answers)) for each in found] == [
        (first, web, MODULES[1], {"ssh-root-login": Answer.BAD, "ssh-kex": Answer.GOOD}),
        (first, web, MODULES[2], {"kernel-keys": Answer.UNMEASURED}),
        (last, web, MODULES[1], {"ssh-root-login": Answer.ABSENT}),
        (last, web, MODULES[2], {}),
    ]
    minute = timedelta(minutes=1)
    assert (found[0].at, found[-1].at, found[-1].why) == (START + minute, later + minute, "timed_out")
    assert store.looks("acme", later, later) == store.looks("bolt", START, later) == ()
    assert store.check_findings([first, last]) == (
        CheckFinding(first, web, "ssh-root-login", "high", "Root", "yes", "Set no"),
    )
    assert store.check_findings([]) == ()
    store.close()


def test_the_last_list_of_packages_is_read_back_whole_or_not_at_all(url: str) -> None:
    store = open_run_store(url)
    web, second = KEYS

    def listed(count: int, *parts: str) -> list[Report]:
        facts = [("packages.release", "debian|12|bookworm"), ("packages.count", str(count))]
        facts += [(f"packages.list.{number}", part) for number, part in enumerate(parts, 1)]
        return [Report(ReportKind.FACT, name, value) for name, value in facts]

    night(store, 0, *told(web, 0, *listed(1, "old|1|old|1\n")), *told(second, 0, *listed(2, "a|1|a|1\n")))
    last = night(store, 1, *told(web, 0, *listed(2, "bash|5.2-2+b7|bash|5.2-2\n", "libssl3|3|openssl|3\n")))
    found = {each.host: each for each in store.package_lists("acme", START, START + timedelta(days=9))}
    packages = (Package("bash", "5.2-2+b7", "bash", "5.2-2"), Package("libssl3", "3", "openssl", "3"))
    assert (found[web].run, found[web].release, found[web].packages) == (last, "debian|12|bookworm", packages)
    assert (found[second].packages, found[second].trouble) == ((), "1 of 2 packages came here whole")
    store.close()
