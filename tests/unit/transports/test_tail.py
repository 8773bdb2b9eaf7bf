"""The last 64 KiB of a stream, and the end of a time limit."""

import time

from hypothesis import given
from hypothesis import strategies as st

from mspctl.transports.deadline import Deadline
from mspctl.transports.tail import LIMIT, Tail


@given(st.lists(st.integers(0, 3 * LIMIT), max_size=8))
def test_only_the_end_is_kept(sizes: list[int]) -> None:
    tail, whole = Tail(), b""
    for number, size in enumerate(sizes):
        chunk = bytes([number]) * size
        tail.add(chunk)
        whole += chunk
    assert tail.kept() == whole[-LIMIT:]
    assert tail.total == len(whole)


def test_forgetting_keeps_the_count() -> None:
    tail = Tail()
    tail.add(b"abc")
    tail.clear()
    assert (tail.kept(), tail.total) == (b"", 3)


def test_a_deadline_ends_once_and_for_all() -> None:
    long, short = Deadline(60), Deadline(0.01)
    assert 0 < long.left <= 60
    time.sleep(0.02)
    assert (long.over, short.over, short.left) == (False, True, 0)
