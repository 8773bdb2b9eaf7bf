from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mspctl.model.support import NOT_KNOWN, SupportState, SupportTable, SupportTerm, newest, overridden

LOOKED = date(2026, 8, 22)
LEAP = SupportTerm("opensuse-leap", "15.6", date(2026, 4, 30), "openSUSE: lifetime", LOOKED)
ROCKY = SupportTerm("rocky", "9", date(2032, 5, 31), "Rocky Linux", LOOKED)
DEBIAN = SupportTerm("debian", "12", date(2026, 7, 11), "Debian", LOOKED, date(2028, 6, 30), "Debian LTS")
ARCH = SupportTerm("arch", "", None, "Arch Linux", LOOKED)
TABLE = SupportTable([LEAP, ROCKY, DEBIAN, ARCH])


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2026, 7, 11), SupportState.SUPPORTED),
        (date(2026, 7, 12), SupportState.EXTENDED),
        (date(2028, 6, 30), SupportState.EXTENDED),
        (date(2028, 7, 1), SupportState.ENDED),
    ],
)
def test_the_last_day_still_counts(day: date, state: SupportState) -> None:
    assert TABLE.look("debian", "12", day).state is state


@pytest.mark.parametrize(
    ("os", "version", "term"),
    [
        ("rocky", "9", ROCKY),
        ("rocky", "9.4", ROCKY),
        ("rocky", "9.4.1", ROCKY),
        ("rocky", "19", None),
        ("rocky", "", None),
        ("opensuse-leap", "15.6", LEAP),
        ("opensuse-leap", "15.9", None),
        ("opensuse-leap", "15", None),
        ("arch", "", ARCH),
        ("arch", "20261124.0", ARCH),
        ("mint", "22", None),
        ("", "", None),
        ("debian", "12/sid", None),
    ],
)
def test_a_version_is_found_by_its_longest_part(os: str, version: str, term: SupportTerm | None) -> None:
    assert TABLE.look(os, version, date(2026, 1, 1)).term is term


@given(st.text(max_size=12), st.text(max_size=12), st.dates())
def test_what_nobody_wrote_down_is_never_supported(os: str, version: str, day: date) -> None:
    assert SupportTable().look(os, version, day) == NOT_KNOWN


@given(st.dates(), st.dates())
def test_support_never_comes_back(first: date, second: date) -> None:
    order = [SupportState.SUPPORTED, SupportState.EXTENDED, SupportState.ENDED]
    early, late = sorted((first, second))
    states = [order.index(TABLE.look("debian", "12", day).state) for day in (early, late)]
    assert states == sorted(states)


def test_the_row_that_was_checked_last_counts_and_the_users_own_before_all() -> None:
    old = SupportTerm("rocky", "9", date(2031, 1, 1), "an old list", date(2024, 1, 1))
    new = SupportTerm("rocky", "9", date(2033, 1, 1), "a new list", date(2026, 9, 1))
    assert newest([ROCKY], [old]) == (ROCKY,)
    assert newest([ROCKY], [new]) == (new,)
    assert overridden([ROCKY, LEAP], [old]) == (old, LEAP)
