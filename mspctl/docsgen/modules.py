"""The page about modules, from their folders: what they take, what they say, and the recorded examples."""

from pathlib import Path

from mspctl.docsgen.page import Page, code, page, table
from mspctl.docsgen.parameters import parameter_table
from mspctl.model.playbook import Module
from mspctl.parse.module import parse_module
from mspctl.parse.source import read_source
from mspctl.parse.yaml import parse_yaml
from mspctl.shipped import shipped_folder


def modules_page() -> Page:
    """Each module that comes with mspctl, by name."""
    folders = sorted(path.parent for path in (shipped_folder("templates") / "modules").glob("*/module.yml"))
    return page(
        "reference/modules.md",
        "Modules",
        "A module is one folder below `templates/modules/`. To make one of your own, see"
        " [Write a module](../howto/write-a-module.md).",
        *(part for folder in folders for part in _section(_module(folder), _examples(folder))),
    )


def _module(folder: Path) -> Module:
    return parse_module(
        read_source(folder / "module.yml"),
        folder.name,
        posix=_text(folder / "posix.sh.j2"),
        windows=_text(folder / "windows.ps1.j2"),
    )


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _examples(folder: Path) -> list[str]:
    """What each recorded example shows, in its own words."""
    files = [parse_yaml(read_source(path)) for path in sorted(folder.glob("examples/*.yml"))]
    return [f"- {text}" for file in files for key, text in file.items() if key == "title"]


def _section(module: Module, examples: list[str]) -> tuple[str, ...]:
    return (
        f"## {module.name}",
        f"**{module.title}**",
        module.description,
        parameter_table(module.parameters),
        _checks(module),
        " ".join(_traits(module)),
        "\n".join(["Examples, each of them a test:", "", *examples]) if examples else "",
    )


def _checks(module: Module) -> str:
    rows = [
        (
            code(check.name),
            str(check.severity),
            check.title,
            check.reference,
            check.remedy,
            "yes" if check.mends else f"needs a person: {check.person}" if check.person else "",
        )
        for check in module.checks
    ]
    heads = ["Check", "Severity", "Bad where", "Reference", "Remedy", "`--remediate`"]
    return table(heads, rows) if rows else ""


def _traits(module: Module) -> list[str]:
    traits = [f"Platforms: {', '.join(map(code, module.platforms))}."]
    if module.needs_root:
        traits.append("Needs root.")
    if module.changes_with and (module.changes or module.windows_changes):
        traits.append(f"Only looks, unless {code(module.changes_with)} says otherwise.")
    elif not module.changes:
        traits.append("Only looks; changes nothing.")
    if not module.interruptible:
        traits.append("Is not interrupted by a cancel: stopping half-way would hurt.")
    if module.reboots:
        traits.append("May reboot the host.")
    if module.timeout is not None:
        traits.append(f"Time limit: {module.timeout:g} s.")
    return traits
