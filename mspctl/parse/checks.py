"""The checks that a module declares, and the shell text that makes its script run them."""

import re
import shlex

from mspctl.model.playbook import Check, Severity
from mspctl.parse.shape import Shape

_KEYS = ("severity", "title", "reference", "remedy")
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_SEVERITIES = tuple(map(str, Severity))


def read_checks(shape: Shape | None, posix: str) -> tuple[Check, ...]:
    """Each `id: {severity: …, title: …, remedy: …}` of the map; problems go into the shape."""
    if shape is None:
        return ()
    return tuple(filter(None, (_check(shape, str(key), posix) for key in shape.node)))


def _check(parent: Shape, name: str, posix: str) -> Check | None:
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
    check = Check(name, severity, *words, mends=_defines(_mender(name), posix))
    for text in (check.title, check.reference, check.remedy):
        if "{{" in text or "{%" in text or "{##" in text:
            parent.problem(name, "the words of a check are no template")
    if not _defines(_function(check), posix):
        parent.problem(
            name, f"posix.sh.j2 does not define {_function(check)}", "its line begins the function"
        )
    return check


def checks_text(checks: tuple[Check, ...]) -> str:
    """The function `declared_checks` for the library `checks`; empty without checks."""
    if not checks:
        return ""
    lines = [shlex.join(("one", check.name, _function(check), *_words(check))) for check in checks]
    return "\n".join(["", "declared_checks() {", *lines, "}", ""])


def _words(check: Check) -> tuple[str, ...]:
    mender = _mender(check.name) if check.mends else ""
    return (str(check.severity), check.title, check.reference, check.remedy, mender)


def _function(check: Check) -> str:
    return f"see_{check.name.replace('-', '_')}"


def _mender(name: str) -> str:
    return f"mend_{name.replace('-', '_')}"


def _defines(function: str, posix: str) -> bool:
    return f"\n{function}() {{" in f"\n{posix}"
