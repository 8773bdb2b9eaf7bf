"""`python -m mspctl.docsgen [--check]`: write the generated pages of a checkout, or only compare them."""

import sys
from pathlib import Path

from mspctl.docsgen.pages import pages
from mspctl.docsgen.write import stale, write

DOCS = Path(__file__).resolve().parents[2] / "docs"


def main(arguments: list[str]) -> int:
    """Exit status: 0 up to date or written, 1 stale under `--check`, 2 wrong usage."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m mspctl.docsgen [--check]", file=sys.stderr)
        return 2
    if not arguments:
        for path in write(pages(DOCS), DOCS):
            print(f"docs/{path}")
        return 0
    old = stale(pages(DOCS), DOCS)
    for path in old:
        print(f"docs/{path} is stale; run python -m mspctl.docsgen", file=sys.stderr)
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
