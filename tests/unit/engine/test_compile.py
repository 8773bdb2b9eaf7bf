"""A plan is complete before any connection: right for all hosts, or refused for all."""

from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError, UsageError
from mspctl.model.inventory import Deadlines
from mspctl.model.patching import PatchPolicy
from mspctl.model.secret import SecretRef
from mspctl.model.value import Value
from mspctl.shipped import shipped_folder
from tests.unit.compiling import SAY, SAY_SCRIPT, Project, host, without_root

TWO_STEPS = """\
params:
  who: {type: text, default: me}
steps:
  - {name: One, module: say, params: {text: "{{ params.who }}"}, tags: [first], notify: [Later]}
  - {name: Two, module: say, params: {text: two}, tags: [second], when: [{step: One, is: ok}]}
  - {name: Three, module: say, params: {text: three}, tags: [first, always]}
handlers:
  - {name: Later, module: say, params: {text: later}}
  - {name: Never, module: say, params: {text: never}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def problems(project: Project, *hosts: object, **options: object) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        project.compile(*hosts, **options)  # type: ignore[arg-type]
    return str(caught.value).splitlines()


def two_steps(project: Project) -> None:
    project.playbook(TWO_STEPS.replace("notify: [Later]", "notify: [Later, Never]"))


def test_all_names_reach_the_templates(project: Project) -> None:
    project.step(
        'text: "{{ client.slug }} {{ client.name }} {{ client.timezone }} {{ site.name }} {{ host.name }} '
        '{{ host.address }} {{ host.tags | join }} {{ host.client }} {{ vars.x }}"\nwords: "{{ vars.list }}"'
    )
    body = project.body({"x": 5, "list": ("a b", "c")})
    assert "printf '%s\\n' 'acme Acme Dental Europe/Berlin hq web1 192.0.2.1 web acme 5' 'a b' 'c'\n" in body


def test_a_step_without_what_it_is_for_is_left_out(project: Project) -> None:
    project.module("say", f"{SAY}only_with: words\n", SAY_SCRIPT)
    project.step('text: hello\nwords: "{{ policy.probes }}"')
    empty = host("web1")
    probed = replace(host("web2"), patching=PatchPolicy(probes=("port:22",)))
    steps = [bundle.steps[0] for bundle in project.compile(empty, probed).bundles]
    assert [step.skipped for step in steps] == ["without words there is nothing to do", ""]
    assert "'port:22'" in steps[1].body


def test_indexes_are_consecutive_and_handlers_last(project: Project) -> None:
    two_steps(project)
    steps = project.compile().bundles[0].steps
    assert [(step.index, step.name, step.handler) for step in steps] == [
        (0, "One", False),
        (1, "Two", False),
        (2, "Three", False),
        (3, "Later", True),
        (4, "Never", True),
    ]
    assert steps[0].notifies == (3, 4)


def test_tags_choose_steps_and_handlers_follow(project: Project) -> None:
    two_steps(project)
    names = [step.name for step in project.compile(tags=("first",)).bundles[0].steps]
    assert names == ["One", "Three", "Later", "Never"]
    names = [step.name for step in project.compile(skip_tags=("second", "always")).bundles[0].steps]
    assert names == ["One", "Later", "Never"]


def test_an_unknown_tag_is_refused(project: Project) -> None:
    two_steps(project)
    with pytest.raises(UsageError, match="has the tag fisrt") as caught:
        project.compile(tags=("fisrt",))
    assert "did you mean first?" in str(caught.value)


def test_tags_that_leave_no_step_are_refused(project: Project) -> None:
    two_steps(project)
    with pytest.raises(UsageError, match="leave no step"):
        project.compile(tags=("first",), skip_tags=("first", "always"))


def test_a_step_cannot_ask_for_one_that_the_tags_leave_out(project: Project) -> None:
    two_steps(project)
    found = problems(project, tags=("second",))
    assert len(found) == 1
    assert "Two: it asks what became of `One`, which the tags leave out" in found[0]


def test_the_same_problem_on_many_hosts_is_one(project: Project) -> None:
    project.step('text: "{{ vars.x }}"\nwords: "{{ vars.y }}"')
    hosts = [host(f"web{number}", variables={"y": "a"}) for number in range(50)]
    odd = host("odd", variables={"x": "a", "y": 5})
    found = problems(project, *hosts, odd)
    named = "[on acme/web0, acme/web1, acme/web2, acme/web3, acme/web4 and 45 more]"
    assert len(found) == 2
    assert found[0].startswith(f"{project.folder}/playbooks/try.yml:6:13: Say.text: x is not defined {named}")
    assert "Say.words: expected a list, found the number 5 [on acme/odd]" in found[1]


def test_mistakes_in_the_playbook_come_together_and_once(project: Project) -> None:
    project.playbook(
        "steps:\n  - {name: A, module: sya}\n  - {name: B, module: say, params: {txt: a}}\n"
        "  - {name: C, module: say, params: {text: a, loud: maybe}}\n"
    )
    found = problems(project, host("a"), host("b"))
    assert len(found) == 4
    assert "there is no module `sya` (did you mean say?)" in found[0]
    assert "the module say has no parameter `txt` (did you mean text?)" in found[1]
    assert "B: the module say needs the parameter `text`" in found[2]
    assert "try.yml:5:52: C.loud: expected true or false, found 'maybe'" in found[3]


def test_playbook_parameters_are_typed_and_checked(project: Project) -> None:
    project.playbook(TWO_STEPS.replace("  - {name: Never, module: say, params: {text: never}}\n", ""))
    assert "'you'" in project.compile(params={"who": "you"}).bundles[0].steps[0].body
    found = problems(project, params={"whom": "you", "who": ("a",)})
    assert "has no parameter `whom` (did you mean who?)" in found[0]
    assert "params.who: expected text, found a list" in found[1]


def test_a_variable_condition_keeps_the_step_with_its_reason(project: Project) -> None:
    project.step("text: a", '    when: [{var: managed, is_not: "no"}]\n')
    plan = project.compile(host("a"), host("b", variables={"managed": "no"}))
    kept, dropped = (bundle.steps[0] for bundle in plan.bundles)
    assert (kept.guard, kept.skipped) == (":", "")
    assert dropped.skipped == "variable managed is no"
    assert dropped.guard == "_why='variable managed is no'\nreturn 1"
    assert plan.bundles[0].exclusive
    assert not plan.bundles[1].exclusive


def test_a_step_that_needs_root_refuses_a_host_without(project: Project) -> None:
    project.module("say", f"{SAY}needs_root: true\n", SAY_SCRIPT)
    project.step("text: a")
    found = problems(project, host("web1"), without_root("web2"))
    assert len(found) == 1
    assert "the step needs root, which the host's settings do not give [on acme/web2]" in found[0]
    assert "become: sudo" in found[0]


def test_a_module_for_another_platform_is_refused(project: Project) -> None:
    project.step("text: a")
    assert (
        "the module say is not for windows [on acme/dc1]" in problems(project, host("dc1", os="windows"))[0]
    )


def test_the_nearest_time_limit_counts(project: Project) -> None:
    project.step("text: a")
    slow = replace(host(), access=replace(host().access, deadlines=Deadlines(step=42.0)))
    assert project.compile(slow).bundles[0].steps[0].timeout == 42.0
    project.module("say", f"{SAY}timeout: 5m\n", SAY_SCRIPT)
    assert project.compile(slow).bundles[0].steps[0].timeout == 300.0
    project.step("text: a", "    timeout: 10s\n")
    assert project.compile(slow).bundles[0].steps[0].timeout == 10.0


def test_secrets_are_shared_by_reference(project: Project) -> None:
    project.playbook(
        "steps:\n  - {name: A, module: say, params: {text: a, password: 'env:A'}}\n"
        "  - {name: B, module: say, params: {text: a, password: 'file:b'}}\n"
        "  - {name: C, module: say, params: {text: a, password: '{{ vars.pw }}'}}\n"
    )
    bundle = project.compile(host(variables={"pw": "env:A"})).bundles[0]
    assert bundle.secrets == (SecretRef("env", "A"), SecretRef("file", "b"))
    assert ["secret_0" in step.body for step in bundle.steps] == [True, False, True]
    assert dict(bundle.steps[0].params)["password"] == "env:A"


def test_a_host_is_the_same_whatever_secret_the_one_before_it_has(project: Project) -> None:
    """Else a run over both could not be resumed for the second alone."""
    project.step("text: a\npassword: '{{ vars.pw }}'")
    second = host("web2", variables={"pw": "env:B"})
    (_, beside), (alone,) = (
        project.compile(*hosts).bundles for hosts in ((host(variables={"pw": "env:A"}), second), (second,))
    )
    assert dict(beside.steps[0].params)["password"] == "env:B"
    assert beside == alone


def test_a_host_is_the_same_whether_or_not_the_one_before_it_is_changed(project: Project) -> None:
    project.module("say", f"{SAY}changes_with: words\n", SAY_SCRIPT)
    project.step("text: a\nwords: '{{ vars.words }}'")
    first, second = host(variables={"words": ()}), host("web2", variables={"words": ("x",)})
    assert project.compile(first, second).bundles[1] == project.compile(second).bundles[0]


def test_the_digest_covers_what_decides(project: Project) -> None:
    project.step('text: "{{ vars.x }}"')
    first = project.compile(host(variables={"x": "a"}))
    assert project.compile(host(variables={"x": "a", "y": "b"})).digest == first.digest
    assert len(first.digest) == 64
    others = [
        project.compile(host(variables={"x": "b"})),
        project.compile(host("web2", variables={"x": "a"})),
        project.compile(host(variables={"x": "a"}), check_mode=True),
        project.compile(replace(host(variables={"x": "a"}), access=replace(host().access, port=23))),
        project.compile(host(variables={"x": "a"}), host("web2", variables={"x": "a"})),
    ]
    assert len({first.digest, *(plan.digest for plan in others)}) == 6


def test_libraries_come_once_and_only_where_needed(project: Project) -> None:
    library = project.library().shell("lib/apt")
    project.module("say", f"{SAY}libraries: [apt]\n", SAY_SCRIPT)
    project.playbook(
        "steps:\n  - {name: A, module: say, params: {text: a}, when: [{var: x, is: a}]}\n"
        "  - {name: B, module: say, params: {text: a}, when: [{var: x, is: a}]}\n"
    )
    plan = project.compile(host("a", variables={"x": "a"}), host("b"))
    assert [bundle.libraries for bundle in plan.bundles] == [(library,), ()]


def test_parameters_are_shown_short(project: Project) -> None:
    project.step(f'text: "{"x" * 99}"\nwords: [a, b]\nloud: true')
    params = dict(project.compile().bundles[0].steps[0].params)
    assert (len(params["text"]), params["words"], params["loud"]) == (60, "a, b", "true")


def test_files_of_the_project_are_read_while_compiling(project: Project) -> None:
    (project.folder / "files").mkdir()
    (project.folder / "files" / "motd.j2").write_text("on {{ host.name }}: {{ vars.x }}\n")
    project.step("text: \"{{ template('motd.j2') }}\"")
    assert "'on web1: {{ no }}\n'" in project.body({"x": "{{ no }}"})


def test_what_differs_between_hosts_is_rendered_for_each(project: Project) -> None:
    texts = ("{{ host.name }}", "{{ vars['x'] }}", "{{ template('t') }}", "{% set h = host %}{{ h.name }}")
    (project.folder / "files").mkdir()
    (project.folder / "files" / "t").write_text("{{ host.name }}")
    hosts = [host(name, variables={"x": name}) for name in ("web1", "web2")]
    for text in texts:
        project.step(f'text: "{text}"')
        bodies = [bundle.steps[0].body for bundle in project.compile(*hosts).bundles]
        assert ["'web1'" in bodies[0], "'web2'" in bodies[1]] == [True, True]


def test_the_policy_is_there_without_an_inventory_that_speaks_of_it(project: Project) -> None:
    project.step('text: "{{ policy.scope }} {{ policy.rules | length }} {{ policy.approval }}"')
    bodies = {bundle.steps[0].body for bundle in project.compile(host("web1"), host("web2")).bundles}
    assert len(bodies) == 1
    assert "'all 0 none'" in bodies.pop()


@pytest.mark.parametrize(("given", "scope"), [({}, "all"), ({"scope": "security"}, "security")])
def test_the_command_line_has_the_last_word_over_the_policy(
    project: Project, given: dict[str, Value], scope: str
) -> None:
    project.playbook((shipped_folder("playbooks") / "patch.yml").read_text().partition("\n")[2])
    steps = project.compile(params=given).bundles[0].steps
    params = dict(next(step for step in steps if step.name == "Upgrade packages").params)
    assert (params["scope"], params["allow_removals"], params["approval"]) == (scope, "false", "none")


def test_a_module_that_changes_only_what_is_named_only_looks_without_a_name(project: Project) -> None:
    project.module("say", f"{SAY}changes_with: words\n", SAY_SCRIPT)
    project.step("text: hello")
    assert not project.compile().bundles[0].exclusive
    project.step("text: hello\nwords: [loud]")
    assert project.compile().bundles[0].exclusive
    project.module("say", f"{SAY}changes_with: wrods\n", SAY_SCRIPT)
    with pytest.raises(ConfigurationError, match="`wrods` is no parameter"):
        project.compile()
