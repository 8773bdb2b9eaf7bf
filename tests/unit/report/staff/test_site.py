import base64
import re
from hashlib import sha256

import pytest

from mspctl.report.staff.site import pages
from mspctl.testing.fleetcase import fleet


@pytest.fixture(scope="module")
def site() -> dict[str, str]:
    return dict(pages(fleet(), 14))


def test_a_page_for_each_client_and_two_for_all(site: dict[str, str]) -> None:
    assert set(site) == {
        "index.html",
        "hosts.html",
        "clients/acme.html",
        "clients/beta.html",
        "clients/empty.html",
    }
    for text in site.values():
        assert text.startswith("<!doctype html>")


def test_nothing_a_host_says_is_markup_or_steers_a_display(site: dict[str, str]) -> None:
    for text in site.values():
        assert "<img" not in text
        assert "<b>Dental" not in text
        assert "\u202e" not in text
        assert "\x1b" not in text
    assert "patch failed: &lt;img src=x onerror=alert(1)&gt;" in site["clients/acme.html"]


def test_only_the_style_and_the_script_of_the_page_are_allowed(site: dict[str, str]) -> None:
    for text in site.values():
        for tag, policy in (("style", "style-src"), ("script", "script-src")):
            (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
            digest = base64.b64encode(sha256(content.encode()).digest()).decode()
            assert f"{policy} 'sha256-{digest}'" in text
        assert "default-src 'none'" in text
        assert not re.search(r"(src|href)=\"(https?:|//)", text)
        assert " style=" not in text


def test_links_lead_to_pages(site: dict[str, str]) -> None:
    for name, text in site.items():
        for link in re.findall(r"href=\"([^\"#]+)\"", text):
            found = link.removeprefix("../") if name.startswith("clients/") else link
            assert found in site, (name, link)
