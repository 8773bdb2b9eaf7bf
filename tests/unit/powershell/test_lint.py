"""Every PowerShell text of ours under the checks, and that the checks see what they should."""

import re
from pathlib import Path

import pytest

from mspctl.engine.assemble_windows import END
from mspctl.shipped import shipped_folder
from tests.unit.powershell.engine.host import RecordedHost
from tests.unit.powershell.engine.machine import Machine, tree
from tests.unit.powershell.lint import libraries, lint
from tests.unit.powershell.programs import captured_program_of, rendered_modules, whole_programs

FRAME = sorted((shipped_folder("templates") / "bundle" / "windows").rglob("*.ps1"))


@pytest.mark.parametrize("path", FRAME, ids=lambda path: path.name)
def test_the_frame_passes(path: Path) -> None:
    assert list(lint(path.read_text(), path.name, libraries())) == []


def test_what_the_manual_has_people_run_passes() -> None:
    pages = sorted((Path(__file__).parents[3] / "docs").rglob("*.md"))
    blocks = [
        (page.name, text)
        for page in pages
        for text in re.findall(r"(?ms)^ *```powershell\n(.*?)^ *```$", page.read_text())
    ]
    assert len(blocks) >= 2
    assert [each for name, text in blocks for each in lint(text, f"bundle-{name}")] == []


@pytest.mark.parametrize("name", sorted(rendered_modules()))
def test_each_module_passes_in_its_program(name: str) -> None:
    launch, worker, rest = whole_programs()[name].split(END)
    assert list(lint(launch, f"bundle-{name}")) == []
    assert list(lint(worker, f"bundle-{name}")) == []
    assert rest == ""


def test_a_recorded_step_passes_and_records_its_commands() -> None:
    _, worker, _ = captured_program_of("disk").split(END)
    assert list(lint(worker, "bundle-disk")) == []
    (begin,) = [line for line in worker.splitlines() if line.startswith("Start-Record -Names")]
    assert "'Get-CimInstance'" in begin
    assert "'FreeSpace'" in begin


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("if ($a == 1) {\n}\n", "=="),
        ("Get-Item -Path a && Get-Item -Path b\n", "&&"),
        ('Write-Output "$name: x"\n', "colon"),
        ('Write-Output "$name:5985"\n', "colon"),
        ('Write-Output "at $name:$port"\n', "colon"),
        ("Get-Service | ? { $_.Name }\n", "aliases"),
        ("Get-Service | % { $_.Name }\n", "aliases"),
        ("Get-Service | % Name\n", "aliases"),
        ("if ($IsWindows) {\n}\n", "PowerShell 7"),
        ("$a = 0b11\n", "PowerShell 7"),
        ("$a = 100u\n", "PowerShell 7"),
        ("$a = $b ?? 'c'\n", "PowerShell 7"),
        ("$a = $b ? 1 : 2\n", "PowerShell 7"),
        ("Get-HotFixx\n", "no command Get-HotFixx"),
        ("Get-Uptime\n", "no command Get-Uptime"),
        ("ConvertTo-Json -InputObject $a -EnumsAsStrings\n", "no parameter -enumsasstrings"),
        ("Get-Content -Path a -AsByteStream\n", "no parameter -asbytestream"),
        ("ls\n", "alias"),
        ("$host = 'a'\n", "belongs to PowerShell"),
        ("exit 1\n", "exit"),
        ("$a = 'ä'\n", "ASCII"),
        ("if ($a) {\n", "grammar"),
        ("try {\n    Get-Item -Path a\n}\n", "try without"),
        ("function Own {\n    param($a, [int]$A)\n}\n", "two parameters $a"),
        ("function Own {\n    param($a = 1, $b, $a)\n}\n", "two parameters $a"),
        ("1 = $a\n", "cannot be assigned"),
        ("if ($a = 1) {\n}\n", "assigns"),
        ("if ($b) {\n}\nelseif ($a = 1) {\n}\n", "assigns"),
        ("while ($a = 1) {\n}\n", "assigns"),
        ("$a = @'\nGet-Uptime\n'@\n", "made.ps1:1 text:1: server-2016 has no command Get-Uptime"),
        ("$a = @'\nif ($b == 1) {\n}\n'@\n", "text:1: == compares nothing"),
        ("function Own {\n}\n$a = @'\nOwn\n'@\n", "no command Own"),
    ],
)
def test_what_is_wrong_is_seen(text: str, complaint: str) -> None:
    assert any(complaint in each for each in lint(text, "made.ps1"))


def test_what_is_put_behind_the_lines_of_a_user_passes() -> None:
    text = (shipped_folder("templates") / "bundle" / "windows" / "lib" / "lines.ps1").read_text()
    (end,) = [line for line in text.splitlines() if line.startswith('$end = "')]
    host = RecordedHost()
    machine = Machine(host)
    machine.run(tree(end))
    assert list(lint("Get-Item -Path a" + machine.top.read("end") + "\n", "bundle-lines")) == []


@pytest.mark.parametrize(
    "text",
    [
        "$a = 10 % 3; $b = ($c) % (2)\n",
        '$a = "$env:TEMP $script:b ${c}: $($d): [A]::B"\n',
        "$a = 16kb + 0xFF\n",
        "$a = $b -match 'a?(b)'\n",
        "try {\n    $a = 1\n}\nfinally {\n    $b = 1\n}\n",
        "for ($a = 1; $a -lt 3; $a++) {\n    if ($a) {\n        $b = 1\n    }\n}\n",
        "function Own {\n    param([int]$A = 1, [string[]]$B = @($A))\n}\n",
        "switch ($a) {\n    1 {\n        'x'\n    }\n}\n",
    ],
)
def test_what_only_looks_wrong_is_let_through(text: str) -> None:
    assert list(lint(text, "made.ps1")) == []


def test_what_is_right_is_let_through() -> None:
    text = "function Check {\n    $all = @(Get-Service | Where-Object -FilterScript { $_.Status })\n"
    assert list(lint(f"{text}    Write-Output ('a: ' + $all.Count)\n}}\n", "made.ps1")) == []
