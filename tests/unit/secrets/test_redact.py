"""The redactor finds every form of a secret, over every edge of chunks."""

import base64
import json
import shlex
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mspctl.model.secret import Secret
from mspctl.secrets.redact import BLOTS, MINIMUM, Redactor

WORD = "s3cret/pa+ss 'word\"ü&"
SECRETS = st.lists(st.binary(min_size=MINIMUM, max_size=24), min_size=1, max_size=4)
NOISE = st.binary(max_size=40)


def redactor(*secrets: str | bytes) -> Redactor:
    return Redactor([Secret(secret) for secret in secrets])


@pytest.mark.parametrize(
    "form",
    [
        WORD,
        base64.b64encode(WORD.encode()).decode(),
        base64.urlsafe_b64encode(WORD.encode()).decode().rstrip("="),
        urllib.parse.quote(WORD),
        urllib.parse.quote(WORD, safe=""),
        urllib.parse.quote_plus(WORD),
        shlex.quote(WORD),
        json.dumps(WORD),
        json.dumps(WORD, ensure_ascii=False),
        repr(WORD),
        repr(WORD.encode()),
    ],
)
def test_each_form_is_blotted_out(form: str) -> None:
    shown = redactor(WORD).text(f"before {form} after")
    assert shown.startswith("before ")
    assert shown.endswith(" after")
    assert "pa+ss" not in shown
    assert "3cret" not in shown
    assert form not in shown


def test_base64_of_a_longer_text_is_found_at_each_offset() -> None:
    secret = b"correct horse battery"
    for before in (b"", b"u", b"us", b"use", b"user:"):
        encoded = base64.b64encode(before + secret + b" and more")
        assert base64.b64encode(secret)[4:20] not in redactor(secret).blob(encoded)
        assert redactor(secret).blob(encoded) != encoded


def test_the_lines_of_a_key_are_found_one_by_one() -> None:
    key = (
        b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAAB3NzaC1yc2EAAAADAQ\nQ0ZJm9vYmFyYmF6cXV1eA\n-----END-----\n"
    )
    assert b"Q0ZJm9" not in redactor(key).blob(b"line: Q0ZJm9vYmFyYmF6cXV1eA")


def test_short_secrets_are_left_alone() -> None:
    assert redactor("12345").text("port 12345") == "port 12345"
    assert redactor("").text("text") == "text"


def test_without_secrets_nothing_changes() -> None:
    assert Redactor([]).blob(b"\x00\xff") == b"\x00\xff"
    assert Redactor([]).stream().add(b"abc") == b"abc"


def test_lone_surrogates_survive() -> None:
    assert redactor("password").text("\udcff password") == f"\udcff {BLOTS[0].decode()}"


def test_nothing_is_shown_of_a_redactor() -> None:
    assert "password" not in repr(redactor("password"))


@given(SECRETS, st.lists(NOISE, min_size=1, max_size=6))
def test_no_secret_is_left(secrets: list[bytes], parts: list[bytes]) -> None:
    text = b"".join(part + secret for part in parts for secret in secrets)
    shown = redactor(*secrets).blob(text)
    blots = [blot for blot in BLOTS if not set(blot) & set(b"".join(secrets))]
    if blots:
        assert not any(secret in shown for secret in secrets)


@given(SECRETS, st.lists(NOISE, min_size=1, max_size=6), st.lists(st.integers(1, 30), max_size=30))
def test_chunks_do_not_matter(secrets: list[bytes], parts: list[bytes], cuts: list[int]) -> None:
    whole = b"".join(part + secret for part in parts for secret in secrets)
    stream, given_out, rest = redactor(*secrets).stream(), b"", whole
    for cut in cuts:
        given_out += stream.add(rest[:cut])
        rest = rest[cut:]
    given_out += stream.add(rest) + stream.end()
    assert given_out == redactor(*secrets).blob(whole)


@given(
    st.lists(st.text("abcdef012345+/=", min_size=MINIMUM, max_size=20), min_size=1, max_size=3),
    st.text("abcdef0123", max_size=60),
)
def test_twice_is_the_same_as_once(secrets: list[str], noise: str) -> None:
    once = redactor(*secrets).text(noise + secrets[0] + noise)
    assert redactor(*secrets).text(once) == once
