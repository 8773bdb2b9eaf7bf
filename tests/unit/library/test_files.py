import os
from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError
from mspctl.library.files import MAX_BYTES, ProjectFiles


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "files" / "nginx").mkdir(parents=True)
    (tmp_path / "templates" / "files").mkdir(parents=True)
    (tmp_path / "files" / "nginx" / "site.conf").write_text("server {}\n")
    (tmp_path / "templates" / "files" / "motd").write_text("hello")
    (tmp_path / "secret").write_text("outside\n")
    return tmp_path


def test_both_folders_are_searched(project: Path) -> None:
    files = ProjectFiles(project)
    assert files.read("nginx/site.conf") == "server {}\n"
    assert files.read("motd") == "hello"


def test_line_ends_and_marks_of_other_systems_are_gone(project: Path) -> None:
    (project / "files" / "motd").write_bytes(b"\xef\xbb\xbfa\r\nb\r\n")
    assert ProjectFiles(project).read("motd") == "a\nb\n"


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/passwd", "nginx/../../secret", "./motd", "", "nginx//site.conf", "a\0b"]
)
def test_names_stay_below_the_folder(project: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="is not the name of a file"):
        ProjectFiles(project).read(name)


@pytest.mark.parametrize(("link", "target", "name"), [("x", "../secret", "x"), ("d", "..", "d/secret")])
def test_links_are_not_followed(project: Path, link: str, target: str, name: str) -> None:
    (project / "files" / link).symlink_to(target)
    with pytest.raises(ConfigurationError, match="cannot be read") as caught:
        ProjectFiles(project).read(name)
    assert "symbolic links are not followed" in str(caught.value)


def test_a_near_name_is_suggested(project: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no file mtod") as caught:
        ProjectFiles(project).read("mtod")
    assert "did you mean motd?" in str(caught.value)


def test_other_things_than_text_files_are_refused(project: Path) -> None:
    folder = project / "files"
    os.mkfifo(folder / "fifo")
    (folder / "big").write_bytes(b"x" * (MAX_BYTES + 1))
    (folder / "binary").write_bytes(b"\x7fELF\0")
    (folder / "latin1").write_bytes(b"\xe9")
    for name in ("fifo", "big", "binary", "latin1", "nginx"):
        with pytest.raises(ConfigurationError):
            ProjectFiles(project).read(name)


def test_without_a_project_there_are_no_files() -> None:
    with pytest.raises(ConfigurationError, match="no project folder"):
        ProjectFiles(None).read("motd")
