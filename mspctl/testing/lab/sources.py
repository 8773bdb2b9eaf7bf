"""Where this machine itself gets Debian 12 from: the lab builds its base from there and from nowhere else."""

import re
from pathlib import Path

CODENAME = "bookworm"
_SUITES = (CODENAME, f"{CODENAME}-updates", f"{CODENAME}-security")


def debian_sources(apt: Path = Path("/etc/apt")) -> str:
    """The machine's package sources for Debian 12 as text of deb822 stanzas and one-line entries; "" if none.

    Formats: sources.list(5).
    """
    parts = apt / "sources.list.d"
    lists = [apt / "sources.list", *sorted(parts.glob("*.list"))]
    lines = [line.strip() for file in lists for line in _text(file).splitlines()]
    wanted = [line for line in lines if _one_line(line)]
    stanzas = [
        stanza
        for file in sorted(parts.glob("*.sources"))
        for stanza in re.split(r"\n\s*\n", _text(file).strip())
        if _deb822(stanza)
    ]
    # mmdebstrap guesses one format for the whole of its input; stanzas say it without a doubt.
    return "\n\n".join([*(_as_stanza(line) for line in wanted), *stanzas])


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""


def _one_line(line: str) -> bool:
    words = re.sub(r"\[[^]]*\]", "", line).split()
    return len(words) > 3 and words[0] == "deb" and words[2] in _SUITES  # noqa: PLR2004 - type, URI, suite, component


def _as_stanza(line: str) -> str:
    options = re.search(r"\[([^]]*)\]", line)
    _, uri, suite, *components = re.sub(r"\[[^]]*\]", "", line).split()
    fields = [f"Types: deb\nURIs: {uri}\nSuites: {suite}\nComponents: {' '.join(components)}"]
    for option in options.group(1).split() if options else ():
        name, _, value = option.partition("=")
        if name == "signed-by":
            fields.append(f"Signed-By: {value}")
        elif name == "trusted":
            fields.append(f"Trusted: {value}")
    return "\n".join(fields)


def _deb822(stanza: str) -> bool:
    parted = [line.partition(":") for line in stanza.splitlines() if line[:1] not in "# \t"]
    fields = {name.strip().lower(): value.split("#")[0].split() for name, _, value in parted}
    disabled = fields.get("enabled", ["yes"])[:1] == ["no"]
    suites = fields.get("suites", [])
    return not disabled and "deb" in fields.get("types", []) and any(suite in _SUITES for suite in suites)
