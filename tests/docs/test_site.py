"""The site is built from what is in the checkout, without a network, and asks for nothing from elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mspctl.docsgen.changelog import changelog_page
from tests.architecture.source import ROOT

# What a browser would load by itself; a link that a person clicks is no such thing.
LOADED = re.compile(r'<(?:script|img|iframe|link rel="?stylesheet)[^>]*(?:src|href)="?(?:https?:)?//')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "http_proxy": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def test_every_page_of_the_navigation_is_there(site: Path) -> None:
    names = {str(path.relative_to(site)) for path in site.rglob("*.html")}
    assert {"index.html", "tutorial/first-patch-night.html", "reference/cli.html", "adr/index.html"} <= names


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    found = [path.name for path in site.rglob("*.html") if LOADED.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_the_changelog_begins_with_what_is_new(tmp_path: Path) -> None:
    for version, text in (("0.9.0", "old"), ("0.10.0", "newer"), ("unreleased", "newest")):
        folder = tmp_path / "changelog" / version
        folder.mkdir(parents=True)
        (folder / "1.md").write_text(text, encoding="utf-8")
    text = changelog_page(tmp_path).text
    assert text.index("newest") < text.index("newer\n") < text.index("old")
