"""Compiled templates: playbook values, command lines and module scripts, each under its own rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from jinja2 import Template, nodes
from jinja2.environment import TemplateExpression

from mspctl.render.environment import MAX_TEXT, Sandbox, Unknown, sandbox
from mspctl.render.onewordeach import one_word_each
from mspctl.render.powershell import command_literal, literal, misplaced_value, secret_call
from mspctl.render.quoting import UnfitValueError, command_word, one_word, plain, raw, secret, word
from mspctl.render.shellplace import misplaced


class MisplacedValueError(Exception):
    """An expression of a shell template that stands where a value cannot; `lineno` is its line."""

    def __init__(self, problem: str, lineno: int, hint: str) -> None:
        super().__init__(problem)
        self.lineno = lineno
        self.hint = hint


@dataclass(slots=True)
class _Compiled:
    """What was compiled so far, by source text."""

    values: dict[str, Template | TemplateExpression] = field(default_factory=dict)
    commands: dict[str, Template] = field(default_factory=dict)
    modules: dict[str, Template] = field(default_factory=dict)
    windows: dict[tuple[Sandbox, str], Template] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WindowsSandboxes:
    """The environments of PowerShell text."""

    scripts: Sandbox
    commands: Sandbox


class Templates:
    """Compiles each text once per run. Raises Jinja2's errors, UnfitValueError and MisplacedValueError."""

    def __init__(self, read_file: Callable[[str], str]) -> None:
        self._read_file = read_file
        self._compiled = _Compiled()

    def value(self, source: str, names: Mapping[str, object]) -> object:
        """A single `{{ expression }}` keeps its type; anything else becomes text."""
        compiled = self._compiled.values.get(source)
        if compiled is None:
            compiled = self._compiled.values[source] = _compile_value(self._plain, source)
        if "file(" in source or "template(" in source:
            names = {**names, **self._functions(names)}
        if isinstance(compiled, TemplateExpression):
            found = compiled(names)
            return str(found) if isinstance(found, Unknown) else found
        return _bounded(compiled.render(names))

    def command(self, source: str, names: Mapping[str, object], *, windows: bool = False) -> str:
        """A command line of a playbook."""
        if windows:
            return self._powershell_text(self._windows.commands, source, names)
        return self._shell_text(self._commands, self._compiled.commands, source, names)

    def module(self, source: str, names: Mapping[str, object], *, windows: bool = False) -> str:
        """The script of a module."""
        if windows:
            return self._powershell_text(self._windows.scripts, source, names)
        return self._shell_text(self._scripts, self._compiled.modules, source, names)

    def _shell_text(
        self, environment: Sandbox, compiled: dict[str, Template], source: str, names: Mapping[str, object]
    ) -> str:
        template = compiled.get(source)
        if template is None:
            found = misplaced(environment.lex(source))
            if found:
                raise MisplacedValueError(found.problem, found.line, found.hint)
            template = environment.from_string(one_word_each(environment.parse(source)))
            compiled[source] = _quick(template)
        return _bounded(template.render(names))

    def _powershell_text(self, environment: Sandbox, source: str, names: Mapping[str, object]) -> str:
        template = self._compiled.windows.get((environment, source))
        if template is None:
            found = misplaced_value(environment.lex(source))
            if found:
                raise MisplacedValueError(found.problem, found.line, found.hint)
            template = self._compiled.windows[environment, source] = _quick(environment.from_string(source))
        return _bounded(template.render(names))

    def _functions(self, names: Mapping[str, object]) -> Mapping[str, object]:
        def template(name: str) -> str:
            return _bounded(self._plain.from_string(self._read_file(name)).render(names))

        return {"file": self._read_file, "template": template}

    @cached_property
    def _plain(self) -> Sandbox:
        return sandbox(plain, {})

    @cached_property
    def _commands(self) -> Sandbox:
        return sandbox(command_word, {"raw": raw, "one_word": one_word})

    @cached_property
    def _windows(self) -> "WindowsSandboxes":
        return WindowsSandboxes(
            sandbox(literal, {"raw": raw, "secret": secret_call}), sandbox(command_literal, {"raw": raw})
        )

    @cached_property
    def _scripts(self) -> Sandbox:
        return sandbox(word, {"raw": raw, "secret": secret, "one_word": one_word})


def _compile_value(environment: Sandbox, source: str) -> Template | TemplateExpression:
    body = environment.parse(source).body
    single = len(body) == 1 and isinstance(body[0], nodes.Output) and len(body[0].nodes) == 1
    if single and source.startswith("{{") and source.endswith("}}"):
        inner = source[2:-2].removeprefix("-").removesuffix("-")
        expression = environment.compile_expression(inner, undefined_to_none=False)
        _quick(expression._template)  # noqa: SLF001 - it has no other door
        return expression
    return _quick(environment.from_string(source))


def _quick(template: Template) -> Template:
    """Jinja2 copies a template's globals at each rendering; a plain dict is copied ten times as fast."""
    template.globals = dict(template.globals)
    return template


def _bounded(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise UnfitValueError(f"the text is longer than {MAX_TEXT // 1024} KiB")
    return text
