"""What goes through the counting proxy, and how."""

from dataclasses import dataclass
from enum import Enum


class Mode(Enum):
    """What the proxy does with connections, those that are open included."""

    PASS = "pass"  # carry all bytes
    BLACKHOLE = "blackhole"  # take all bytes and carry none
    DRIP = "drip"  # carry one byte a second towards the client
    RESET = "reset"  # answer every byte and every connection with RST


@dataclass(frozen=True, slots=True)
class Delay:
    """Seconds that each byte takes `up` (to the host) and `down` (to the client)."""

    up: float = 0.0
    down: float = 0.0

    @classmethod
    def of_ms(cls, milliseconds: float) -> "Delay":
        """The same delay in both directions."""
        return cls(milliseconds / 1000, milliseconds / 1000)


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went through. `round_trips` counts turns: the client speaks after the host did, per connection."""

    connections: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    round_trips: int = 0

    def since(self, earlier: "Traffic") -> "Traffic":
        """What went through after `earlier` was read."""
        return Traffic(
            self.connections - earlier.connections,
            self.bytes_up - earlier.bytes_up,
            self.bytes_down - earlier.bytes_down,
            self.round_trips - earlier.round_trips,
        )
