"""What is said of hosts that are given up."""

import pytest

from mspctl.model.event import Report, ReportKind
from mspctl.model.outcome import Outcome
from mspctl.model.run import HostRun
from mspctl.wiring.resuming import abandoned


@pytest.mark.parametrize(
    ("lines", "owes"), [((), False), (("before",), True), (("before", "before", "after", "after"), False)]
)
def test_of_a_host_that_is_given_up_it_is_said_that_its_last_line_did_not_run(
    *, lines: tuple[str, ...], owes: bool
) -> None:
    reports = tuple(Report(ReportKind.NOTE, f"controller_{line}", "ended") for line in lines)
    word = abandoned(HostRun("acme/web1", "hq", reports=reports))
    assert (word.outcome, word.reason) == (Outcome.LOST, "abandoned")
    assert ("controller_after was not run" in word.detail) is owes
    assert word.remedy.endswith("run again")
