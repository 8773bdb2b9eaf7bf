"""Many questions at once, each with its own deadline."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import MappingProxyType

from mspctl.model.monitoring import Probe, ProbeKind, Sample
from mspctl.monitor.oneline import one_line
from mspctl.monitor.probing.certificate import tls
from mspctl.monitor.probing.dns import dns
from mspctl.monitor.probing.http import web
from mspctl.monitor.probing.ping import ping
from mspctl.monitor.probing.plain import smtp, ssh, tcp
from mspctl.monitor.probing.wire import Deadline

AT_ONCE = 128
"""A question waits most of its time: so many fit in a minute even if nobody answers."""
KINDS: Mapping[ProbeKind, Callable[[Probe, Deadline], tuple[Sample, ...]]] = MappingProxyType(
    {
        ProbeKind.PING: ping,
        ProbeKind.TCP: tcp,
        ProbeKind.HTTP: web,
        ProbeKind.TLS: tls,
        ProbeKind.DNS: dns,
        ProbeKind.SMTP: smtp,
        ProbeKind.SSH: ssh,
    }
)


def ask(probe: Probe) -> tuple[Sample, ...]:
    """Ask one; how long it took is in the first sample."""
    begun = time.monotonic()
    found = KINDS[probe.kind](probe, Deadline(probe.timeout))
    first, *more = (replace(sample, detail=one_line(sample.detail)) for sample in found)
    return (replace(first, seconds=time.monotonic() - begun), *more)


def ask_all(probes: Sequence[Probe], at_once: int = AT_ONCE) -> tuple[Sample, ...]:
    """Ask all of them, many at once; samples in the order of the probes."""
    if not probes:
        return ()
    with ThreadPoolExecutor(max_workers=min(at_once, len(probes))) as pool:
        return tuple(sample for samples in pool.map(ask, probes) for sample in samples)
