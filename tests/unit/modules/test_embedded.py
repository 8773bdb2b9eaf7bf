"""Python that travels in a shell library runs with the interpreter of the host's dnf: 3.6 on RHEL 8."""

import ast

import pytest

from mspctl.shipped import shipped_folder


@pytest.mark.parametrize(
    ("library", "name"), [("dnfscan", "DNF_ASK"), ("dnfmend", "DNF_MEND"), ("dnfundo", "DNF_UNDO")]
)
def test_a_question_to_dnf_is_python_of_rhel_8_and_holds_between_quotes(library: str, name: str) -> None:
    text = (shipped_folder("templates") / f"bundle/posix/lib/{library}.sh").read_text("utf-8")
    program, quote, rest = text.partition(f"\n{name}='\n")[2].partition("'")
    assert (quote, rest) == ("'", "\n")
    ast.parse(program, feature_version=(3, 6))
