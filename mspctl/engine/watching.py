"""The text of a Windows step as it is captured: what is no command goes by stand-ins (`lib/watch.ps1`)."""

import re
from collections.abc import Iterable

from mspctl.model.powershell import powershell_string

_TYPES = (
    "System.IO.File",
    "System.IO.Directory",
    "System.Net.WebRequest",
    "System.Net.NetworkInformation.IPGlobalProperties",
)
"""Types whose static methods ask the host."""

_CHANGES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\[ADSI\]"), "Open-Entry "),
    (re.compile(r"\[System\.Diagnostics\.Process\]::Start\("), "(Start-Watched -Start "),
    (
        re.compile(r"(\$\w+)\.GetType\(\)\.InvokeMember\('(\w+)', 'GetProperty', \$null, \1, \$null\)"),
        r"(Read-Property -Of \1 -Name '\2')",
    ),
    *((re.compile(rf"\[{re.escape(name)}\]::"), f"$MspctlRecord.Types['{name}'].") for name in _TYPES),
)
_CMDLET = re.compile(r"\b[A-Z][a-z]+-[A-Z]\w+")
_FUNCTION = re.compile(r"(?m)^function ([\w-]+)")
_MEMBER = re.compile(r"(?:\.|Property |')([A-Za-z]\w+)")
"""Where a member is named: behind a dot, as the property that a command takes, as text."""
_FRAME = ("InstallationType", "CurrentBuild")
"""What the worker itself reads where a step may read it, too."""
_ENVIRONMENT = re.compile(r"\$\{?env:(\w+)", re.IGNORECASE)
_OURS = frozenset(
    {"ForEach-Object", "Where-Object", "Select-Object", "Sort-Object", "Group-Object", "New-Object"}
    | {"Join-Path", "Split-Path", "Start-Sleep", "Out-String", "Measure-Object", "Set-StrictMode"}
    | {"Set-Item", "Add-Member", "ConvertTo-Json", "ConvertFrom-Json"}
)
"""Commands that ask the host nothing, and those with which the recorder works."""


def watched(text: str) -> str:
    """PowerShell text that asks stand-ins in the place of what is no command."""
    for pattern, new in _CHANGES:
        text = pattern.sub(new, text)
    return text


def start_of(text: str) -> str:
    """The line that starts the recorder of `lib/record.ps1` for what a step's text, as it is sent, asks."""
    names = sorted(set(_CMDLET.findall(text)) - set(_FUNCTION.findall(text)) - _OURS)
    named = sorted({*_MEMBER.findall(text), *_FRAME}, reverse=True)
    members = sorted({name.lower(): name for name in named}.values())
    types = "; ".join(f"{powershell_string(name)} = [{name}]" for name in _TYPES)
    read = sorted({*map(str.upper, _ENVIRONMENT.findall(text)), *(("TZ",) if "TimeZoneInfo" in text else ())})
    lists = f"-Names @({_list(names)}) -Members @({_list(members)}) -Environment @({_list(read)})"
    return f"Start-Record {lists} -Types @{{ {types} }}"


def _list(words: Iterable[str]) -> str:
    return ", ".join(map(powershell_string, words))
