"""Names and versions become rules for other hosts: a host's words are taken only if they can be such."""

from mspctl.model.event import Report, ReportKind
from mspctl.model.scan import failed_updates, last_scan, sound, updates

COUNT = Report(ReportKind.METRIC, "packages.pending", "1")


def pending(name: str, new: str = "2") -> Report:
    return Report(
        ReportKind.FINDING, f"pending:{name}", "", (("old", "1"), ("new", new), ("security", "yes"))
    )


def changed(name: str, new: str, state: str = "") -> Report:
    return Report(ReportKind.CHANGE, name, "", (("old", "1"), ("new", new), ("state", state)))


def test_patterns_and_rule_marks_are_no_names() -> None:
    for text in ("*", "a*", "a|b", "[a]", "a?", "", "-rf", "a b", "a\nb", "x" * 300):
        assert not sound(text)
    for text in ("libc6:amd64", "1:2.3~rc1+dfsg-4ubuntu1.2", "gcc-c++", "kernel-5.14.0_1.el9", "@x"[1:]):
        assert sound(text)


def test_the_last_scan_counts_and_a_hostile_name_does_not() -> None:
    reports = [pending("old"), COUNT, pending("curl"), pending("*"), pending("vim", "*"), COUNT, pending("x")]
    found = last_scan(reports, check_mode=False)
    assert found is not None
    assert [name for name, _ in updates(found)] == ["curl"]


def test_a_scan_before_the_upgrade_is_none_after_it() -> None:
    reports = [pending("curl"), COUNT, changed("curl", "2")]
    assert last_scan(reports, check_mode=False) is None
    assert last_scan(reports, check_mode=True) is not None


def test_held_updates_count_too_and_a_hold_without_an_update_does_not() -> None:
    held = Report(ReportKind.HELD, "mysql", "", (("old", "1"), ("new", "2"), ("reason", "deferred")))
    idle = Report(ReportKind.HELD, "vim", "", (("old", "1"), ("new", ""), ("reason", "hold")))
    assert [(name, fields["reason"]) for name, fields in updates([held, idle, COUNT])] == [
        ("mysql", "deferred")
    ]


def test_what_failed_is_named_by_state_or_finding() -> None:
    broken = Report(ReportKind.FINDING, "broken:php", "", (("version", "8.3"), ("state", "half-configured")))
    found = failed_updates([changed("curl", "2"), changed("nginx", "3", "half-installed"), broken])
    assert list(found) == [("nginx", "3"), ("php", "8.3")]
