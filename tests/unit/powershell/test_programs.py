"""What travels to a Windows host: its manifest, its bytes, where secrets are, what a step may become."""

import base64
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.engine.assemble import program
from mspctl.engine.assemble_windows import END, MARK, SECRETS
from mspctl.engine.compile import compile_plan
from mspctl.engine.sending import Errand, Mode, Sending
from mspctl.errors import ConfigurationError
from mspctl.library.folders import FolderLibrary, open_library
from mspctl.library.places import places_of
from mspctl.model.backup import BackupPolicy, Second
from mspctl.model.bundle import Bundle, Plan
from mspctl.model.inventory import Access, Host
from mspctl.model.outcome import StepStatus
from mspctl.model.powershell import powershell_string
from mspctl.model.secret import Secret, SecretRef
from mspctl.model.selection import Selection
from mspctl.render.jinja import JinjaRenderer
from mspctl.shipped import shipped_folder
from mspctl.wiring.running import runtime_texts
from tests.unit.powershell.programs import CLIENT, ERRAND, HOST, TRICKY

LINUX = replace(HOST, name="web1", os="debian", access=Access(user="root"))
SAY = """title: Say
platforms: [windows]
parameters: {text: {type: text}, password: {type: secret}, run: {type: shell}, at: {type: path}}
"""
SCRIPT = """$text = {{ text }}
$run = {{ run }}
{% if password %}
$password = {{ password | secret }}
{% endif %}

function Check {
    Ok $text
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "templates" / "modules" / "say"
    folder.mkdir(parents=True)
    (folder / "module.yml").write_text(SAY)
    (folder / "windows.ps1.j2").write_text(SCRIPT)
    (tmp_path / "playbooks").mkdir()
    return tmp_path


def plan(project: Path, steps: str, *hosts: Host) -> Plan:
    (project / "playbooks" / "try.yml").write_text(f"name: try\nsteps:\n{steps}")
    places = places_of(project, shipped_folder("templates"), shipped_folder("playbooks"))
    return compiled(FolderLibrary(places), "try", *(hosts or (HOST,)))


def compiled(library: FolderLibrary, name: str, *hosts: Host) -> Plan:
    playbook = library.playbook(name)
    return compile_plan(playbook, Selection(hosts, ()), (CLIENT,), library, JinjaRenderer(), params={})


def sent(made: Plan, errand: Errand = ERRAND, secret: bytes = b"") -> str:
    texts = runtime_texts(open_library(None), windows=True)
    (bundle,) = made.bundles
    secrets = tuple(Secret(secret) for _ in bundle.secrets)
    return program(Sending(errand, bundle, secrets, texts, {0: StepStatus.OK})).decode("ascii")


def done(bundle: Bundle) -> list[str]:
    """The modules of the steps that are not left out."""
    return [step.module for step in bundle.steps if not step.skipped]


def secrets_of(text: str) -> list[str]:
    """The secrets of a program; they stand behind everything that becomes code."""
    launch, worker, _ = text.split(END)
    assert SECRETS not in launch
    script, coded = worker.split(SECRETS)
    assert base64.b64encode(b"hunter2").decode() not in launch + script
    return [base64.b64decode(line).decode() for line in coded.splitlines()]


def read_back(literal: str) -> str:
    """What PowerShell would make of a literal of ours."""
    parts = re.findall(r"'((?:[^']|'')*)'|\[char\]0x([0-9A-F]{4})", literal)
    units = "".join(chr(int(number, 16)) if number else text.replace("''", "'") for text, number in parts)
    return units.encode("utf-16", "surrogatepass").decode("utf-16")


@pytest.mark.parametrize(
    "text", ["", "a", "it's", TRICKY, "\u2018\u2019\u201a\u201b", "\r\n\t", "$(Stop-Computer)"]
)
def test_a_literal_is_ascii_and_means_the_text(text: str) -> None:
    made = powershell_string(text)
    assert re.fullmatch(r"[ -~]*", made)
    assert read_back(made) == text


def test_the_backup_of_the_inventory_goes_to_both_platforms() -> None:
    password = SecretRef("file", "keys/backup")
    policy = BackupPolicy(sources=("C:\\Data",), repository="E:\\backup", password=password)
    windows = replace(HOST, backup=policy)
    linux = replace(LINUX, backup=replace(policy, sources=("/etc",), repository="/srv/backup"))
    made = compiled(open_library(None), "backup", windows, linux)
    for bundle in made.bundles:
        assert done(bundle) == ["backup-files"]
    text = sent(compiled(open_library(None), "backup", windows), secret=b"hunter2")
    assert secrets_of(text) == ["hunter2"]
    assert "hunter2" not in text
    for name, modules in (
        ("backup-prove", ["backup-proof"]),
        ("backup-verify", ["backup-verify"]),
        ("restore-list", ["backup-snapshots"]),
        ("restore", ["backup-restore"]),
        ("backup-tools", []),
    ):
        first = compiled(open_library(None), name, windows, linux).bundles[0]
        assert done(first) == modules
        given = dict(first.steps[0].params)
        assert given.get("scratch", "C:\\ProgramData\\mspctl\\scratch") == "C:\\ProgramData\\mspctl\\scratch"
        assert given.get("target", "C:\\ProgramData\\mspctl\\restored") == "C:\\ProgramData\\mspctl\\restored"
    copied = replace(HOST, backup=replace(policy, second=Second("F:\\copy")))
    for name, module in (("backup", "backup-files"), ("backup-prove", "backup-proof")):
        assert done(compiled(open_library(None), name, copied).bundles[0]) == [module] * 2


def test_the_first_line_tells_what_will_be_done(project: Path) -> None:
    say = '{name: Say, module: say, params: {text: "it\'s ä", password: "env:WORD"}}'
    text = sent(plan(project, f"  - {say}\n  - {{name: Up, module: uptime}}\n"), secret=b"hunter2")
    manifest = json.loads(text.splitlines()[0].removeprefix(MARK))
    assert [(step["index"], step["module"]) for step in manifest["steps"]] == [(0, "say"), (1, "uptime")]
    assert manifest["steps"][0]["params"] == {"text": "it's ä", "password": "env:WORD"}
    assert (manifest["mode"], manifest["spool"], manifest["check"]) == ("start", ERRAND.spool, False)
    assert text.count(END) == 2
    assert text.endswith(END)
    assert secrets_of(text) == ["hunter2"]
    assert "hunter2" not in text


def test_an_attach_carries_neither_steps_nor_secrets(project: Path) -> None:
    made = plan(project, '  - {name: Say, module: say, params: {text: a, password: "env:WORD"}}\n')
    text = sent(made, replace(ERRAND, mode=Mode.ATTACH, offset=7), b"hunter2")
    assert text.endswith(END)
    assert text.count(END) == 1
    assert "hunter2" not in text
    assert "$Offset = 7\n" in text


def test_a_value_cannot_leave_its_quotes(project: Path) -> None:
    steps = '  - {name: Say, module: say, params: {text: "a\u2019; Stop-Computer; \u2018b"}}\n'
    body = plan(project, steps).bundles[0].steps[0].body
    assert "$text = (-join @('a', [char]0x2019, '; Stop-Computer; ', [char]0x2018, 'b'))" in body


def test_a_command_line_is_quoted_for_powershell(project: Path) -> None:
    line = "Get-Item -LiteralPath {{ host.name }}"
    body = plan(project, f'  - {{name: Say, module: say, params: {{text: a, run: "{line}"}}}}\n').bundles[0]
    assert "$run = 'Get-Item -LiteralPath ''dc1'''" in body.steps[0].body


@pytest.mark.parametrize(
    "wrong",
    ['$a = "{{ text }}"', "$a = 'x{{ text }}'", "# {{ text }}", "$a = x{{ text }}", "@'\n{{ text }}\n'@"],
)
def test_values_stand_only_where_an_expression_may(project: Path, wrong: str) -> None:
    (project / "templates" / "modules" / "say" / "windows.ps1.j2").write_text(f"{wrong}\n{SCRIPT}")
    with pytest.raises(ConfigurationError, match="cannot"):
        plan(project, "  - {name: Say, module: say, params: {text: a}}\n")


def test_paths_are_those_of_the_platform(project: Path) -> None:
    plan(project, "  - {name: Say, module: say, params: {text: a, at: 'C:\\x'}}\n")
    with pytest.raises(ConfigurationError, match="no absolute path on windows"):
        plan(project, "  - {name: Say, module: say, params: {text: a, at: /etc/x}}\n")


def test_a_module_of_the_other_platform_is_refused_or_left_out(project: Path) -> None:
    with pytest.raises(ConfigurationError, match="not for windows"):
        plan(project, "  - {name: User, module: user, params: {name: ops}}\n")
    with pytest.raises(ConfigurationError, match="not for linux"):
        plan(project, "  - {name: Say, module: say, params: {text: a}}\n", LINUX)
    (bundle,) = plan(project, "  - {name: Snaps, module: snap}\n  - {name: Up, module: uptime}\n").bundles
    assert [step.skipped for step in bundle.steps] == ["the module snap is not for windows", ""]


def test_one_playbook_gives_each_platform_its_own(project: Path) -> None:
    when = "when: [{fact: os_family, is: [windows, debian]}]"
    made = plan(project, f"  - {{name: Up, module: uptime, {when}}}\n", HOST, LINUX)
    windows, linux = (bundle.steps[0] for bundle in made.bundles)
    assert "function Check {" in windows.body
    assert "-cnotcontains $os_family" in windows.guard
    assert "check() {" in linux.body
    assert windows.guard != linux.guard


@pytest.mark.parametrize("name", ["health", "patch", "update"])
def test_the_shipped_playbooks_are_for_windows_too(name: str) -> None:
    (bundle,) = compiled(open_library(None), name, HOST).bundles
    assert {"facts", "disk"} <= {step.module for step in bundle.steps if not step.skipped}


def test_the_security_baseline_asks_each_platform_its_own() -> None:
    made = compiled(open_library(None), "security", HOST, LINUX)
    windows, linux = ([step for step in bundle.steps if not step.skipped] for bundle in made.bundles)
    assert [step.module for step in windows] == [
        "security-windows-accounts",
        "security-windows-network",
        "security-windows-system",
    ]
    assert {step.module for step in linux}.isdisjoint(step.module for step in windows)
    assert len(windows) + len(linux) == len(made.bundles[0].steps)


def test_too_much_output_is_named_even_if_it_was_printed_before_the_watchdog_looked(project: Path) -> None:
    text = sent(plan(project, "  - {name: Try, module: say, params: {text: a}}\n"))
    work, _, watch = text.partition("$Shared = ")
    last = work[work.rindex("if (-not $MspctlState.Left)") :]
    assert last.index("$MspctlShared.Stream.Length -gt $MspctlShared.MaxOutput") < last.index("Z end")
    assert re.search(r"MaxOutput = \$MaxOutput\b", watch)
