"""The shape of `security` in the inventory, and what all levels together make of it.

Each docstring and description below is also what the editor shows (see mspctl.parse.schema).
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from mspctl.model.security import NO_SECURITY, SecurityPolicy, Waiver
from mspctl.model.value import Value
from mspctl.parse.block import Block, flat
from mspctl.parse.fields import Boolean, Line
from mspctl.parse.placed import Placed
from mspctl.parse.spans import Day

CheckName = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)
]
OpenPort = Annotated[str, StringConstraints(strict=True, pattern=r"^((tcp|udp)/)?[0-9]{1,5}$")]
ProgramPath = Annotated[str, StringConstraints(strict=True, pattern=r"^/[^\s*?\[\]]{1,1023}$")]
Account = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?$")]

Member = Annotated[
    str, StringConstraints(strict=True, pattern=r"^([^/\\\x00-\x1f]{1,64}/)*[^/\\\x00-\x1f]{1,64}$")
]

SECURITY_LISTS = frozenset(
    f"security.{name}" for name in ("ports", "suid", "superusers", "administrators", "waivers")
)
"""Lists to which each level adds; null begins anew."""


class WaiverBlock(Placed):
    """A finding of the security baseline that stays as it is: who answers for that, why, and until when."""

    check: CheckName = Field(description="the id of the check, such as ssh-password")
    owner: Line = Field(description="who answers for it")
    reason: Line = Field(description="why; shown wherever the finding is counted as waived")
    until: Day = Field(description="its last day, as 2026-12-31; the day after, the finding is open again")


class SecurityBlock(Block):
    """What a host may have that would be a finding elsewhere, and what is waived.

    The lists add up from level to level. Null takes a key back to mspctl's own.
    """

    ports: list[OpenPort] | None = Field(None, description="ports that may be open to others: 22, udp/123")
    suid: list[ProgramPath] | None = Field(
        None, description="programs that may have privileges though no package has them"
    )
    superusers: list[Account] | None = Field(
        None, description="accounts besides root that may have the user id 0"
    )
    router: Boolean | None = Field(None, description="it passes on packets of others")
    administrators: list[Member] | None = Field(
        None, description="members that the administrators of Windows may have: ops, ACME/Domain Admins"
    )
    waivers: list[WaiverBlock] | None = Field(None, description="findings that somebody answers for")


def flat_security(block: SecurityBlock | None) -> Iterator[tuple[str, Any]]:
    """What a level says, a key each; a null for the whole block takes every key back."""
    if block is None:
        block = SecurityBlock(**dict.fromkeys(SecurityBlock.model_fields))
    return flat("security", block, {})


def security_of(merged: Mapping[str, Any]) -> SecurityPolicy:
    """The policy that all levels together make."""
    given = {name: merged.get(f"security.{name}") for name in SecurityBlock.model_fields}
    if not any(given.values()):
        return NO_SECURITY
    return SecurityPolicy(
        tuple(given["ports"] or ()),
        tuple(given["suid"] or ()),
        tuple(given["superusers"] or ()),
        bool(given["router"]),
        tuple(given["administrators"] or ()),
        tuple(
            Waiver(each.check, each.owner, each.reason, each.until, each.place)
            for each in given["waivers"] or ()
        ),
    )


def security_values(policy: SecurityPolicy) -> Iterator[tuple[str, Value]]:
    """All keys of `security` that do not add up, flat, with what holds."""
    yield "security.router", policy.router
