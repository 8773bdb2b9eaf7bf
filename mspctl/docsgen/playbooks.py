"""The page about playbooks: the words of the language, and the playbooks that come with mspctl."""

from collections.abc import Mapping

from mspctl.docsgen.page import Page, block, code, page, prose, table
from mspctl.docsgen.parameters import parameter_table
from mspctl.model.playbook import ConditionKind, OnFailure, ParameterType, Playbook
from mspctl.parse.playbook import parse_playbook
from mspctl.parse.playbook_conditions import FACTS
from mspctl.parse.source import read_source
from mspctl.shipped import shipped_folder

PLAYBOOK_WORDS: Mapping[str, str] = {
    "name": "The same as the file's name. Required.",
    "description": "What it does, for people.",
    "window": "The [window](../howto/patch-policy.md#windows) that it obeys; none if not set.",
    "service": "What a client has to have bought: `--all` leaves out clients whose contract lacks it.",
    "params": "What `-e name=value` may set, with types and defaults.",
    "steps": "What is done on each host, in this order. Required.",
    "handlers": "Steps that others notify.",
}

STEP_WORDS: Mapping[str, str] = {
    "name": "What the step is called on screen, in the log and in conditions. Unique and required.",
    "module": "The [module](modules.md) that does it. Required.",
    "params": "What the module is told. Text may hold templates, see [below](#templates).",
    "when": "A list of conditions, all of which must hold.",
    "tags": "Words by which `--step-tags` and `--skip-step-tags` choose steps.",
    "timeout": "The step's limit in seconds.",
    "on_failure": "`stop` (the default): the host's remaining steps are not reached. `continue`: they are.",
    "notify": "Handlers to run at the end of the playbook if this step changed the host.",
}

TYPES: Mapping[ParameterType, str] = {
    ParameterType.TEXT: "Text, in one line or several.",
    ParameterType.INTEGER: "A whole number.",
    ParameterType.BOOLEAN: "`true` or `false`.",
    ParameterType.LIST: "A list of texts.",
    ParameterType.CHOICE: "One of the words in `choices`.",
    ParameterType.PATH: "An absolute path on the host.",
    ParameterType.MODE: "File permissions as octal digits, such as `0644`.",
    ParameterType.SHELL: "A command line; each value templated into it is quoted for the shell.",
    ParameterType.SECRET: "A reference such as `env:NAME` or `file:PATH`, never the secret itself.",
    ParameterType.SECONDS: "A time in seconds.",
}

CONDITIONS: Mapping[ConditionKind, str] = {
    ConditionKind.FACT: "a fact that the bundle finds on the host before its first step; decided on the host",
    ConditionKind.STEP: "the status of an earlier step of the same playbook; decided on the host",
    ConditionKind.VARIABLE: "a variable of the inventory; decided while compiling",
    ConditionKind.HOST: "`platform`, which is `linux` or `windows`; decided while compiling",
}

EXAMPLE = """
name: motd
description: Greet whoever logs in.
params:
  greeting:
    type: text
    default: Looked after by your provider
steps:
  - name: greeting
    module: file
    params:
      path: /etc/motd
      content: "{{ params.greeting }}\\n"
    when:
      - fact: os_family
        is: debian
"""

NAMED: Mapping[str, str] = {
    "params": "the playbook's parameters, with what `-e` gave: `{{ params.scope }}`",
    "vars": "the host's variables from the inventory: `{{ vars.service }}`",
    "host": "`name`, `address`, `os`, `tags`, `client`, `user`, `login` (key, password, none) of the host",
    "site": "`name` of the site",
    "client": "`slug`, `name` and `timezone` of the client",
    "policy": "the host's patch policy from the inventory, resolved: `{{ policy.scope }}`, `policy.rules`, …",
    "backup": "the host's backup from the inventory: `{{ backup.repository }}`, `backup.sources`, …",
    "security": "what the inventory declares and waives: `{{ security.ports }}`, `security.waived`, …",
}

TEMPLATES = """
Parameters of steps are rendered once for each host, before any connection. A name that is not defined is an
error, and then no host is touched. Nothing that a host said can be named.
"""

INTRODUCTION = """
A playbook is a file `playbooks/<name>.yml`: data, without loops or expressions. What depends on a host's
facts is decided on the host, and everything else before the first connection.
"""


def playbooks_page() -> Page:
    """The language, then each shipped playbook."""
    paths = sorted(shipped_folder("playbooks").glob("*.yml"))
    return page(
        "reference/playbooks.md",
        "Playbooks",
        prose(INTRODUCTION),
        block("yaml", EXAMPLE.strip()),
        "## Words of a playbook",
        table(["Word", "Meaning"], [(code(word), meaning) for word, meaning in PLAYBOOK_WORDS.items()]),
        "## Words of a step",
        table(["Word", "Meaning"], [(code(word), meaning) for word, meaning in STEP_WORDS.items()]),
        f"`on_failure` is one of {', '.join(map(code, OnFailure))}. A handler is a step without `tags` and"
        " `notify`; each runs at most once, in the order in which the playbook lists them.",
        "## Templates",
        prose(TEMPLATES),
        table(["Name", "Stands for"], [(code(name), what) for name, what in NAMED.items()]),
        "## Conditions",
        "Each condition has one of these, and `is` or `is_not` with a value or a list of values:",
        table(["Word", "Asks"], [(code(kind), asks) for kind, asks in CONDITIONS.items()]),
        f"The facts are {', '.join(map(code, FACTS))}.",
        "## Types of parameters",
        table(["Type", "Holds"], [(code(kind), holds) for kind, holds in TYPES.items()]),
        "## Shipped playbooks",
        *(part for path in paths for part in _section(parse_playbook(read_source(path), path.stem))),
    )


def _section(playbook: Playbook) -> tuple[str, ...]:
    steps = [
        (step.name, f"[{step.module}](modules.md#{step.module})", ", ".join(sorted(step.tags)))
        for step in (*playbook.steps, *playbook.handlers)
    ]
    return (
        f"### {playbook.name}",
        playbook.description,
        parameter_table(playbook.parameters),
        table(["Step", "Module", "Tags"], steps),
    )
