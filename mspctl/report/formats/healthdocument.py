"""The health of a month as a JSON document; `null` is not measured, points are exact to a tenth."""

from mspctl.report.formats.caredocument import JsonValue, care_document
from mspctl.report.score.health import Health, MonthEnd
from mspctl.report.score.ledger import LedgerLine, ledger
from mspctl.report.score.tenths import average_in_tenths, percent, total_in_tenths
from mspctl.report.wording.findingwords import FindingWords, short
from mspctl.report.wording.speech import Speech


def health_document(health: Health) -> dict[str, JsonValue]:
    """The score, what it rests on, where points were lost, and the year."""
    score, words = health.score, FindingWords(Speech())
    return {
        "score_version": score.version,
        "score": None if score.total is None else total_in_tenths(score) / 10,
        "before_caps": None if score.average is None else average_in_tenths(score) / 10,
        "caps": [{"kind": cap.kind, "why": words.cap(cap)} for cap in score.caps],
        "measured_weight": score.weight,
        "areas": {
            each.area.value: {
                "score": percent(each.part),
                "measured_hosts": each.measured,
                "of_hosts": each.expected,
            }
            for each in score.areas
        },
        "hosts": [
            {"host": short(each.host), "area": each.area.value, "score": percent(each.part)}
            for each in score.hosts
        ],
        "lost": [_line(line, words) for line in ledger(score)],
        "security_updates": {
            "on_time": health.speed.on_time,
            "late": health.speed.late,
            "missing": health.speed.missing,
        },
        "year": [_month(month) for month in health.year],
        **care_document(health),
    }


def _line(line: LedgerLine, words: FindingWords) -> JsonValue:
    hosts: list[JsonValue] = [short(each.host) for each in line.found]
    runs: list[JsonValue] = [*sorted({each.evidence.run for each in line.found if each.evidence})]
    return {
        "points": line.tenths / 10,
        "finding": words.line(line),
        "check": line.found[0].check if line.found else None,
        "hosts": hosts,
        "runs": runs,
    }


def _month(month: MonthEnd) -> JsonValue:
    areas: dict[str, JsonValue] = {area.value: points for area, points in month.areas}
    return {"month": f"{month.month:%Y-%m}", "score": month.total, "areas": areas}
