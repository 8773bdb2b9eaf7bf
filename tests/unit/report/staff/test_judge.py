from datetime import timedelta

from mspctl.model.fleet import Waiting
from mspctl.model.outcome import Outcome
from mspctl.report.staff.concern import Kind
from mspctl.report.staff.fleet import Light
from mspctl.report.staff.judge import Seen, judged
from mspctl.testing.fleetcase import DAYS, MADE, fleet, host, last

WEB = host("web1")


def test_a_good_run_of_another_playbook_does_not_undo_a_failure() -> None:
    seen = Seen((last(WEB, Outcome.OK, "health", hours=1), last(WEB, Outcome.FAILED, reason="dpkg", hours=9)))
    view = judged(WEB, seen, DAYS)
    (concern,) = view.concerns
    assert (view.light, concern.kind, concern.text) == (Light.BAD, Kind.FAILING, "patch failed: dpkg")
    assert concern.evidence.startswith("mspctl runs show 2026")
    assert concern.points == view.points == 30
    assert view.last is not None
    assert view.last.playbook == "health"


def test_a_later_good_run_of_the_same_playbook_does() -> None:
    runs = (last(WEB, Outcome.FAILED, hours=9), last(WEB, Outcome.CHANGED, hours=2))
    assert judged(WEB, Seen(runs), DAYS).light is Light.GOOD


def test_neither_policy_nor_a_run_at_work_hides_a_failure() -> None:
    runs = (last(WEB, Outcome.FAILED, hours=9), last(WEB, Outcome.HELD, hours=2), last(WEB, None, hours=1))
    view = judged(WEB, Seen(runs), DAYS)
    assert (view.light, view.at_work) == (Light.BAD, True)


def test_a_run_that_never_ended_is_not_at_work_for_ever() -> None:
    runs = (last(WEB, None, hours=30), last(WEB, Outcome.OK, hours=60))
    view = judged(WEB, Seen(runs, now=MADE), DAYS)
    (concern,) = view.concerns
    assert (view.light, view.at_work, concern.kind) == (Light.BAD, False, Kind.FAILING)
    assert "nobody knows how it ended" in concern.text
    assert concern.evidence == f"mspctl runs resume {runs[0].run}"
    young = judged(WEB, Seen((last(WEB, None, hours=3), runs[1]), now=MADE), DAYS)
    assert (young.light, young.at_work) == (Light.GOOD, True)


def test_a_single_command_line_says_nothing_about_the_host() -> None:
    for playbook in ("exec", "diagnose"):
        assert judged(WEB, Seen((last(WEB, Outcome.FAILED, playbook),)), DAYS).light is Light.GOOD


def test_a_single_command_line_that_never_got_there_makes_no_host_good() -> None:
    away = last(WEB, Outcome.UNREACHABLE, "exec", reason="timeout")
    for covered, kinds in ((True, [Kind.NOT_SEEN]), (False, [])):
        view = judged(WEB, Seen((away,), covered=covered), DAYS)
        assert (view.light, [each.kind for each in view.concerns]) == (Light.UNSEEN, kinds)
    (concern,) = judged(WEB, Seen((away,)), DAYS).concerns
    assert concern.text == f"no run in {DAYS} days, no answer to the last: timeout"
    assert judged(WEB, Seen((away, last(WEB, Outcome.OK))), DAYS).light is Light.GOOD


def test_what_nobody_looked_at_is_never_good() -> None:
    view = judged(WEB, Seen(()), DAYS)
    assert (view.light, [each.kind for each in view.concerns]) == (Light.UNSEEN, [Kind.NOT_SEEN])
    uncovered = judged(WEB, Seen((), covered=False), DAYS)
    assert (uncovered.light, uncovered.concerns) == (Light.UNSEEN, ())
    (held,) = judged(WEB, Seen((last(WEB, Outcome.HELD, reason="window"),)), DAYS).concerns
    assert held.text == f"no run in {DAYS} days, held back last: window"


def test_pending_updates_are_not_known_without_a_scan() -> None:
    assert judged(WEB, Seen((last(WEB, Outcome.FAILED),)), DAYS).waiting is None
    assert judged(WEB, Seen((last(WEB, Outcome.OK),)), DAYS).waiting == Waiting(0, 0)
    assert judged(WEB, Seen((last(WEB, Outcome.FAILED),), Waiting(3, 0)), DAYS).waiting == Waiting(3, 0)


def test_a_missed_window_and_security_updates_are_to_look_at() -> None:
    view = judged(WEB, Seen((last(WEB, Outcome.OK),), Waiting(2, 1), MADE - timedelta(days=1)), DAYS)
    assert (view.light, view.points) == (Light.LOOK, 3 * (4 + 2))


def test_the_risk_is_the_sum_of_what_is_listed() -> None:
    made = fleet()
    assert [client.slug for client in made.clients] == ["acme", "beta", "empty"]
    for client in made.clients:
        own = sum(each.points for each in client.concerns if not each.host)
        assert client.points == sum(view.points for view in client.hosts) + own
    assert made.clients[0].lights == {Light.BAD: 2, Light.LOOK: 1, Light.UNSEEN: 1, Light.GOOD: 1}
