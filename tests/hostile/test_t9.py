"""T9: a secret used in a command line is refused while compiling: secrets only by stdin."""

from pathlib import Path

import pytest

from mspctl.engine.assemble import Errand, RuntimeTexts, program
from mspctl.errors import ConfigurationError
from mspctl.model.secret import Secret
from tests.unit.compiling import SAY, Project, host

CANARY = "c4n4ry-9f3b"
REFUSED = "secrets only by stdin"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize(
    "script",
    [
        "echo {{ password }}",
        "{% set x = password %}echo {{ x }}",
        "echo {{ [password] }}",
        "echo {{ password ~ 'x' }}",
        "echo {{ password | string }}",
        "echo {{ password | upper }}",
        "echo {{ [password] | join(',') }}",
        "login --password={{ password | secret }}",
        "login {{ password | secret }}",
        'login "$({{ password | secret }})"',
        "login $({{ password | secret }})",
        "login -p`{{ password | secret }}`",
        "# {{ password | secret }}",
        "echo '{{ password | secret }}'",
    ],
)
def test_a_module_cannot_put_a_secret_into_a_command_line(project: Project, script: str) -> None:
    project.module("say", SAY, f"check() {{\n    {script}\n    ok\n}}\n")
    project.step("text: a\npassword: env:PW")
    with pytest.raises(ConfigurationError, match=REFUSED) as caught:
        project.body()
    assert "say/posix.sh.j2:2" in str(caught.value)


@pytest.mark.parametrize(
    "script",
    [
        "{{ password | secret }} | login",
        "{ printf 'ops:'; {{ password | secret }}; } | login",
        "if {{ password | secret }} | login; then ok; fi",
        "word=$({{ password | secret }})",
        'word="$({{ password | secret }})"',
        "({{ password | secret }}; echo) | login",
    ],
)
def test_stdin_and_shell_variables_take_secrets(project: Project, script: str) -> None:
    project.module("say", SAY, f"check() {{\n    {script}\n    ok\n}}\n")
    project.step("text: a\npassword: env:PW")
    assert "secret_0" in project.body()


@pytest.mark.parametrize(
    "params",
    [
        'text: a\nrun: "login {{ vars.pw }}"',
        'text: a\nrun: "login {{ params.pw }}"',
        'text: "{{ params.pw }} x"',
        'text: "x {{ vars.pw }}"',
    ],
)
def test_a_playbook_cannot_put_a_secret_into_text(project: Project, params: str) -> None:
    lines = "".join(f"      {line}\n" for line in params.splitlines())
    project.playbook(
        f"params:\n  pw: {{type: secret}}\nsteps:\n  - name: Say\n    module: say\n    params:\n{lines}"
    )
    with pytest.raises(ConfigurationError, match=REFUSED):
        project.compile(host(variables={"pw": "file:keys/db"}), params={"pw": "env:PW"})


@pytest.mark.parametrize("params", ['text: "{{ vars.pw }}"', 'text: a\nwords: ["{{ vars.pw }}"]'])
def test_a_reference_is_no_text(project: Project, params: str) -> None:
    project.step(params)
    with pytest.raises(ConfigurationError, match="a reference to a secret cannot be used"):
        project.body({"pw": "env:PW"})


def test_plain_text_is_no_secret_and_is_not_repeated(project: Project) -> None:
    project.step(f"text: a\npassword: {CANARY}")
    with pytest.raises(ConfigurationError, match="by reference only") as caught:
        project.body()
    assert CANARY not in str(caught.value)
    project.step('text: a\npassword: "{{ vars.pw }}"')
    with pytest.raises(ConfigurationError, match="by reference only") as caught:
        project.body({"pw": CANARY})
    assert CANARY not in str(caught.value)


def test_the_plan_holds_no_secret_and_the_program_holds_it_once(project: Project) -> None:
    project.step("text: a\npassword: env:PW")
    bundle = project.compile().bundles[0]
    library = project.library()
    texts = RuntimeTexts(library.shell("launch"), library.shell("worker"), library.shell("finish"))
    sent = program(Errand("0" * 32, "spool"), bundle, (Secret(CANARY),), texts, {})
    assert CANARY not in repr(bundle)
    assert sent.count(CANARY.encode()) == 1
