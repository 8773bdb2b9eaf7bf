"""Forks fit the machine."""

import pytest

from mspctl.wiring.forks import Limits, fitting_forks


@pytest.mark.parametrize(("cpus", "count"), [(1, 16), (2, 32), (4, 64), (64, 64)])
def test_the_default_grows_with_the_processors(cpus: int, count: int) -> None:
    assert fitting_forks(None, 1000, Limits(cpus, None, None)).count == count


def test_never_more_than_there_are_hosts() -> None:
    assert fitting_forks(None, 3, Limits(2, None, None)).count == 3
    assert fitting_forks(100, 3, Limits(2, None, None)).count == 3


def test_what_is_asked_for_is_given_if_it_fits() -> None:
    assert fitting_forks(5, 1000, Limits(2, 1024, None)) == fitting_forks(5, 1000, Limits(2, None, None))


def test_few_open_files_lower_it_with_a_word() -> None:
    forks = fitting_forks(None, 1000, Limits(2, 64, None))
    assert forks.count == 3
    assert "open files are limited to 64" in forks.warning


def test_few_processes_lower_it_with_a_word_and_one_is_the_least() -> None:
    forks = fitting_forks(50, 1000, Limits(2, 1024, 20))
    assert forks.count == 1
    assert "processes are limited to 20" in forks.warning


def test_a_limit_that_does_not_hurt_is_not_mentioned() -> None:
    assert fitting_forks(None, 2, Limits(2, 64, None)).warning == ""
