"""T3: an undefined variable: StrictUndefined, the whole play is refused before the first connection."""

from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError
from mspctl.testing.sshd import Sshd
from tests.e2e.cli import Cli
from tests.e2e.fixtures import cli as cli  # noqa: PLC0414 - fixtures
from tests.e2e.fixtures import sshd as sshd  # noqa: PLC0414
from tests.unit.compiling import Project, host


@pytest.mark.parametrize(
    "template",
    [
        "{{ vars.nmae }}",
        "on {{ vars.nmae }}",
        "{% if vars.nmae %}a{% endif %}",
        "{{ vars.nmae | upper }}",
        "{{ vars.nmae ~ 'x' }}",
        "{{ vars.nmae.deeper }}",
        "{% for a in vars.nmae %}{% endfor %}",
        "a {{ vars.nmae == 'a' }}",
    ],
)
def test_one_host_without_the_variable_refuses_all(tmp_path: Path, template: str) -> None:
    project = Project(tmp_path)
    project.step(f'text: "{template}"')
    good = host("good", variables={"nmae": {"deeper": "x"} if "deeper" in template else "x"})
    assert len(project.compile(good).bundles) == 1
    with pytest.raises(ConfigurationError) as caught:
        project.compile(good, host("bad", variables={"name": "x"}))
    text = str(caught.value)
    assert text.startswith(f"{tmp_path}/playbooks/try.yml:6:13: Say.text: nmae is not defined [on acme/bad]")
    assert "did you mean name?" in text


def test_a_missing_name_may_have_a_default(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.step("text: \"{{ vars.nmae | default('none') }}\"")
    assert "'none'" in project.body()


def test_a_command_line_needs_its_names_too(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.step('text: a\nrun: "reload {{ vars.unit }}"')
    with pytest.raises(ConfigurationError, match="unit is not defined"):
        project.body()


def test_the_command_refuses_before_any_connection(cli: Cli, sshd: Sshd) -> None:
    playbook = cli.project / "playbooks" / "say.yml"
    playbook.write_text(playbook.read_text().replace("{{ params.text }}", "rm -rf /srv/{{ vars.typo }}"))
    done = cli("run", "say", "--client", "acme")
    assert (done.returncode, done.stdout) == (2, "")
    assert "playbooks/say.yml:9" in done.stderr
    assert "typo is not defined" in done.stderr
    assert "Connection" not in sshd.log
