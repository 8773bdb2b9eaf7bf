"""What programs of a Windows host answered, as `programs` of an example."""

import base64
import re
from collections.abc import Mapping
from typing import Any

from mspctl.engine.capturing import Source
from mspctl.engine.exampleobjects import Hide, Told, refusal_of

_CODED = re.compile(r"-EncodedCommand (\S+)$")


def program_of(source: Source, hide: Hide) -> Told:
    """The program's line, and what it said and ended with."""
    node, line = source.node, source.line
    coded = _CODED.search(line)
    given = _given(node)
    if coded is not None:
        line = f"powershell: {given}" if given else "pwsh: " + _utf16(coded[1])
    if "error" in node:
        return [("programs", line, refusal_of(node, hide))]
    output, errors = (hide(_stream(node.get(name) or {})) for name in ("StandardOutput", "StandardError"))
    told = {"status": node.get("ExitCode", 0), "stdout": output, "stderr": errors}
    kept = {name: value for name, value in told.items() if value}
    return [("programs", line, output if set(kept) <= {"stdout"} else kept)]


def _given(node: Mapping[str, Any]) -> str:
    """The lines that PowerShell was given, as lines.ps1 hands them over."""
    base = (node.get("StandardInput") or {}).get("BaseStream") or {}
    parts = [str(call["words"][0]).removeprefix("bytes:") for call in base.get("Write()", ())]
    coded = b"".join(map(base64.b64decode, parts))
    return base64.b64decode(coded).decode(errors="replace")


def _utf16(coded: str) -> str:
    return base64.b64decode(coded).decode("utf-16-le", errors="replace")


def _stream(node: Mapping[str, Any]) -> str:
    for call in node.get("ReadToEndAsync()", ()):
        return str((call.get("answer") or {}).get("Result", ""))
    for call in node.get("ReadToEnd()", ()):
        return str(call.get("answer") or "")
    lines = [call.get("answer") for call in node.get("ReadLine()", ())]
    return "".join(f"{line}\n" for line in lines if line is not None)
