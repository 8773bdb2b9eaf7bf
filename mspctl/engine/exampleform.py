"""What was captured, in the words of an example file (templates/modules/README.md)."""

from collections.abc import Callable, Mapping, Sequence

from mspctl.engine.capturing import Call, Captured
from mspctl.model.event import Report, ReportKind
from mspctl.model.value import Value

_LISTS: Mapping[str, ReportKind] = {
    "changes": ReportKind.CHANGE,
    "findings": ReportKind.FINDING,
    "held": ReportKind.HELD,
    "notes": ReportKind.NOTE,
}
_MAPS: Mapping[str, ReportKind] = {"facts": ReportKind.FACT, "metrics": ReportKind.METRIC}
Hide = Callable[[str], str]


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
    if secrets:
        made["secrets"] = dict.fromkeys(secrets, "s3cret")
    commands: dict[str, list[object]] = {}
    for call in found.calls:
        commands.setdefault(hide(call.line), []).append(_answer(call, hide))
    if commands:
        made["commands"] = {line: _answers(answers) for line, answers in commands.items()}
    made["expect"] = _expected(found, hide)
    return made


def _answer(call: Call, hide: Hide) -> object:
    answer = {name: _hidden(value, hide) for name, value in call.answer.items()}
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
    return list(value) if isinstance(value, tuple) else _hidden(value, hide)


def _hidden(value: object, hide: Hide) -> object:
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, list):
        return [_hidden(item, hide) for item in value]
    if isinstance(value, Mapping):
        return {name: _hidden(item, hide) for name, item in value.items()}
    return value
