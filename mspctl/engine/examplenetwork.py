"""What the network and the accounts of a Windows host answered, as `net` of an example."""

import base64
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from mspctl.engine.capturing import Source
from mspctl.engine.exampleobjects import Hide, Told, refusal_of

_NTP_BEGIN = datetime(1900, 1, 1)  # noqa: DTZ001 - all are UTC here


def _listeners(source: Source, _hide: Hide) -> Told:
    ports = {
        int(end["Port"])
        for asked in source.node.get("GetIPGlobalProperties()", ())
        for call in (asked.get("answer") or {}).get("GetActiveTcpListeners()", ())
        for end in call.get("answer") or ()
        if "Port" in end
    }
    return [("net", "listening", sorted(ports))] if source.node else []


def _pages(source: Source, hide: Hide) -> Told:
    return [
        ("net", str(created["words"][0]), refusal_of(call, hide) if "error" in call else {})
        for created in source.node.get("Create()", ())
        for call in (created.get("answer") or {}).get("GetResponse()", ())
    ]


def _connection(source: Source, hide: Hide) -> Told:
    begun = source.node.get("BeginConnect()", ())
    if not begun:
        return []
    (call, *_) = begun
    name = "{}:{}".format(*call["words"][:2])
    if "error" in call:
        return [("net", name, refusal_of(call, hide))]
    waits = ((call.get("answer") or {}).get("AsyncWaitHandle") or {}).get("WaitOne()", ())
    if not any(wait.get("answer") for wait in waits):
        return [("net", name, "silent")]
    refused = [end for end in source.node.get("EndConnect()", ()) if "error" in end]
    return [("net", name, refusal_of(refused[0], hide) if refused else {})]


def _time_server(source: Source, hide: Hide) -> Told:
    name = "ntp:" + str(source.node["Connect()"][0]["words"][0]) if "Connect()" in source.node else ""
    calls = [call for method in ("Connect()", "Receive()") for call in source.node.get(method, ())]
    refused = [call for call in calls if "error" in call]
    if refused or not name:
        return [("net", name, refusal_of(refused[0], hide))] if name else []
    (call, *_) = source.node["Receive()"]
    content = _bytes(call["answer"])
    if content[0] >> 6 == 3 or content[1] == 0:  # noqa: PLR2004 - the alarm of RFC 4330
        return [("net", name, "unset")]
    stamp = int.from_bytes(content[40:48], "big") / (1 << 32)
    at = datetime.fromisoformat(str(call["at"])[:19])
    return [("net", name, round((_NTP_BEGIN + timedelta(seconds=stamp) - at).total_seconds(), 3))]


def _bytes(answer: Any) -> bytes:  # noqa: ANN401 - as JSON has it
    return base64.b64decode(answer["bytes"]) if isinstance(answer, Mapping) else bytes(answer)


def _account(source: Source, hide: Hide) -> Told:
    told: Told = []
    for call in source.node.get("Translate()", ()):
        if "error" in call:
            told.append(("net", source.words[0], refusal_of(call, hide)))
        elif call.get("answer"):
            told.append(("net", source.words[0], hide(str(call["answer"]["Value"]))))
    return told


def _owner(source: Source, _hide: Hide) -> Told:
    return [
        ("net", f"owner:{source.words[0]}", owner["answer"]["Value"])
        for call in source.node.get("GetAccessControl()", ())
        for owner in (call.get("answer") or {}).get("GetOwner()", ())
    ]


NETWORK: Mapping[str, Callable[[Source, Hide], Told]] = {
    "IPGlobalProperties": _listeners,
    "WebRequest": _pages,
    "TcpClient": _connection,
    "UdpClient": _time_server,
    "SecurityIdentifier": _account,
    "DirectoryInfo": _owner,
}
"""By the name of the .NET type that was asked."""
