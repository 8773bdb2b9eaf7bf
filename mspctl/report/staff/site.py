"""The staff's site: pages that need no server, no network and, but for sorting and filtering, no script."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from mspctl.report.pages.templating import environment
from mspctl.report.staff.fleet import Fleet, HostView, Light
from mspctl.shipped import shipped_folder

WORDS: Mapping[Light, str] = MappingProxyType(
    {
        Light.BAD: "in trouble",
        Light.LOOK: "to look at",
        Light.UNSEEN: "not seen",
        Light.GOOD: "good",
    }
)
_MOST = 200
"""Rows of a list on the overview; the rest is on other pages."""
_BAR = 1000


def pages(fleet: Fleet, soon_days: int) -> Iterator[tuple[str, str]]:
    """Each page: its path below the site's folder, and its text.

    Raises:
        FileNotFoundError: the installation lacks its templates.
    """
    folder = shipped_folder("templates") / "staff"
    made = environment([folder])
    shared = {
        "fleet": fleet,
        "words": WORDS,
        "most": _MOST,
        "soon": soon_days,
        "parts": _parts,
        "said": _said,
        **_embedded(folder),
    }
    worst_first = sorted(fleet.hosts, key=_worst_first)
    yield "index.html", made.get_template("index.html.j2").render(shared, root="")
    yield "hosts.html", made.get_template("hosts.html.j2").render(shared, root="", hosts=worst_first)
    template = made.get_template("client.html.j2")
    for client in fleet.clients:
        text = template.render(
            shared,
            root="../",
            client=client,
            hosts=sorted(client.hosts, key=_worst_first),
            concerns=sorted(client.concerns, key=lambda each: (-each.points, each.host, each.text)),
        )
        yield f"clients/{client.slug}.html", text


def _embedded(folder: Path) -> Mapping[str, object]:
    """Style and script with the digests by which the page allows them, and nothing else."""
    from markupsafe import Markup  # noqa: PLC0415 - comes with jinja2

    found: dict[str, object] = {}
    for name, file in (("style", "style.css"), ("script", "site.js")):
        text = (folder / file).read_text(encoding="utf-8")
        digest = base64.b64encode(sha256(text.encode()).digest()).decode()
        found[name] = Markup(text)  # noqa: S704 - our own file, in which nothing is filled in
        found[f"{name}_hash"] = Markup(f"sha256-{digest}")  # noqa: S704 - base64
    return found


def _parts(lights: Mapping[Light, int], total: int) -> Sequence[tuple[Light, str, str]]:
    """The bar's pieces: light, left edge and width."""
    found: list[tuple[Light, str, str]] = []
    before = 0
    for light in WORDS:
        count = lights.get(light, 0)
        if count:
            found.append((light, f"{_BAR * before / total:.1f}", f"{_BAR * count / total:.1f}"))
        before += count
    return found


def _said(lights: Mapping[Light, int]) -> str:
    told = [f"{lights[light]} {words}" for light, words in WORDS.items() if lights.get(light)]
    return ", ".join(told) or "no computers"


def _worst_first(host: HostView) -> tuple[int, int, str, str]:
    return (tuple(WORDS).index(host.light), -host.points, host.client, host.name)
