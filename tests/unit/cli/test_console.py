"""The only printer: clean text, one document, and a lost stdout that is noticed."""

import io
import json
from typing import Never

from mspctl.cli.console import Console, plain_table
from mspctl.model.secret import Secret
from mspctl.secrets.redact import Redactor


class Full(io.StringIO):
    """A stream on a full disk."""

    def write(self, text: str) -> Never:
        del text
        raise OSError(28, "No space left on device")


def consoles(*, wants_json: bool = False) -> tuple[Console, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    return Console(out, err, wants_json=wants_json), out, err


def test_text_is_escaped_and_lines_stay_lines() -> None:
    console, out, err = consoles()
    console.out("one\ntwo\x1b[2J")
    console.error("three\x07")
    assert out.getvalue() == "one\ntwo\\x1b[2J\n"
    assert err.getvalue() == "three\\x07\n"


def test_secrets_are_taken_out_of_everything() -> None:
    console, out, err = consoles()
    console.redactor = Redactor([Secret("correct-horse")])
    console.out("it is correct-horse")
    console.error("it is correct-horse")
    console.table("", ("a",), [("correct-horse",)])
    console.json({"a": "correct-horse"})
    assert "correct-horse" not in out.getvalue() + err.getvalue()


def test_where_json_is_wanted_text_goes_to_stderr() -> None:
    console, out, err = consoles(wants_json=True)
    console.out("for people")
    console.table("title", ("a",), [("b",)])
    console.json({"text": "ü\u202e\x1b"})
    assert json.loads(out.getvalue()) == {"text": "ü\u202e\x1b"}
    assert out.getvalue().isascii()
    assert "for people" in err.getvalue()


def test_a_stdout_that_fails_is_remembered_and_not_asked_again() -> None:
    err = io.StringIO()
    console = Console(Full(), err)
    console.out("lost")
    console.out("lost again")
    assert console.lost == "No space left on device"
    console.error("still here")
    assert err.getvalue() == "still here\n"


def test_a_closed_stdout_matters_only_once_something_is_to_be_said() -> None:
    console = Console(None, None)
    assert console.lost == ""
    console.out("anything")
    assert console.lost == "Bad file descriptor"
    console.error("nobody hears")


def test_tables_without_a_terminal_are_plain_and_aligned() -> None:
    assert plain_table("", ("host", "n"), [("web1", "1"), ("a", "22")]) == "HOST  N\nweb1  1\na     22"
