"""The runner of examples itself, on a module made here."""

from pathlib import Path

import pytest

from mspctl.library.folders import FolderLibrary
from mspctl.library.places import places_of
from mspctl.model.event import ReportKind
from mspctl.shipped import shipped_folder
from tests.unit.modules.example import read_example
from tests.unit.modules.runner import SHELLS, Result, run_example
from tests.unit.modules.test_examples import compare

MODULE = """
title: Unit
needs_root: true
parameters:
  name: {type: text, required: true}
  password: {type: secret}
"""
SCRIPT = """
check() {
    finding late high "too late" 'what=a b'
    metric seconds 3
    fact family "$os_family"
    case $(unitctl state {{ name }}) in
    up) ok "up" ;;
    *) needed "start" ;;
    esac
}
apply() {
    unitctl start {{ name }} || { failed "cannot start"; return; }
{% if password %}
    { printf 'ops:'; {{ password | secret }}; } | setpw
{% endif %}
    printf 'new' >{{ name }}
    changed {{ name }} state=up
}
"""
EXAMPLE = """
params: {name: "@root@/u n'it", password: "file:keys/x"}
secrets: {"file:keys/x": "s3'cret"}
facts: {os_family: redhat}
commands:
  unitctl state @root@/u n'it: [{stdout: "down\\n", status: 3}, "up\\n"]
  unitctl start *: {stderr: "hm\\n"}
  setpw: {stdin: "ops:s3'cret"}
expect:
  status: changed
  changes: [{name: "@root@/u n'it", state: up}]
  findings: [{name: late, value: high}]
  metrics: {seconds: 3}
  facts: {family: redhat}
  output: hm
  files: {"u n'it": new}
  calls: ["unitctl start @root@/u n'it", setpw]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "templates" / "modules" / "unit"
    (folder / "examples").mkdir(parents=True)
    (folder / "module.yml").write_text(MODULE)
    (folder / "posix.sh.j2").write_text(SCRIPT)
    (folder / "examples" / "start.yml").write_text(EXAMPLE)
    return tmp_path / "project"


def run(project: Path, shell: str = "dash") -> Result:
    library = FolderLibrary(places_of(project, shipped_folder("templates"), shipped_folder("playbooks")))
    example = read_example(project / "templates/modules/unit/examples/start.yml")
    return run_example(example, shell, project.parent, library)


def rewrite(project: Path, old: str, new: str) -> None:
    file = project / "templates/modules/unit/examples/start.yml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


@pytest.mark.parametrize("shell", SHELLS)
def test_a_right_example_holds_in_each_shell(project: Path, shell: str) -> None:
    example = read_example(project / "templates/modules/unit/examples/start.yml")
    compare(example, run(project, shell), project.parent / "root")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("status: changed", "status: ok"),
        ("state: up}", "state: down}"),
        ("value: high", "value: low"),
        ("seconds: 3", "seconds: 4"),
        ("output: hm", "output: oh"),
        ('it": new', 'it": old'),
        ("calls: [", "calls: [unitctl stop, "),
        ("unitctl start *", "unitctl start now"),
        ('setpw: {stdin: "ops', 'setpw: {stdin: "root'),
    ],
)
def test_a_wrong_example_fails(project: Path, old: str, new: str) -> None:
    rewrite(project, old, new)
    example = read_example(project / "templates/modules/unit/examples/start.yml")
    result = run(project)
    with pytest.raises(AssertionError):
        compare(example, result, project.parent / "root")


def test_the_dry_run_changes_nothing(project: Path) -> None:
    rewrite(project, "params:", "check_mode: true\nparams:")
    result = run(project)
    assert (result.ended.status, str(result.ended.forecast)) == ("changed", "change")
    assert [report.name for report in result.of(ReportKind.CHANGE)] == ["start"]
    assert not (project.parent / "root" / "u n'it").exists()
