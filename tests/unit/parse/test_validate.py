"""The shape of the files: whatever stands in them, the answer is a value or problems with places."""

import json

from hypothesis import given
from hypothesis import strategies as st

from mspctl.model.place import Place
from mspctl.parse.files import ClientFile, HostBlock, ProviderFile, SiteBlock, TaggedSettings, Timeouts
from mspctl.parse.policyfiles import HoldBlock, PatchingBlock, WaveBlock
from mspctl.parse.validate import validate
from mspctl.parse.yaml import parse_yaml_text

KEYS = st.sampled_from(
    sorted(
        {
            *ClientFile.model_fields,
            *ProviderFile.model_fields,
            *SiteBlock.model_fields,
            *HostBlock.model_fields,
            *TaggedSettings.model_fields,
            *Timeouts.model_fields,
            *PatchingBlock.model_fields,
            *HoldBlock.model_fields,
            *WaveBlock.model_fields,
            "rrule",
            "start",
            "duration",
            "from",
            "to",
            "plan",
            "[key]",
            "a.b",
            "x y",
        }
    )
)
TEXTS = st.text(max_size=8).filter(str.isprintable)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | KEYS
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)
CANARY = "hunter2CANARY"


@given(st.dictionaries(KEYS, TREES, max_size=8), st.sampled_from([ClientFile, ProviderFile]))
def test_any_tree_is_taken_or_refused_with_places(
    tree: dict[str, object], model: type[ClientFile] | type[ProviderFile]
) -> None:
    root = parse_yaml_text(json.dumps(tree, ensure_ascii=False), "f.yml")
    answer = validate(model, root, "f.yml")
    if isinstance(answer, tuple):
        assert answer
        for problem in answer:
            assert isinstance(problem.place, Place)
            assert problem.place.line == 1
            assert problem.problem
            assert "does not fit (" not in problem.problem, "a kind of error without words of its own"
            assert str(problem).isprintable()


SECRETS = st.sampled_from(["password", "identity", "identity_passphrase", "become_password"])
WRAPPED = st.recursive(
    st.just(CANARY),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=2) | st.dictionaries(KEYS, inner, min_size=1, max_size=2)
    ),
    max_leaves=4,
)


@given(SECRETS, WRAPPED)
def test_no_problem_holds_what_stood_under_a_secret(key: str, value: object) -> None:
    tree = {"client": "acme", "defaults": {key: value}, "sites": {"hq": {"hosts": {"a": {}}}}}
    answer = validate(ClientFile, parse_yaml_text(json.dumps(tree, ensure_ascii=False), "f.yml"), "f.yml")
    assert isinstance(answer, tuple)
    assert CANARY not in repr(answer)
