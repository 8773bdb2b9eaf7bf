"""The playbook of `mspctl exec`: one step, one command line."""

import re
import shlex
from collections.abc import Sequence
from types import MappingProxyType

from mspctl.errors import UsageError
from mspctl.model.playbook import Playbook, Step

NAME = "exec"
_END = re.compile(r"\{%[-+]?\s*endraw")


def command_playbook(line: Sequence[str]) -> Playbook:
    """A playbook with `line` as its one step: one word is a line for the shell, several are its words."""
    text = line[0] if len(line) == 1 else shlex.join(line)
    step = Step(name=text[:60], module="command", params=MappingProxyType({"command": _literal(text)}))
    return Playbook(NAME, "one command line", (), (step,))


def _literal(text: str) -> str:
    """What a person typed is no template, whatever is in it (`docker ps --format '{{.Names}}'`)."""
    if not any(mark in text for mark in ("{{", "{%", "{#")):
        return text
    if _END.search(text):
        raise UsageError("the command line holds Jinja's own word `endraw`", hint="write it as a playbook")
    return "{% raw %}" + text + "{% endraw %}"
