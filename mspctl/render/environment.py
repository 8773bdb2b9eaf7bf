"""The template language of playbooks and modules: a sandbox in which a name is defined or an error."""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import StrictUndefined
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mspctl.model.suggestion import did_you_mean

MAX_TEXT = 1024 * 1024
"""Characters of one rendered text; nothing that people write for a host comes near."""


class Unknown(StrictUndefined):
    """A name that is not defined; its message has a second line, the hint, if other names are known."""

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        known, name = self._undefined_obj, str(self._undefined_name)
        hint = did_you_mean(name, known) if isinstance(known, Mapping) else ""
        return f"{name} is not defined\n{hint}"


class Sandbox(ImmutableSandboxedEnvironment):
    """No loops without bounds, no attributes of Python objects, no names but those given."""

    intercepted_binops = frozenset({"*", "**"})

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401 - Jinja2's signature
        """`vars.items` is the variable `items`, never a method of a Python dict."""
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def call_binop(self, rendering: Any, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - as above
        """Multiply numbers only: `'a' * 10**9` costs memory, not letters."""
        if operator == "**" or not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise SecurityError(
                f"{operator} is for numbers only here" if operator == "*" else "** is not available"
            )
        return super().call_binop(rendering, operator, left, right)


def sandbox(finalize: Callable[[object], str], filters: Mapping[str, Callable[..., object]]) -> Sandbox:
    """An environment that puts each value through `finalize`.

    Comments are `{## … ##}`, because `${#name}` is shell.
    """
    environment = Sandbox(
        undefined=Unknown,
        finalize=lambda value: finalize(_defined(value)),
        # What we write is shell text and configuration files, not HTML; `finalize` does the quoting.
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        newline_sequence="\n",
        comment_start_string="{##",
        comment_end_string="##}",
        cache_size=0,
    )
    names = environment.globals
    environment.globals = {"range": names["range"]}
    environment.filters |= filters
    return environment


def _defined(value: object) -> object:
    if isinstance(value, Unknown):
        str(value)  # raises: a StrictUndefined has no text
    return value
