"""The page on what is proven of the security checks says what the tests plant."""

from mspctl.docsgen.page import code, table
from tests.architecture.source import ROOT
from tests.e2e.test_security_hosts import OVERRULED
from tests.integration.modules.securitymasks import BEHIND, UNSEEN
from tests.integration.modules.test_security import ASKED, CHECKS, LIVE, MENDED

PAGE = (ROOT / "docs" / "explanation" / "security-proof.md").read_text(encoding="utf-8")
HEADS = ("Check", "On a disk", "On a host over SSH", "Fault behind", "Nobody can look", "Remedy")


def _row(check: str) -> tuple[str, ...]:
    return (
        code(check),
        "examples" if check in ASKED else "both",
        "good only" if check in OVERRULED else "both",
        "yes" if check in BEHIND else "",
        "yes" if check in UNSEEN else "",
        "host" if check in LIVE else "disk" if check in MENDED else "person",
    )


def test_the_table_is_that_of_the_tests() -> None:
    assert table(HEADS, [_row(check) for check in sorted(CHECKS)]) in PAGE
    assert f"all {len(CHECKS)} checks" in PAGE
    assert f"{len(BEHIND)} of them" in PAGE
    assert f"{len(UNSEEN)} of them" in PAGE
