"""A remote failure is a value: what went wrong with a host, said so that somebody can act on it."""

from dataclasses import dataclass

from mspctl.model.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a host ended badly.

    `reason` is a short stable word for scripts (`host-key-changed`, `auth`, `refused`, `timeout-connect`…),
    `detail` one line on what was seen, `remedy` what to do next. `outcome` is what the host ends with if
    nothing mends it.
    """

    outcome: Outcome
    reason: str
    detail: str = ""
    remedy: str = ""
