"""The playbook of `mspctl exec`: one step, one command line."""

import shlex
from collections.abc import Sequence
from types import MappingProxyType

from mspctl.model.playbook import Playbook, Step

NAME = "exec"


def command_playbook(line: Sequence[str]) -> Playbook:
    """A playbook with `line` as its one step: one word is a line for the shell, several are its words."""
    text = line[0] if len(line) == 1 else shlex.join(line)
    step = Step(name=text[:60], module="command", params=MappingProxyType({"command": text}))
    return Playbook(NAME, "one command line", (), (step,))
