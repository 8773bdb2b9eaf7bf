"""The checks that a module declares, and the text that makes its scripts run them."""

import re
import shlex
from collections.abc import Iterator

from mspctl.model.playbook import Check, Severity
from mspctl.model.powershell import powershell_string
from mspctl.parse.shape import Shape

_KEYS = ("severity", "title", "reference", "remedy", "person")
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_SEVERITIES = tuple(map(str, Severity))


def read_checks(shape: Shape | None, posix: str | None, windows: str | None) -> tuple[Check, ...]:
    """Each `id: {severity: …, title: …, remedy: …}` of the map; problems go into the shape.

    Each script that the module has must define the function of each check.
    """
    if shape is None:
        return ()
    found = tuple(filter(None, (_check(shape, str(key), posix or "", windows or "") for key in shape.node)))
    for check in found:
        for file, text, begin in _begins(check, posix, windows):
            if text is not None and f"\n{begin}" not in f"\n{text}":
                shape.problem(check.name, f"{file} has no line `{begin}`", "it begins the check's function")
    return found


def _begins(check: Check, posix: str | None, windows: str | None) -> Iterator[tuple[str, str | None, str]]:
    """The lines that must be in each script. What one of them can remedy, the other can, too."""
    yield "posix.sh.j2", posix, f"{_function(check)}() {{"
    yield "windows.ps1.j2", windows, f"function {_look(check.name)} {{"
    if check.mends:
        yield "posix.sh.j2", posix, f"{_mender(check.name)}() {{"
        yield "windows.ps1.j2", windows, f"function {_mend(check.name)} {{"


def _check(parent: Shape, name: str, posix: str, windows: str) -> Check | None:
    shape = parent.map(name)
    if shape is None:
        if parent.get(name) is None:
            parent.problem(name, "a check has a severity, a title and a remedy")
        return None
    shape.only(_KEYS)
    if not _ID.fullmatch(name):
        parent.problem(name, f"`{name}` is not the id of a check", "small letters and digits with - between")
    severity = Severity(shape.one_of("severity", _SEVERITIES, Severity.HIGH))
    words = (shape.required("title"), shape.text("reference"), shape.required("remedy"))
    check = Check(name, severity, *words, _mends(name, posix, windows), shape.text("person"))
    if check.mends and check.person:
        parent.problem(
            name, "it needs a person, and its script has a remedy", "only one of the two can be so"
        )
    for text in (check.title, check.reference, check.remedy, check.person):
        if "{{" in text or "{%" in text or "{##" in text:
            parent.problem(name, "the words of a check are no template")
    return check


def checks_text(checks: tuple[Check, ...]) -> str:
    """The function `declared_checks` for the library `checks`; empty without checks."""
    if not checks:
        return ""
    lines = [
        shlex.join(("one", check.name, _function(check), *_words(check), mender))
        for check in checks
        for mender in [_mender(check.name) if check.mends else ""]
    ]
    return "\n".join(["", "declared_checks() {", *lines, "}", ""])


def checks_powershell(checks: tuple[Check, ...]) -> str:
    """The function `Invoke-DeclaredCheck` for the library `checks`; empty without checks."""
    if not checks:
        return ""
    lines = [
        f"Invoke-Check -Id {powershell_string(check.name)} -Words @({words}) -Look {{ {_look(check.name)} }}"
        + (f" -Mend {{ {_mend(check.name)} }}" if check.mends else "")
        for check in checks
        for words in [", ".join(map(powershell_string, _words(check)))]
    ]
    return "\n".join(["", "function Invoke-DeclaredCheck {", *lines, "}", ""])


def _words(check: Check) -> tuple[str, ...]:
    return (str(check.severity), check.title, check.sections, check.remedy)


def _function(check: Check) -> str:
    return f"see_{check.name.replace('-', '_')}"


def _look(name: str) -> str:
    return "See-" + "".join(part.capitalize() for part in name.split("-"))


def _mend(name: str) -> str:
    return _look(name).replace("See-", "Mend-", 1)


def _mender(name: str) -> str:
    return f"mend_{name.replace('-', '_')}"


def _mends(name: str, posix: str, windows: str) -> bool:
    shell, powershell = f"\n{_mender(name)}() {{", f"\nfunction {_mend(name)} {{"
    return shell in f"\n{posix}" or powershell in f"\n{windows}"
