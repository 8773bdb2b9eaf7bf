"""The Renderer on Jinja2: each text is rendered once; what comes out is never a template again."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from mspctl.errors import ConfigurationError
from mspctl.model.place import Place
from mspctl.model.playbook import Module
from mspctl.model.value import Value
from mspctl.ports import SecretSlot

if TYPE_CHECKING:
    from mspctl.render.guarded import GuardedTemplates

_MARKS = ("{{", "{%", "{##")

ReadFile = Callable[[str], str]
"""The text of a file in the project's `files/` folder, by its name there. Raises ConfigurationError."""


class JinjaRenderer:
    """Renders for one run; keeps compiled templates. Jinja2 is imported by the first text that needs it.

    `read_file` serves `{{ file('motd') }}` and `{{ template('motd.j2') }}`.
    """

    def __init__(self, read_file: ReadFile | None = None) -> None:
        self._read_file = read_file or _no_files

    def constant(self, source: str) -> bool:
        """True if the text is no template: rendering it gives itself."""
        return not any(mark in source for mark in _MARKS)

    def value(self, source: str, names: Mapping[str, object], *, place: Place | None) -> object:
        """Render a playbook's parameter; a single `{{ expression }}` keeps its type.

        Raises:
            ConfigurationError: an undefined name, wrong syntax, a value that does not fit; at `place`.
        """
        return source if self.constant(source) else self._templates.value(source, names, place)

    def shell_text(
        self, source: str, names: Mapping[str, object], *, place: Place | None, windows: bool = False
    ) -> str:
        """Render a command line; every value put in is quoted for the shell. Raises as `value`."""
        if self.constant(source):
            return source
        return self._templates.command(source, names, place, windows=windows)

    def module(
        self, module: Module, params: Mapping[str, Value | SecretSlot], *, windows: bool = False
    ) -> str:
        """Render a module's script; every value put in is quoted for sh, with `windows` for PowerShell.

        Raises:
            ConfigurationError: as `value`, with the place in the module's template.
        """
        return self._templates.module(module, params, windows=windows)

    @cached_property
    def _templates(self) -> "GuardedTemplates":
        from mspctl.render.guarded import GuardedTemplates  # noqa: PLC0415 - Jinja2 would cost every command's start

        return GuardedTemplates(self._read_file)


def _no_files(name: str) -> str:
    raise ConfigurationError(f"there is no file {name}: this run has no project folder")
