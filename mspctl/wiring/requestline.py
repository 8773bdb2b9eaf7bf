"""A request as plain values, so that a later process can make the same plan again."""

from collections.abc import Mapping

from mspctl.wiring.request import Request, Target


def request_line(request: Request) -> Mapping[str, object]:
    """What decides about the plan; forks, waves and limits may differ next time."""
    return {
        "params": dict(request.params),
        "step_tags": list(request.step_tags),
        "skip_step_tags": list(request.skip_step_tags),
        "line": list(request.line),
    }


def request_again(
    line: Mapping[str, object] | None, playbook: str, target: Target, *, check_mode: bool
) -> Request:
    """The request of a run as its journal has it; without the journal, the plain playbook."""
    known = line or {}
    params = known.get("params")
    return Request(
        playbook,
        target,
        check_mode,
        params=params if isinstance(params, dict) else {},
        step_tags=_texts(known.get("step_tags")),
        skip_step_tags=_texts(known.get("skip_step_tags")),
        line=_texts(known.get("line")),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
