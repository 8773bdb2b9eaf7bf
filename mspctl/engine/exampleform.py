"""What was captured, in the words of an example file (templates/modules/README.md)."""

import re
from collections.abc import Mapping, Sequence

from mspctl.engine.capturing import Call, Captured
from mspctl.engine.exampleobjects import Hide, node_of
from mspctl.engine.examplesources import sections_of
from mspctl.model.event import Report, ReportKind
from mspctl.model.value import Value

_LISTS: Mapping[str, ReportKind] = {
    "changes": ReportKind.CHANGE,
    "findings": ReportKind.FINDING,
    "held": ReportKind.HELD,
    "notes": ReportKind.NOTE,
}
_MAPS: Mapping[str, ReportKind] = {"facts": ReportKind.FACT, "metrics": ReportKind.METRIC}
_AROUND = re.compile(r'(?:Exception calling "\w+" with "\d+" argument\(s\): ")+([^"]*)"+')
_SYSTEM = "HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"


def example_of(
    title: str,
    params: Mapping[str, Value],
    found: Captured,
    secrets: Sequence[str],
    hide: Hide,
    *,
    windows: bool,
) -> Mapping[str, object]:
    """The example; `hide` takes out of a text what tells whose host it is."""
    made: dict[str, object] = {"title": title, "recorded": title.removeprefix("As recorded ")}
    made["check_mode"] = True
    if params:
        made["params"] = {name: _plain(value, hide) for name, value in params.items()}
    if found.facts and not windows:
        made["facts"] = dict(found.facts)
    if windows:
        made |= _windows(found.facts)
    if secrets:
        made["secrets"] = dict.fromkeys(secrets, "s3cret")
    commands: dict[str, list[object]] = {}
    for call in found.calls:
        commands.setdefault(hide(call.line), []).append(_answer(call, hide))
    if commands:
        made["commands"] = {line: _answers(answers) for line, answers in commands.items()}
    made |= sections_of(found.sources, hide)
    made["expect"] = _expected(found, _said(hide) if windows else hide)
    return made


def _windows(facts: Mapping[str, str]) -> Mapping[str, object]:
    """The host's time, and which Windows the worker found before the step."""
    kind = "Server" if facts.get("os_id") == "windows-server" else "Client"
    told = {"InstallationType": kind, "CurrentBuild": facts.get("os_version", "")}
    made = {"registry": {_SYSTEM: told}} if "os_id" in facts else {}
    return made | ({"now": facts["now"]} if "now" in facts else {})


def _said(hide: Hide) -> Hide:
    """What PowerShell puts around what a method has thrown, the interpreter of examples does not."""
    return lambda text: _AROUND.sub(r"\1", hide(text))


def _answer(call: Call, hide: Hide) -> object:
    told = {name: value for name, value in call.answer.items() if name != "id" or value}
    answer = {name: node_of(value, hide) for name, value in told.items()}
    if set(answer) == {"stdout", "status"} and answer["status"] == 0:
        return answer["stdout"]
    return answer


def _answers(answers: list[object]) -> object:
    """One answer stands for all if all are the same."""
    return answers[0] if all(answer == answers[0] for answer in answers) else answers


def _expected(found: Captured, hide: Hide) -> Mapping[str, object]:
    expected: dict[str, object] = {}
    if found.ended is not None:
        expected["status"] = str(found.ended.status)
        if found.ended.forecast is not None:
            expected["forecast"] = str(found.ended.forecast)
        if found.ended.reason:
            expected["reason"] = hide(found.ended.reason)
    for name, kind in _LISTS.items():
        reports = [report for report in found.reports if report.kind is kind]
        if reports:
            expected[name] = [_told(report, hide) for report in reports]
    for name, kind in _MAPS.items():
        values = {hide(each.name): hide(each.value) for each in found.reports if each.kind is kind}
        if values:
            expected[name] = values
    return expected


def _told(report: Report, hide: Hide) -> Mapping[str, str]:
    return {"name": hide(report.name), **{name: hide(value) for name, value in report.fields}}


def _plain(value: Value, hide: Hide) -> object:
    return list(value) if isinstance(value, tuple) else node_of(value, hide)
