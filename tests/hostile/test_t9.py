"""T9: a secret used in a command line is refused while compiling: secrets only by stdin."""

import subprocess
import time
import uuid
from pathlib import Path

import pytest

from mspctl.engine.assemble import program
from mspctl.engine.sending import Errand, RuntimeTexts, Sending
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
    sent = program(Sending(Errand("0" * 32, "spool"), bundle, (Secret(CANARY),), texts, {}))
    assert CANARY not in repr(bundle)
    assert sent.count(CANARY.encode()) == 1


def test_nobody_on_the_host_sees_the_secret_while_it_is_used(project: Project, tmp_path: Path) -> None:
    """Each command line, each environment, the output and the files left behind, with the step under way."""
    mark = tmp_path / "under-way"
    script = (
        f"check() {{\n    {{{{ password | secret }}}} | {{ read -r x; : >{mark}; sleep 3; }}\n    ok\n}}\n"
    )
    project.module("say", SAY, script)
    project.step("text: a\npassword: env:PW")
    bundle, library = project.compile().bundles[0], project.library()
    texts = RuntimeTexts(library.shell("launch"), library.shell("worker"), library.shell("finish"))
    spool = f"mspctl-test-{uuid.uuid4().hex}"
    sent = program(Sending(Errand("0" * 32, spool), bundle, (Secret(f"{CANARY}\n"),), texts, {}))
    with subprocess.Popen(["/bin/sh", "-s"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as shell:
        assert shell.stdin
        shell.stdin.write(sent)
        shell.stdin.flush()
        deadline = time.monotonic() + 20
        while not mark.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert mark.exists()
        seen = b"".join(map(_visible, Path("/proc").glob("[0-9]*")))
        left = b"".join(file.read_bytes() for file in Path("/var/tmp", spool).iterdir())
        printed, _ = shell.communicate(b"mspctl_acknowledge\n", timeout=40)
    assert b"sleep" in seen
    assert b"\x1fE\x1f0\x1fok" in printed
    assert CANARY.encode() not in seen + left + printed
    assert not Path("/var/tmp", spool).exists()


def _visible(process: Path) -> bytes:
    """The command line and, where we may, the environment of a process; nothing if it is gone."""
    try:
        return (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    except OSError:
        return b""
