"""Checks that a module declares: their words reach the script, and what does not fit is refused."""

import subprocess

import pytest

from mspctl.errors import ConfigurationError
from mspctl.model.playbook import Severity
from mspctl.parse.module import parse_module
from mspctl.parse.source import Source, source_of

SCRIPT = "check() { checks_run; }\nsee_a_b() {\n    good\n}\n"


def _source(check: str) -> Source:
    return source_of(f"title: T\nchecks:\n  {check}\n".encode(), "module.yml")


@pytest.mark.parametrize(("more", "mender"), [("", ""), ("mend_a_b() { :; }\n", "mend_a_b")])
def test_the_words_of_a_check_reach_the_script_as_they_are(more: str, mender: str) -> None:
    source = _source('a-b: {severity: low, title: "It\'s $(a)", remedy: "`b`", reference: C 1}')
    module = parse_module(source, "m", posix=SCRIPT + more, windows=None)
    assert module.checks[0].mends == bool(mender)
    assert [(check.name, check.severity) for check in module.checks] == [("a-b", Severity.LOW)]
    assert module.posix is not None
    script = "one() { printf '%s|' \"$@\"; }\n" + module.posix + "declared_checks\n"
    said = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, check=True, timeout=100
    ).stdout
    assert said == f"a-b|see_a_b|low|It's $(a)|C 1|`b`|{mender}|"


@pytest.mark.parametrize(
    ("check", "problem"),
    [
        ("a-c: {severity: low, title: T, remedy: R}", "has no line `see_a_c"),
        ("a_b: {severity: low, title: T, remedy: R}", "not the id of a check"),
        ("a-b: {severity: dire, title: T, remedy: R}", "not one of high, medium, low"),
        ("a-b: {severity: low, title: T}", "`remedy` is missing"),
        ('a-b: {severity: low, title: "{{ x }}", remedy: R}', "no template"),
        ("a-b:", "a severity, a title and a remedy"),
    ],
)
def test_what_does_not_fit_is_refused(check: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        parse_module(_source(check), "m", posix=SCRIPT, windows=None)


def test_a_check_that_takes_a_person_says_why_and_has_no_remedy_beside_it() -> None:
    source = _source("a-b: {severity: low, title: T, remedy: R, person: only they know}")
    assert parse_module(source, "m", posix=SCRIPT, windows=None).checks[0].person == "only they know"
    with pytest.raises(ConfigurationError, match="it needs a person, and its script has a remedy"):
        parse_module(source, "m", posix=f"{SCRIPT}mend_a_b() {{ :; }}\n", windows=None)


def test_why_no_section_says_it_stays_in_the_list_of_checks() -> None:
    source = _source('a-b: {severity: low, title: T, remedy: R, reference: "none: nobody wrote it down"}')
    module = parse_module(source, "m", posix=SCRIPT, windows=None)
    assert module.checks[0].reference == "none: nobody wrote it down"
    assert "nobody wrote" not in (module.posix or "")


def test_a_script_for_windows_gets_the_words_too_and_must_define_the_functions() -> None:
    text = (
        'title: T\nplatforms: [windows]\nchecks:\n  a-b: {severity: low, title: "It\'s", remedy: \u2019R}\n'
    )
    script = "function Check {\n}\n"
    with pytest.raises(ConfigurationError, match="has no line `function See-AB"):
        parse_module(source_of(text.encode(), "module.yml"), "m", posix=None, windows=script)
    script += "function See-AB {\n}\n"
    module = parse_module(source_of(text.encode(), "module.yml"), "m", posix=None, windows=script)
    assert module.windows is not None
    (line,) = [line for line in module.windows.splitlines() if line.startswith("Invoke-Check")]
    words = "@('low', 'It''s', '', (-join @([char]0x2019, 'R')))"
    assert line == f"Invoke-Check -Id 'a-b' -Words {words} -Look {{ See-AB }}"
