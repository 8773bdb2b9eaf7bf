"""The host of an example: clock, registry, files, recorded commands, programs and COM objects."""

import base64
import fnmatch
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.unit.powershell.engine.values import (
    NOTHING,
    Hash,
    PsError,
    Thing,
    Val,
    recorded,
    refusal,
    thing,
    to_text,
)

_WORDS = re.compile(r"[\w.:\\/@+-]+")
_UNSAID = frozenset({"erroraction", "warningaction"})


@dataclass
class RecordedHost:
    """What the example says of the host. Answers are used up in turn; the last one stays."""

    commands: Mapping[str, Val] = field(default_factory=dict)
    programs: Mapping[str, Val] = field(default_factory=dict)
    com: Mapping[str, Val] = field(default_factory=dict)
    adsi: Mapping[str, Val] = field(default_factory=dict)
    net: Mapping[str, Val] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    registry: dict[str, dict[str, Val]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    now: datetime = datetime(2026, 11, 29, 9, 0)  # noqa: DTZ001 - the host's time has no zone here
    calls: list[str] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)
    slept: float = 0.0
    out: bytearray = field(default_factory=bytearray)
    statics: Mapping[str, Val] = field(default_factory=dict)
    """Members of types, `io.file::open`, and constructors by type: they go before those of `dotnet`."""
    types: Mapping[str, Callable[..., Val]] = field(default_factory=dict)
    read_only: list[str] = field(default_factory=list)
    """Files that nobody deletes before their attributes are set."""
    _turns: dict[str, int] = field(default_factory=dict)

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.now += timedelta(seconds=seconds)

    def tells(self, name: str, given: list[tuple[str, Val]]) -> bool:
        """True if the example itself answers the command, as captured ones do for the registry."""
        line = command_line(name, given)
        return any(_fits(pattern, line) for pattern in self.commands if pattern.startswith(f"{name} "))

    def command(self, name: str, given: list[tuple[str, Val]], *, quiet: bool) -> list[Val]:
        """The recorded objects of a command. Raises PsError as recorded, or for one that is not."""
        line = command_line(name, given)
        answer = self._next(self.commands, line)
        if answer is None:
            self.surprises.append(line)
            raise PsError(f"not recorded: {line}", "NotRecorded")
        error = refusal(answer)
        if error is not None and quiet:
            return []
        if error is not None:
            raise error
        if isinstance(answer, Thing) and answer.has("objects"):
            answer = answer.get("objects")
        if answer is None or answer == "":
            return []
        return list(answer) if isinstance(answer, list) else [answer]

    def program(self, path: str, arguments: str, stdin: str) -> tuple[int, str, str]:
        """Status, output and errors of a program; one that PowerShell itself runs is told by its text."""
        line = f"{path} {arguments}".strip()
        if "-EncodedCommand" in arguments and stdin:
            line = f"powershell: {stdin}"
        elif "-EncodedCommand" in arguments:
            line = "pwsh: " + base64.b64decode(arguments.rsplit(maxsplit=1)[-1]).decode("utf-16-le")
        answer = self._next(self.programs, line)
        if answer is None:
            self.surprises.append(line)
            raise PsError(f"not recorded: {line}", "NotRecorded")
        if not isinstance(answer, Thing):
            return 0, to_text(answer), ""
        if answer.has("stdin") and to_text(answer.get("stdin")) != stdin:
            self.surprises.append(f"stdin of {line}: {stdin!r}")
        self.sleep(float(answer.get("took")) if answer.has("took") else 0)
        if answer.has("writes"):
            made = {name: to_text(text).encode() for name, text in answer.get("writes").members.items()}
            self.files.update(made)
            self.read_only += list(answer.get("writes").members) if answer.has("read_only") else []
        status = answer.get("status") if answer.has("status") else 0
        said = [to_text(answer.get(name)) if answer.has(name) else "" for name in ("stdout", "stderr")]
        return int(status), said[0], said[1]

    def answered(self, source: Mapping[str, Val], line: str) -> Val:
        """What stands for a COM object, an ADSI path, a question to the network."""
        answer = self._next(source, line)
        if answer is None:
            self.surprises.append(line)
            raise PsError(f"not recorded: {line}", "NotRecorded")
        error = refusal(answer)
        if error is not None:
            raise error
        return answer

    def _next(self, source: Mapping[str, Val], line: str) -> Val:
        self.calls.append(line)
        for pattern, value in source.items():
            if not _fits(pattern, line):
                continue
            if not _in_turn(value):
                return recorded(value)
            turn = self._turns.get(pattern, 0)
            self._turns[pattern] = turn + 1
            return recorded(value[min(turn, len(value) - 1)])
        return None


def _fits(pattern: str, line: str) -> bool:
    return pattern == line or fnmatch.fnmatchcase(line, pattern.replace("[", "[[]"))


def _in_turn(value: Val) -> bool:
    """True if a list is of one answer for each call, not of the objects of one answer."""
    words = {"objects", "error", "status", "answer", "stdout"}
    return (
        isinstance(value, tuple | list)
        and bool(value)
        and all(isinstance(v, Mapping) and words & set(v) for v in value)
    )


def command_line(name: str, given: list[tuple[str, Val]]) -> str:
    """A command as examples write it: parameters by name, text in apostrophes where it is no plain word."""
    parts = [name]
    for parameter, value in given:
        if parameter.lower() in _UNSAID:
            continue
        parts += [f"-{parameter}"] if parameter else []
        parts += [] if value is NOTHING or value is True else [_argument(value)]
    return " ".join(parts)


def _argument(value: Val) -> str:
    if isinstance(value, list):
        return ",".join(map(_argument, value))
    if isinstance(value, bool):
        return f"${str(value).lower()}"
    if isinstance(value, Thing | Hash):
        return "<object>"
    text = to_text(value)
    return text if _WORDS.fullmatch(text) else "'" + text.replace("'", "''") + "'"


def decoded_lines(stdin: bytes) -> str:
    """The text that lines.ps1 hands to PowerShell."""
    return base64.b64decode(stdin).decode()


def error_record(error: PsError) -> Thing:
    """What a catch finds in `$_`."""
    base = thing({"Message": error.message, "HResult": error.hresult}, error.kind)
    exception = thing({**base.members, "GetBaseException()": base}, error.kind)
    where = thing({"ScriptLineNumber": 0, "Line": ""})
    return thing(
        {
            "Exception": exception,
            "FullyQualifiedErrorId": error.id,
            "InvocationInfo": where,
            "ToString()": error.message,
        },
        "System.Management.Automation.ErrorRecord",
    )
