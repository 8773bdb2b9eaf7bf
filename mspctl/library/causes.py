"""Gathers the causes of `mspctl diagnose`: those shipped, and the project's own, which win."""

from pathlib import Path

from mspctl import parse
from mspctl.model.diagnosis import Cause
from mspctl.parse.diagnosis import parse_causes
from mspctl.parse.source import read_source

_SHIPPED = Path(parse.__file__).with_name("causes.yml")
_MAX_BYTES = 1024 * 1024


def known_causes(inventory: Path | None) -> tuple[Cause, ...]:
    """The causes for a project; `inventory` is the folder that may hold a `causes.yml`.

    Raises:
        ConfigurationError: that file is wrong (all problems at once).
    """
    found = {cause.name: cause for cause in parse_causes(read_source(_SHIPPED))}
    own = inventory / "causes.yml" if inventory else None
    if own is not None and own.exists():
        source = read_source(own, file=f"{own.parent.name}/{own.name}", max_bytes=_MAX_BYTES)
        found |= {cause.name: cause for cause in parse_causes(source)}
    return tuple(found.values())
