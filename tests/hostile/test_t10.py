"""T10: CRLF, no final newline, BOM in a script: normalised or refused; identical digest everywhere."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError
from tests.unit.compiling import Project

BOM = b"\xef\xbb\xbf"
SPELLINGS: tuple[Callable[[bytes], bytes], ...] = (
    lambda text: text.replace(b"\n", b"\r\n"),
    lambda text: BOM + text,
    lambda text: text.removesuffix(b"\n"),
    lambda text: BOM + text.removesuffix(b"\n").replace(b"\n", b"\r\n"),
)
FILES = (
    "playbooks/try.yml",
    "templates/modules/say/module.yml",
    "templates/modules/say/posix.sh.j2",
    "files/motd",
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "motd").write_text("hello\nyou\n")
    made.step("text: \"{{ file('motd') }}\"\nrun: |\n  echo a\n  echo b")
    return made


@pytest.mark.parametrize("file", FILES[:3])
@pytest.mark.parametrize("spell", SPELLINGS)
def test_the_digest_is_the_same_for_each_spelling(
    project: Project, file: str, spell: Callable[[bytes], bytes]
) -> None:
    plain = project.compile()
    path = project.folder / file
    path.write_bytes(spell(path.read_bytes()))
    other = project.compile()
    assert other.digest == plain.digest
    assert "\r" not in other.bundles[0].steps[0].body


@pytest.mark.parametrize("spell", SPELLINGS[:2])
def test_files_for_hosts_have_one_spelling_too(project: Project, spell: Callable[[bytes], bytes]) -> None:
    plain = project.compile()
    path = project.folder / "files/motd"
    path.write_bytes(spell(path.read_bytes()))
    assert project.compile().digest == plain.digest


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("bad", [b"\r", b"\0", b"\xff", "\u202e".encode(), "\u200b".encode()])
def test_what_no_reader_sees_is_refused(project: Project, file: str, bad: bytes) -> None:
    path = project.folder / file
    path.write_bytes(path.read_bytes() + b"# a" + bad + b"b\n")
    with pytest.raises(ConfigurationError) as caught:
        project.compile()
    assert file in str(caught.value)
