import pytest

from mspctl.errors import ConfigurationError
from mspctl.model.playbook import Module, Parameter, ParameterType
from mspctl.parse.module import parse_module
from mspctl.parse.source import source_of

WHOLE = """\
title: Service
description: Makes a service run.
platforms: [linux]
needs_root: true
libraries: [apt]
interruptible: false
verify: false
timeout: 10m
reboots: true
parameters:
  name: {type: text, required: true, help: The unit}
  mode: {type: mode, default: 644}
reports: {changes: started}
"""
LOOKS = "check() {\n    ok\n}\n"


def parse(text: str, posix: str | None = LOOKS) -> Module:
    return parse_module(source_of(text.encode(), "m/module.yml"), "service", posix=posix, windows=None)


def test_a_whole_module_is_read() -> None:
    module = parse(WHOLE, f"{LOOKS}apply () {{\n}}\n")
    assert (module.title, module.libraries, module.timeout) == ("Service", ("apt",), 600.0)
    assert (module.needs_root, module.interruptible, module.verify, module.reboots) == (
        True,
        False,
        False,
        True,
    )
    assert module.parameters == (
        Parameter("name", ParameterType.TEXT, required=True, help="The unit"),
        Parameter("mode", ParameterType.MODE, default="0644"),
    )
    assert module.changes


def test_a_module_without_apply_only_looks() -> None:
    assert not parse("title: Disk\n", f"{LOOKS}# apply() is for others\n").changes


@pytest.mark.parametrize(
    ("text", "posix", "problem"),
    [
        ("description: x\n", LOOKS, "`title` is missing"),
        ("title: x\nplatform: linux\n", LOOKS, "did you mean platforms?"),
        ("title: x\nplatforms: [linx]\n", LOOKS, "`linx` is not a platform"),
        ("title: x\n", None, "posix.sh.j2 is missing"),
        ("title: x\n", "apply() {\n    :\n}\n", "does not define check"),
        ("title: x\nneeds_root: sometimes\n", LOOKS, "expected true or false"),
        ("title: x\nparameters: {Name: {type: text}}\n", LOOKS, "is not a parameter's name"),
        ("title: x\nreports: changes\n", LOOKS, "expected a map"),
        (
            "title: x\nlooks_at: [pth]\nparameters: {path: {type: path}}\n",
            LOOKS,
            "`pth` is no parameter of type path",
        ),
    ],
)
def test_mistakes_are_named(text: str, posix: str | None, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(text, posix)
    assert problem in str(caught.value)
    assert str(caught.value).startswith("m/module.yml:")
