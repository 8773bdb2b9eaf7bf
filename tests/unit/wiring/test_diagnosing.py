"""What a diagnosis asks a host, and what it takes from the record."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mspctl.errors import UsageError
from mspctl.library.causes import known_causes
from mspctl.model.event import HostEnded, Report, ReportKind, StepEnded, StepOutput, StepReported, StepStarted
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.value import Value
from mspctl.testing.contracts.fleetbook import Night, keep
from mspctl.testing.contracts.watchbook import OPENED, result
from mspctl.testing.runs import START, ended, made_plan, made_run
from mspctl.wiring.app import App
from mspctl.wiring.diagnosing import diagnosed, diagnosis_request
from mspctl.wiring.preparing import prepare
from mspctl.wiring.request import Request, Target
from tests.unit.wiring.test_app import app, project
from tests.unit.wiring.test_fleet import here

__all__ = ["here"]
WINDOWS = """
client: acme
defaults: {user: ops}
sites: {hq: {hosts: {dc1: {address: 10.0.0.20, connection: winrm, os: windows}}}}
"""
FINDING = Report(ReportKind.FINDING, "check:ssh-root", "", (("reason", "root may log in"),))


def test_a_host_is_named_with_its_client(here: App) -> None:
    for asked, client in (("acme/web1", None), ("web1", "acme"), ("acme/web1", "acme")):
        request = diagnosis_request(here, asked, client, 24, ("mspctl", "diagnose"))
        assert (request.target.clients, request.target.limit) == (("acme",), "web1")
    for asked, client, why in (
        ("web1", None, "whose host"),
        ("acme/web1", "beta", "whose host"),
        ("acme/web9", None, "has no host"),
        ("nobody/web1", None, "nobody"),
    ):
        with pytest.raises(UsageError, match=why):
            diagnosis_request(here, asked, client, 24, ())


def test_the_logs_are_read_from_before_the_incident_on(here: App) -> None:
    def minutes() -> object:
        return diagnosis_request(here, "acme/web1", None, 24, ()).params["log_minutes"]

    assert minutes() == 240
    with closing(here.open_store()) as store:
        store.watch_book().write("acme", result(replace(OPENED, key="mail")))
        assert minutes() == 13 * 60 + 30
        store.watch_book().write("acme", result(replace(OPENED, key="mail", at=START - timedelta(days=90))))
    assert minutes() == 7 * 24 * 60


def test_the_record_stands_beside_what_was_seen(here: App) -> None:
    with closing(here.open_store()) as store:
        pending = Report(ReportKind.FINDING, "pending:nano", "", (("old", "1"), ("new", "2")))
        keep(store, Night(Outcome.FAILED, -2), Night(Outcome.OK, -1, "security", reports=(FINDING, pending)))
        plan = made_plan("web1", playbook="diagnose")
        step = replace(plan.bundles[0].steps[0], name="Logs", module="log-signs")
        plan = replace(plan, bundles=(replace(plan.bundles[0], steps=(step,)),))
        run = made_run(plan, "20261124T0000Z-acme-diagnose-0001")
        host = "acme/web1"
        store.plan(run, plan)
        told = Report(ReportKind.FINDING, "log:memory", "", (("reason", "Out of memory"),))
        end: HostEnded = ended(host, Outcome.OK)
        store.record(
            run.id,
            [
                StepStarted(host, 0, 1.0),
                StepReported(host, 0, told),
                StepOutput(host, 0, b"the last errors:\nkernel: Out of memory\n\n"),
                StepEnded(host, 0, StepStatus.OK),
                end,
            ],
        )
        store.finish(run.id, START)
        loaded = store.load(run.id, outputs=False)
    found = diagnosed(here, loaded)
    assert [each.cause.name for each in found.causes] == ["memory-out"]
    assert found.errors == ("kernel: Out of memory",)
    assert [(each.playbook, each.outcome) for each in found.runs] == [
        ("security", Outcome.OK),
        ("patch", Outcome.FAILED),
    ]
    assert [(each.name, each.text) for each in found.findings] == [("check:ssh-root", "root may log in")]
    assert any(each.text.startswith("patch failed") for each in found.open)


@pytest.mark.parametrize(
    ("playbook", "params"),
    [
        ("fix-disk", {"mount": "C:"}),
        ("fix-time", {}),
        ("fix-service", {"service": "Spooler"}),
        ("fix-packages", {}),
    ],
)
def test_what_is_offered_for_a_windows_host_can_be_run_there(
    tmp_path: Path, playbook: str, params: dict[str, Value]
) -> None:
    """Each cause that a look at Windows can bring about; certificates and logs are not looked at there."""
    folder = project(tmp_path / "project")
    (folder / "inventory" / "clients").mkdir()
    (folder / "inventory" / "clients" / "acme.yml").write_text(WINDOWS, encoding="utf-8")
    desk = app(folder)
    ((_, plan),) = prepare(desk, Request(playbook, Target(clients=("acme",)), params=params)).plans
    (bundle,) = plan.bundles
    assert bundle.steps[0].skipped == ""
    offered = {cause.fix for cause in known_causes(folder / "inventory") if cause.fix}
    assert playbook in offered
    assert offered == {"fix-disk", "fix-time", "fix-service", "fix-packages", "fix-certificate"}
