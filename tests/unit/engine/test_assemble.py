"""What travels to a host."""

import pytest

from mspctl.engine.sending import without_comments
from tests.unit.engine.bundles import texts


@pytest.mark.parametrize("part", ["launch", "worker", "finish"])
def test_the_frame_travels_without_its_comments_and_loses_nothing_else(part: str) -> None:
    whole: str = getattr(texts(), part)
    kept = [line for line in whole.splitlines() if not line.strip().startswith("#")]
    assert without_comments(whole).splitlines() == kept
    assert "<<" not in whole, "a here-document could hold a line that only looks like a comment"
