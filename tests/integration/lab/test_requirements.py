"""What the lab lacks is named with a remedy; Debian's mirror is read from the machine, in both formats."""

from pathlib import Path

import pytest

from mspctl.testing.lab import DEBIAN_PACKAGES, missing_requirements
from mspctl.testing.lab.sources import debian_sources

_STANZA = """Types: deb
URIs: http://mirror.invalid/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg"""


def write(apt: Path, name: str, text: str) -> None:
    file = apt / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_a_missing_command_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, path: None if name == "mmdebstrap" else f"{path}/{name}")

    named = [str(lack) for lack in missing_requirements()]

    assert "the command mmdebstrap: apt-get install mmdebstrap" in named
    assert "mmdebstrap" in DEBIAN_PACKAGES


def test_the_tools_of_rpm_are_asked_for_only_where_rpm_hosts_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, path: None if name == "rpmbuild" else f"{path}/{name}")
    lack = "the command rpmbuild: apt-get install rpm"

    assert lack not in [str(each) for each in missing_requirements()]
    assert lack in [str(each) for each in missing_requirements(rpms=True)]


def test_without_root_only_root_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    assert "root" in [lack.what for lack in missing_requirements()]


def test_deb822_stanzas_of_debian_12_are_taken_as_they_are(tmp_path: Path) -> None:
    other = _STANZA.replace("bookworm bookworm-updates", "nodistro")
    off = f"Enabled: no\n{_STANZA}"
    write(tmp_path, "sources.list.d/debian.sources", f"# a comment\n{_STANZA}\n\n{other}\n\n{off}\n")

    assert debian_sources(tmp_path) == f"# a comment\n{_STANZA}"


def test_one_line_entries_become_stanzas(tmp_path: Path) -> None:
    write(
        tmp_path,
        "sources.list",
        "# deb http://mirror.invalid/off bookworm main\n"
        "deb [arch=amd64 signed-by=/key.gpg] http://mirror.invalid/debian bookworm main contrib\n"
        "deb-src http://mirror.invalid/debian bookworm main\n"
        "deb http://mirror.invalid/other trixie main\n",
    )

    assert debian_sources(tmp_path) == (
        "Types: deb\nURIs: http://mirror.invalid/debian\nSuites: bookworm\nComponents: main contrib\n"
        "Signed-By: /key.gpg"
    )


def test_a_machine_without_debian_12_has_no_source(tmp_path: Path) -> None:
    write(tmp_path, "sources.list", "deb http://mirror.invalid/debian trixie main\n")

    assert debian_sources(tmp_path) == ""
