"""The interpreter itself: what PowerShell 5.1 documents of the part of the language that it knows."""

import pytest

from tests.unit.powershell.engine.host import RecordedHost
from tests.unit.powershell.engine.machine import Machine, tree
from tests.unit.powershell.engine.values import PsError, to_text


def run(text: str, host: RecordedHost | None = None) -> list[str]:
    return [to_text(each) for each in Machine(host or RecordedHost()).run(tree(text))]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("'a' + 1 + 2", ["a12"]),
        ("1 + '2'", ["3"]),
        ("'a' -eq 'A'", ["True"]),
        ("'a' -ceq 'A'", ["False"]),
        ("@(1, 2, 3) -eq 2", ["2"]),
        ("@(1, 2) -contains '2'", ["True"]),
        ("$x = @{ A = 1 }\n$x.B = 2\n$x.a + $x['b']", ["3"]),
        ("function F {\n    return , @(1, 2)\n}\n(F).Count", ["2"]),
        ("function F {\n}\n@(F).Count", ["0"]),
        ("$x = $null\n@($x).Count", ["1"]),
        ("function F {\n    param([string]$A = '', [int]$B)\n    \"$A-$B\"\n}\nF -B 2 one", ["one-2"]),
        ("function F {\n    $args.Count\n}\nF a b c", ["3"]),
        ("$x = 1\nfunction F {\n    $x = 2\n}\nF\n$x", ["1"]),
        ("function F {\n    $t.N = $t.N + 1\n}\n$t = @{ N = 1 }\nF\n$t.N", ["2"]),
        ("switch ('abc') {\n    'a*' {\n        1\n    }\n    default {\n        2\n    }\n}", ["2"]),
        (
            "switch -Wildcard ('abc') {\n    'a*' {\n        1\n    }\n    '*c' {\n        2\n    }\n}",
            ["1", "2"],
        ),
        (
            "try {\n    throw 'no'\n}\ncatch {\n    $_.Exception.Message\n}\nfinally {\n    'end'\n}",
            ["no", "end"],
        ),
        ("foreach ($i in 1, 2, 3) {\n    if ($i -eq 2) {\n        continue\n    }\n    $i\n}", ["1", "3"]),
        ("'a|b|c' -split '\\|', 2 -join '+'", ["a+b|c"]),
        ("'KB12 x' -match 'KB([0-9]+)'\n$Matches[1]", ["True", "12"]),
        ("'{0:X8}' -f -2147024891", ["80070005"]),
        ("[int]2.5\n[int]3.5", ["2", "4"]),
        (
            "1, 2, 3 | Where-Object -FilterScript { $_ -gt 1 } | ForEach-Object -Process { $_ * 2 }",
            ["4", "6"],
        ),
        ('"a`tb $(1 + 1) ${x}"', ["a\tb 2 "]),
        ("'it''s'", ["it's"]),
    ],
)
def test_it_says_what_powershell_says(text: str, said: list[str]) -> None:
    assert run("$x = ''\n" + text) == said


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("$never", "has not been set"),
        ("$x = 5\n$x.Count", "cannot be found on this object"),
        ("$x = @{ A = 1 }\n$x.B", "cannot be found on this object"),
        ("function F {\n    param($A)\n}\nF -B 1", "cannot be found that matches"),
        ("Get-Thing -Of 'a b'", "not recorded: Get-Thing -Of 'a b'"),
        ("'abc'.Substring(4)", "beyond the text"),
        ("@(1)[1]", "outside the bounds"),
        ("$x = $null\n$x.Trim()", "null-valued"),
        ("[Math]::Max(0, 2147483648)", "Cannot convert argument"),
        ("$x = @() | Measure-Object -Property Length -Sum\n$x.Sum", "cannot be found on this object"),
    ],
)
def test_it_refuses_what_strict_mode_refuses(text: str, refusal: str) -> None:
    with pytest.raises(PsError, match=refusal):
        run(text)


def test_a_recorded_error_is_caught_or_kept_quiet() -> None:
    host = RecordedHost(commands={"Get-Thing": {"error": "no", "id": "Gone,Get"}})
    quiet = "Get-Thing -ErrorAction SilentlyContinue\n"
    text = f"{quiet}try {{\n    Get-Thing\n}}\ncatch {{\n    $_.FullyQualifiedErrorId\n}}"
    assert run(text, host) == ["Gone,Get"]
