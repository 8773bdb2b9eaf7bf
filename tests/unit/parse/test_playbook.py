import pytest

from mspctl.errors import ConfigurationError
from mspctl.model.place import Place
from mspctl.model.playbook import Condition, ConditionKind, OnFailure, Parameter, ParameterType, Playbook
from mspctl.parse.playbook import parse_playbook
from mspctl.parse.source import source_of

WHOLE = """\
name: patch
description: Upgrades packages.
params:
  scope: {type: choice, choices: [all, security], default: all, help: What to upgrade}
  reason: {type: text, required: true}
steps:
  - name: Refresh package lists
    module: packages
    params: {action: refresh}
  - name: Upgrade packages
    module: packages
    params:
      action: upgrade
      names: [nginx, "1.10"]
      scope: "{{ params.scope }}"
    when:
      - {fact: os_family, is: [debian, redhat]}
      - {var: managed_packages, is_not: "no"}
      - {step: Refresh package lists, is: [ok, changed]}
    tags: [packages]
    timeout: 1h
    on_failure: continue
    notify: [Restart web]
handlers:
  - name: Restart web
    module: service
    params: {name: nginx, state: restarted}
"""
STEP = "name: patch\nsteps:\n  - {name: A, module: m"


def parse(text: str, name: str = "patch") -> Playbook:
    return parse_playbook(source_of(text.encode(), "playbooks/patch.yml"), name)


def problems(text: str, name: str = "patch") -> str:
    with pytest.raises(ConfigurationError) as caught:
        parse(text, name)
    return str(caught.value)


def test_a_whole_playbook_is_read() -> None:
    playbook = parse(WHOLE)
    assert playbook.parameters == (
        Parameter(
            "scope", ParameterType.CHOICE, default="all", choices=("all", "security"), help="What to upgrade"
        ),
        Parameter("reason", ParameterType.TEXT, required=True),
    )
    step = playbook.steps[1]
    assert step.when == (
        Condition(ConditionKind.FACT, "os_family", ("debian", "redhat")),
        Condition(ConditionKind.VARIABLE, "managed_packages", ("no",), negated=True),
        Condition(ConditionKind.STEP, "Refresh package lists", ("ok", "changed")),
    )
    assert step.params == {"action": "upgrade", "names": ("nginx", "1.10"), "scope": "{{ params.scope }}"}
    assert (step.tags, step.timeout, step.on_failure) == (frozenset({"packages"}), 3600.0, OnFailure.CONTINUE)
    assert step.notify == ("Restart web",)
    assert playbook.handlers[0].module == "service"


def test_values_know_their_place() -> None:
    step = parse(WHOLE).steps[1]
    assert step.place == Place("playbooks/patch.yml", 10, 5)
    assert step.place_of("scope") == Place("playbooks/patch.yml", 15, 14)
    assert step.place_of("other") == step.place


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name: patch\n", "the playbook has no steps"),
        ("name: patch\nsteps: []\n", "has no steps"),
        ("steps:\n  - {name: A, module: m}\n", "`name` is missing"),
        ("name: other\nsteps:\n  - {name: A, module: m}\n", "its file `patch.yml`"),
        (f"{STEP}}}\nstep: 1\n", "did you mean steps?"),
        (f"{STEP}, parms: {{}}}}\n", "patch.yml:3:26: steps[0]: the key `parms` is not known"),
        ("name: patch\nsteps:\n  - {name: A}\n", "`module` is missing"),
        ("name: patch\nsteps:\n  - {module: m}\n", "`name` is missing"),
        ("name: patch\nsteps:\n  - A\n", "expected a list of maps"),
        (
            f"{STEP}}}\n  - {{name: A, module: m}}\n",
            "the name `A` is taken by the step at playbooks/patch.yml:3:5",
        ),
        (f"{STEP}, notify: [B]}}\n", "there is no handler `B`"),
        (f"{STEP}}}\nhandlers:\n  - {{name: B, module: m}}\n", "no step notifies the handler `B`"),
        (
            f"{STEP}, notify: B}}\nhandlers:\n  - {{name: B, module: m, notify: B}}\n",
            "`notify` is not known here",
        ),
        (f"{STEP}, timeout: soon}}\n", "not a length of time"),
        (f"{STEP}, timeout: 0}}\n", "not a length of time"),
        (f"{STEP}, on_failure: ignore}}\n", "not one of stop, continue"),
        (f"{STEP}, params: [a]}}\n", "expected a map"),
        (f"{STEP}, tags: {{a: b}}}}\n", "expected a list of texts"),
        (f"{STEP}, when: [{{fact: os_famly, is: debian}}]}}\n", "did you mean os_family?"),
        (f"{STEP}, when: [{{fact: os_family}}]}}\n", "one of is, is_not"),
        (f"{STEP}, when: [{{is: debian}}]}}\n", "one of fact, step, var"),
        (f"{STEP}, when: [{{host: os, is: linux}}]}}\n", "`os` is not a property of a host"),
        (f"{STEP}, when: [{{host: platform, is: window}}]}}\n", "`window` is not a platform"),
        (f"{STEP}, when: [{{fact: pkg, var: x, is: apt}}]}}\n", "one of fact, step, var"),
        (f"{STEP}, when: [{{var: x, is: []}}]}}\n", "a text or a list of texts"),
        (f"{STEP}, when: [{{step: A, is: ok}}]}}\n", "no earlier step is called `A`"),
        (f"{STEP}}}\n  - {{name: B, module: m, when: [{{step: A, is: okay}}]}}\n", "`okay` is not a status"),
    ],
)
def test_mistakes_are_named(text: str, problem: str) -> None:
    assert problem in problems(text)


def test_all_problems_come_together() -> None:
    found = problems(f"{STEP}, timeout: soon, on_failure: maybe, tag: x}}\n").splitlines()
    assert len(found) == 3
    assert all(line.startswith("playbooks/patch.yml:3:") for line in found)


@pytest.mark.parametrize(
    ("parameter", "problem"),
    [
        ("{type: txt}", "did you mean text?"),
        ("{type: choice}", "a choice needs `choices`"),
        ("{type: text, choices: [a]}", "a choice needs `choices`"),
        ("{type: choice, choices: [a], default: b}", "is not one of a"),
        ("{type: text, required: true, default: b}", "a required parameter has no default"),
        ("{type: int, default: many}", "expected a whole number"),
        ("{type: secret, default: hunter2}", "a secret has no default"),
        ("{required: maybe}", "expected true or false"),
        ("", "needs at least its type"),
        ("text", "expected a map"),
    ],
)
def test_parameters_are_checked(parameter: str, problem: str) -> None:
    found = problems(f"name: patch\nparams:\n  scope: {parameter}\nsteps:\n  - {{name: A, module: m}}\n")
    assert problem in found
    assert "hunter2" not in found


def test_true_is_spelled_one_way_in_conditions() -> None:
    playbook = parse(f"{STEP}, when: [{{var: x, is: [True, 'True', 5]}}]}}\n")
    assert playbook.steps[0].when[0].values == ("true", "True", "5")
