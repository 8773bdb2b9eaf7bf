"""What a Windows host's objects answered, told in the words of an example."""

import base64
import struct
from datetime import datetime

import pytest

from mspctl.engine.capturing import Source
from mspctl.engine.examplesources import sections_of

REFUSED = {"error": "no at acme", "hresult": -5, "kind": "System.Exception"}
AT = "2026-11-29T09:00:00.1234567Z"


def hide(text: str) -> str:
    return text.replace("acme", "client1").replace("s3cret", "***")


def coded(text: str, encoding: str = "utf-8") -> dict[str, str]:
    return {"bytes": base64.b64encode(text.encode(encoding)).decode()}


def call(*words: str, **said: object) -> dict[str, object]:
    return {"words": list(words), "at": AT, **said}


def stamp(seconds_ahead: int) -> dict[str, str]:
    since = int((datetime(2026, 11, 29, 9) - datetime(1900, 1, 1)).total_seconds())  # noqa: DTZ001 - all UTC
    content = bytes([0x1C, 2]) + bytes(30) + struct.pack(">Q", (since + seconds_ahead) << 32) * 2
    return {"bytes": base64.b64encode(content).decode()}


def udp(answer: object) -> Source:
    return Source(
        "new",
        "System.Net.Sockets.UdpClient",
        (),
        {"Connect()": [call("dc1", "123", answer=None)], "Receive()": [call("<object>", answer=answer)]},
    )


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (Source("com", "A.B", (), REFUSED), {"com": {"A.B": {**REFUSED, "error": "no at client1"}}}),
        (
            Source("com", "A.B", (), {"Get()": [call("x", answer=1), call("acme", answer=2)], "P": "acme"}),
            {"com": {"A.B": {"Get()": {"by": {"x": 1, "client1": 2}}, "P": "client1"}}},
        ),
        (
            Source("adsi", "W", (), {"Get()": [call("x", answer={"a": 1}), call("x", answer={"b": 2})]}),
            {"adsi": {"W": {"Get()": {"a": 1, "b": 2}}}},
        ),
        (
            Source(
                "type", "System.IO.File", (), {"ReadAllBytes()": [call("C:\\a", answer=coded("x s3cret"))]}
            ),
            {"files": {"C:\\a": "x ***"}},
        ),
        (
            Source(
                "type",
                "System.IO.File",
                (),
                {"ReadAllBytes()": [call("b", answer=coded("s3cret", "utf-16"))]},
            ),
            {"files": {"b": "@hex@" + "***".encode("utf-16").hex()}},
        ),
        (
            Source(
                "program",
                "a.exe -x",
                (),
                {"ExitCode": 2, "StandardOutput": {"ReadToEnd()": [call(answer="o")]}},
            ),
            {"programs": {"a.exe -x": {"status": 2, "stdout": "o"}}},
        ),
        (
            Source("program", "a.exe", (), REFUSED),
            {"programs": {"a.exe": {**REFUSED, "error": "no at client1"}}},
        ),
        (udp(stamp(7)), {"net": {"ntp:dc1": 7.0}}),
        (Source("environment", "X", (), {"Is": None}), {"environment": {"X": ""}}),
    ],
)
def test_a_source_becomes_a_section(source: Source, told: object) -> None:
    assert sections_of((source,), hide) == told


def test_several_answers_stand_in_turn() -> None:
    sources = tuple(Source("com", "A.B", (), {"Count": number}) for number in (1, 2))
    assert sections_of(sources, hide) == {
        "com": {"A.B": [{"answer": 1, "Count": 1}, {"answer": 1, "Count": 2}]}
    }
