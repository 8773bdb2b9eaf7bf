"""Python that travels in a shell library runs with the interpreter of the host's dnf: 3.6 on RHEL 8."""

import ast

from mspctl.shipped import shipped_folder

_BEGIN = "\nDNF_ASK='\n"


def test_the_question_to_dnf_is_python_of_rhel_8_and_holds_between_single_quotes() -> None:
    text = (shipped_folder("templates") / "bundle/posix/lib/dnfscan.sh").read_text("utf-8")
    program, quote, rest = text.partition(_BEGIN)[2].partition("'")
    assert (quote, rest) == ("'", "\n")
    ast.parse(program, feature_version=(3, 6))
