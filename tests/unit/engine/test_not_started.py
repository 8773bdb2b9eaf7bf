"""What a Windows host says that would not begin."""

from mspctl.engine.follow import NotRoot, NotStarted
from mspctl.engine.verdict import Final, not_begun
from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome


def test_a_worker_that_was_not_started_is_final() -> None:
    word = not_begun(NotStarted("the disk is full"))
    assert isinstance(word, Final)
    assert (word.failure.outcome, word.failure.reason) == (Outcome.FAILED, "not-started")
    assert "the disk is full" in word.failure.detail


def test_an_account_of_windows_without_rights_gets_the_remedy_of_windows() -> None:
    windows, posix = not_begun(NotRoot("ACME\\ops")), not_begun(NotRoot("1000"))
    assert isinstance(windows, Failure)
    assert isinstance(posix, Failure)
    assert windows.reason == posix.reason == "privilege"
    assert "LocalAccountTokenFilterPolicy" in windows.remedy
    assert "sudo" in posix.remedy
