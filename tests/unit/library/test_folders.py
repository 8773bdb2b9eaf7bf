from pathlib import Path

import pytest

from mspctl.engine.compile_check import validate_playbook
from mspctl.errors import ConfigurationError
from mspctl.library.folders import FolderLibrary, open_library
from mspctl.library.places import places_of
from mspctl.model.playbook import ParameterType
from mspctl.render.jinja import JinjaRenderer
from mspctl.shipped import shipped_folder
from tests.unit.compiling import SAY, SAY_SCRIPT, Project

SHIPPED = open_library(None)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_the_projects_own_wins_with_a_note(tmp_path: Path, project: Project) -> None:
    project.playbook("steps:\n  - {name: A, module: say, params: {text: own}}\n", "demo")
    shipped = tmp_path / "shipped"
    (shipped / "modules" / "say").mkdir(parents=True)
    (shipped / "modules" / "say" / "module.yml").write_text("title: Other\n")
    (shipped / "playbooks").mkdir()
    (shipped / "playbooks" / "demo.yml").write_text("wrong\n")
    library = FolderLibrary(places_of(project.folder, shipped, shipped / "playbooks"))
    assert library.playbook("demo").steps[0].params == {"text": "own"}
    assert library.module("say").title == "Say"
    assert [note.split(" (")[0] for note in library.notes] == [
        "the project's own playbook demo",
        "the project's own module say",
    ]


def test_a_checkout_as_the_project_is_no_override() -> None:
    templates, playbooks = shipped_folder("templates"), shipped_folder("playbooks")
    library = FolderLibrary(places_of(templates.parent, templates, playbooks))
    for name in library.module_names():
        library.module(name)
    assert library.notes == ()


@pytest.mark.parametrize(
    ("name", "hint"), [("sya", "did you mean say?"), ("../say", ""), ("SAY", ""), ("", "")]
)
def test_a_missing_module_is_named(project: Project, name: str, hint: str) -> None:
    with pytest.raises(ConfigurationError, match="there is no module") as caught:
        project.library().module(name)
    assert hint in str(caught.value)


def test_a_missing_playbook_is_named(project: Project) -> None:
    project.playbook("steps:\n  - {name: A, module: say}\n", "weekly")
    with pytest.raises(ConfigurationError, match="there is no playbook `weekyl`") as caught:
        project.library().playbook("weekyl")
    assert "did you mean weekly?" in str(caught.value)
    assert "weekly" in project.library().playbook_names()


def test_files_are_read_once(project: Project) -> None:
    library = project.library()
    first = library.module("say")
    project.module("say", "wrong", "wrong")
    assert library.module("say") is first


def test_an_unknown_shell_library_is_named(project: Project) -> None:
    project.module("say", f"{SAY}libraries: [atp]\n", SAY_SCRIPT)
    with pytest.raises(ConfigurationError, match="no shell library `atp`") as caught:
        project.library().module("say")
    assert "did you mean apt?" in str(caught.value)


def test_an_adapter_of_the_project_comes_first_with_a_note(project: Project) -> None:
    folder = project.folder / "templates" / "foreign"
    folder.mkdir(parents=True)
    (folder / "acronis.sh").write_text("foreign_acronis() { saw good 1 2 three; }\n")
    (folder / "vzdump.sh").write_text("foreign_vzdump() { :; }\n")
    library = FolderLibrary(
        places_of(project.folder, shipped_folder("templates"), shipped_folder("playbooks"))
    )
    assert "saw good 1 2 three" in library.shell("foreign/acronis")
    assert "last_veeam" in library.shell("foreign/veeam-agent")
    assert not library.notes
    assert library.shell("foreign/vzdump") == "foreign_vzdump() { :; }\n"
    assert [note.split(" (")[0] for note in library.notes] == ["the project's own adapter vzdump"]


@pytest.mark.parametrize("name", ["veam-agent", "../modules/README", "x/../veeam-agent", ""])
def test_an_adapter_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(ConfigurationError, match="there is no adapter") as caught:
        SHIPPED.powershell(f"foreign/{name}")
    assert "veeam-agent" in str(caught.value)


def test_the_frame_is_there() -> None:
    assert "mspctl_program" in SHIPPED.shell("launch")
    with pytest.raises(ConfigurationError, match="missing"):
        SHIPPED.shell("nothing")


@pytest.mark.parametrize("name", SHIPPED.playbook_names())
def test_each_shipped_playbook_is_right(name: str) -> None:
    assert validate_playbook(SHIPPED.playbook(name), SHIPPED, JinjaRenderer()) == ()


@pytest.mark.parametrize("name", SHIPPED.module_names())
def test_each_shipped_module_renders_with_its_defaults(name: str) -> None:
    module = SHIPPED.module(name)
    values = {parameter.name: parameter.default for parameter in module.parameters}
    if module.posix is not None:
        assert "check()" in JinjaRenderer().module(module, values).replace(" ", "")
    if module.windows is not None:
        assert "function Check {" in JinjaRenderer().module(module, values, windows=True)
    assert all(parameter.help for parameter in module.parameters), "each parameter says what it is for"
    assert all(parameter.type in ParameterType for parameter in module.parameters)
