"""A number that a host told once: one point of a line over months."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Sample:
    """`host` is client/name, `name` the metric's; the value is as the host wrote it: not trusted."""

    host: str
    name: str
    at: datetime
    value: str
