"""`mspctl dev capture` on a real host: what it writes is an example, and the example holds."""

import re
from pathlib import Path

import pytest

from mspctl.library.folders import open_library
from mspctl.testing.lab import HostSpec
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.cli import Cli
from tests.unit.modules.example import read_example
from tests.unit.modules.runner import SHELLS, run_example
from tests.unit.modules.test_examples import compare

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]


@pytest.fixture
def cli(lab_hosts: LabHosts, tmp_path: Path) -> Cli:
    (host,) = lab_hosts.make(HostSpec("web1", packages=("web", "ssl")))
    return Cli(write_project(lab_hosts.lab, tmp_path / "project", [entry(host)]), tmp_path / "state")


def test_what_is_captured_holds_as_an_example(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "modules" / "disk" / "examples"
    folder.mkdir(parents=True)
    for name, params in (("plain", ()), ("strict", ("-e", "warning=1", "-e", "fail_on=warning"))):
        file = folder / f"{name}.yml"
        done = cli("dev", "capture", "acme/web1", "disk", *params, "--output", str(file))
        assert (done.returncode, done.stderr) == (0, "")
        # Which file systems there are stands in the calls: whoever keeps the example puts a * there.
        file.write_text(re.sub(r"(?m)^  (df -P -[ki]).*:", r"  \1 *:", file.read_text()))
        example = read_example(file)
        assert example.recorded.startswith("on debian 1")
        assert [line.split()[0] for line in example.commands] == ["df", "df"]
        place = tmp_path / name
        place.mkdir()
        compare(example, run_example(example, next(iter(SHELLS)), place, open_library(None)), place / "root")
    assert read_example(folder / "strict.yml").expect["status"] == "failed"
    assert cli.json("runs", "list")["runs"] == []


def test_a_host_that_is_not_there_and_a_module_that_is_not(cli: Cli) -> None:
    assert cli("dev", "capture", "acme/nope", "disk").returncode == 2
    assert cli("dev", "capture", "acme/web1", "nope").returncode == 2
