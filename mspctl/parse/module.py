"""Reads a module's `module.yml`; the templates beside it are handed in as text."""

from mspctl.errors import ConfigurationError, Problem
from mspctl.model.place import Place
from mspctl.model.playbook import Elsewhere, Module, Parameter, ParameterType
from mspctl.model.suggestion import did_you_mean
from mspctl.parse.checks import checks_powershell, checks_text, read_checks
from mspctl.parse.playbook_parameters import read_parameters
from mspctl.parse.shape import Shape
from mspctl.parse.source import Source
from mspctl.parse.yaml import parse_yaml

PLATFORMS = ("linux", "windows")
_KEYS = (
    "title", "description", "platforms", "needs_root", "libraries", "interruptible", "verify", "timeout",
    "shared_look", "looks_at", "only_with", "changes_with", "reboots", "windows_libraries", "elsewhere",
    "adapters", "parameters", "reports", "checks",
)  # fmt: skip


def parse_module(source: Source, name: str, *, posix: str | None, windows: str | None) -> Module:
    """The module of a folder.

    Raises:
        ConfigurationError: everything that is wrong with `module.yml`, each problem with its place.
    """
    problems: list[Problem] = []
    shape = Shape(parse_yaml(source), source.file, problems)
    shape.only(_KEYS)
    platforms = shape.words("platforms") or ("linux",)
    for platform in platforms:
        if platform not in PLATFORMS:
            shape.problem("platforms", f"`{platform}` is not a platform", f"one of {', '.join(PLATFORMS)}")
    if posix is None and "linux" in platforms:
        shape.problem("platforms", "posix.sh.j2 is missing", "write it, or take linux out of the platforms")
    if posix is not None and not defines("check", posix):
        shape.problem("platforms", "posix.sh.j2 does not define check", "a line `check() {` begins it")
    if windows is None and "windows" in platforms:
        shape.problem(
            "platforms", "windows.ps1.j2 is missing", "write it, or take windows out of the platforms"
        )
    if windows is not None and not defines_function("Check", windows):
        shape.problem(
            "platforms", "windows.ps1.j2 does not define Check", "a line `function Check {` begins it"
        )
    if shape.get("reports") is not None:
        shape.map("reports")
    parameters = read_parameters(shape.map("parameters"))
    checks = read_checks(shape.map("checks"), posix, windows)
    looks_at = shape.words("looks_at")
    _check_paths(shape, looks_at, parameters)
    named = ("only_with", "changes_with", "adapters")
    only_with, changes_with, adapters = (_parameter(shape, key, parameters) for key in named)
    module = Module(
        name=name,
        title=shape.required("title").strip(),
        description=shape.text("description").strip(),
        parameters=parameters,
        posix=None if posix is None else posix + checks_text(checks),
        windows=None if windows is None else windows + checks_powershell(checks),
        platforms=platforms,
        libraries=shape.words("libraries"),
        needs_root=shape.flag("needs_root", default=False),
        interruptible=shape.flag("interruptible", default=True),
        verify=shape.flag("verify", default=True),
        timeout=shape.seconds("timeout"),
        reboots=shape.flag("reboots", default=False),
        shared_look=shape.flag("shared_look", default=False),
        looks_at=looks_at,
        only_with=only_with,
        changes=posix is not None and defines("apply", posix),
        changes_with=changes_with,
        windows_libraries=shape.words("windows_libraries"),
        adapters=adapters,
        windows_changes=windows is not None and defines_function("Apply", windows),
        elsewhere=Elsewhere(shape.one_of("elsewhere", tuple(map(str, Elsewhere)), Elsewhere.REFUSE)),
        checks=checks,
        place=Place(source.file),
    )
    if problems:
        raise ConfigurationError.of(tuple(problems))
    return module


def _parameter(shape: Shape, key: str, parameters: tuple[Parameter, ...]) -> str:
    """The name of a parameter, or empty."""
    named = shape.text(key)
    names = [parameter.name for parameter in parameters]
    if named and named not in names:
        shape.problem(key, f"`{named}` is no parameter", did_you_mean(named, names))
    return named


def _check_paths(shape: Shape, names: tuple[str, ...], parameters: tuple[Parameter, ...]) -> None:
    paths = [parameter.name for parameter in parameters if parameter.type is ParameterType.PATH]
    for name in names:
        if name not in paths:
            shape.problem("looks_at", f"`{name}` is no parameter of type path", did_you_mean(name, paths))


def defines(function: str, posix: str) -> bool:
    """True if a line of the script begins the function: `check() {`."""
    return any(line.replace(" ", "").startswith(f"{function}()") for line in posix.splitlines())


def defines_function(function: str, windows: str) -> bool:
    """True if a line of the PowerShell script begins the function: `function Check {`."""
    return any(line.split() == ["function", function, "{"] for line in windows.splitlines())
