"""Every shipped module and how to render it with values that a technician might give it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mspctl.model.playbook import Module, ParameterType
from mspctl.model.value import Value
from mspctl.parse.module import parse_module
from mspctl.parse.source import read_source
from mspctl.render.jinja import JinjaRenderer
from mspctl.shipped import shipped_folder

MODULES = shipped_folder("templates") / "modules"
LIBRARIES = shipped_folder("templates") / "bundle" / "posix" / "lib"
NAMES = tuple(sorted(script.parent.name for script in MODULES.glob("*/posix.sh.j2")))


@dataclass(frozen=True, slots=True)
class Slot:
    """A secret parameter: the name of the shell function that prints it."""

    function: str


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a module: values of its parameters; those in `secrets` come as secrets."""

    module: str
    values: Mapping[str, Value] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


def load(name: str) -> Module:
    """The module of this name, as shipped."""
    folder = MODULES / name
    source = read_source(folder / "module.yml")
    return parse_module(
        source, name, posix=(folder / "posix.sh.j2").read_text(encoding="utf-8"), windows=_windows(folder)
    )


def render(use: Use, first_secret: int = 0) -> str:
    """The body of a step."""
    module = load(use.module)
    values: dict[str, Value | Slot] = {each.name: each.default for each in module.parameters}
    values |= use.values
    values |= {name: Slot(f"secret_{first_secret + at}") for at, name in enumerate(use.secrets)}
    return JinjaRenderer().module(module, values)


def library(name: str) -> str:
    """The text of a shared shell file."""
    return (LIBRARIES / f"{name}.sh").read_text(encoding="utf-8")


def sample(name: str) -> Use:
    """Something for each required parameter and each secret, with characters that need quoting."""
    module = load(name)
    values: dict[str, Value] = {}
    for each in module.parameters:
        if each.required:
            values[each.name] = _sample_value(each.type, each.choices)
    secrets = {each.name: "s" for each in module.parameters if each.type is ParameterType.SECRET}
    return Use(name, values, secrets)


def _sample_value(kind: ParameterType, choices: tuple[str, ...]) -> Value:
    if kind is ParameterType.CHOICE:
        return choices[0]
    if kind is ParameterType.LIST:
        return ("it's", "a b")
    return "/tmp/it's" if kind is ParameterType.PATH else "it's $(a) `b`"


def _windows(folder: Path) -> str | None:
    file = folder / "windows.ps1.j2"
    return file.read_text(encoding="utf-8") if file.is_file() else None
