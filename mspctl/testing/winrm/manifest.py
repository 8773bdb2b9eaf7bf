"""The first line of a PowerShell bundle: what it asks for, in JSON, readable without a PowerShell."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

HEAD, END = b"#mspctl ", b"#mspctl-end"


@dataclass(frozen=True, slots=True)
class AskedStep:
    """One step: `guard` is the reason why it does not apply here, `soft` whether a stop may end it midway."""

    index: int
    module: str
    params: Mapping[str, str]
    changes: bool = True
    reboots: bool = False
    soft: bool = True
    on_failure: str = "stop"
    guard: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a program asks for; `offset`: the bytes that its reader has; `waits`: before it is told more."""

    nonce: str
    spool: str
    mode: str
    offset: int
    first_step: int
    not_boot: str
    check: bool
    steps: tuple[AskedStep, ...]
    waits: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Whole:
    """A program that has arrived; `rest` is what came behind it."""

    manifest: Manifest
    rest: bytes


def whole(received: bytes) -> Whole | None:
    """The program in what has come on stdin so far, None while something is missing."""
    first, _, below = received.partition(b"\n")
    if not below or not first.startswith(HEAD):
        return None
    manifest = _manifest(json.loads(first.removeprefix(HEAD)))
    for _ in range(2 if manifest.mode == "start" else 1):
        _, mark, below = (b"\n" + below).partition(b"\n" + END + b"\n")
        if not mark:
            return None
    return Whole(manifest, below)


def _manifest(said: Mapping[str, object]) -> Manifest:
    steps = said.get("steps")
    return Manifest(
        nonce=str(said["nonce"]),
        spool=str(said["spool"]),
        mode=str(said["mode"]),
        offset=int(str(said.get("offset", 0))),
        first_step=int(str(said.get("first_step", 0))),
        not_boot=str(said.get("not_boot", "")),
        check=said.get("check") is True,
        steps=tuple(_step(step) for step in steps) if isinstance(steps, list) else (),
        waits=(float(str(said.get("first_wait", 0))), float(str(said.get("later_wait", 0)))),
    )


def _step(said: Mapping[str, object]) -> AskedStep:
    params = said.get("params")
    return AskedStep(
        index=int(str(said["index"])),
        module=str(said["module"]),
        params={str(key): str(value) for key, value in params.items()} if isinstance(params, dict) else {},
        changes=said.get("changes") is not False,
        reboots=said.get("reboots") is True,
        soft=said.get("soft") is not False,
        on_failure=str(said.get("on_failure", "stop")),
        guard=str(said.get("guard", "")),
    )
