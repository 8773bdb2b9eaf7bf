"""Where the project, the state and the run log are found."""

from pathlib import Path

import pytest

from mspctl.errors import UsageError
from mspctl.wiring.app import App
from mspctl.wiring.environment import Environment
from mspctl.wiring.options import Options


def project(folder: Path, text: str = "name: X\n") -> Path:
    (folder / "inventory").mkdir(parents=True)
    (folder / "inventory" / "mspctl.yml").write_text(text)
    return folder


def app(cwd: Path, options: Options | None = None, **variables: str) -> App:
    return App(
        options or Options(),
        Environment({"XDG_STATE_HOME": str(cwd / "state"), **variables}, cwd, cwd, "ops"),
    )


def test_the_project_is_the_nearest_folder_upwards(tmp_path: Path) -> None:
    outer = project(tmp_path / "outer")
    inner = project(outer / "inner")
    deep = inner / "a" / "b"
    deep.mkdir(parents=True)
    assert app(deep).project == inner
    assert app(outer).project == outer


def test_a_named_project_is_taken_or_refused_never_guessed(tmp_path: Path) -> None:
    here = project(tmp_path / "here")
    assert app(tmp_path, Options(project=Path("here"))).project == here
    with pytest.raises(UsageError, match="is no project") as caught:
        _ = app(here, Options(project=tmp_path / "nowhere")).project
    assert "name: Your firm" in caught.value.problems[0].hint, "a stranger learns how to begin"


def test_no_project_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no project here") as caught:
        _ = app(tmp_path).project
    assert "--project" in caught.value.problems[0].hint


def test_the_database_of_the_call_wins_over_the_variable_over_the_provider(tmp_path: Path) -> None:
    here = project(tmp_path / "p", "name: X\ndatabase: 'sqlite:////provider.db'\n")
    assert (
        app(here, Options(database="sqlite:////a.db"), MSPCTL_DATABASE="sqlite:////b.db").database
        == "sqlite:////a.db"
    )
    assert app(here, MSPCTL_DATABASE="sqlite:////b.db").database == "sqlite:////b.db"
    assert app(here).database == "sqlite:////provider.db"
    with pytest.raises(UsageError, match="--database is empty"):
        _ = app(here, Options(database="")).database
    assert app(tmp_path).database == f"sqlite:///{tmp_path}/state/mspctl/runs.db"


def test_the_state_folder_is_private_whatever_the_umask(tmp_path: Path) -> None:
    assert app(tmp_path).state.stat().st_mode & 0o777 == 0o700
