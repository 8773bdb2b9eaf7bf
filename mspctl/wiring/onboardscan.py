"""Who answers at the addresses that the user named: no other address is ever spoken to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mspctl.model.monitoring import Probe, ProbeKind, Sample, Seen
from mspctl.model.onboarding import Answer, Door, Onboarding
from mspctl.monitor.probing.ask import ask_all
from mspctl.wiring.app import App

OTHERS: Mapping[int, str] = {
    5985: "WinRM",
    5986: "WinRM over TLS",
    3389: "remote desktop",
    445: "file shares of Windows",
    443: "HTTPS",
    80: "HTTP",
}
"""Ports beside those of SSH that are tried at each address, and what they are for."""
AT_ONCE = 256
NO_SSH = "answers, but not as SSH does"


def scan(app: App, state: Onboarding, addresses: Sequence[str], wait: float) -> Onboarding:
    """Knock at these addresses and remember who answers; what was known of the others stays.

    One that answered before and is silent now is forgotten. An answer may take `wait` seconds.
    """
    probes = [_probe(address, port, state.ssh_ports, wait) for address in addresses for port in _ports(state)]
    samples = ask_all(probes, AT_ONCE)
    doors: dict[str, list[Door]] = {}
    for probe, sample in zip(probes, samples, strict=True):
        door = _door(probe, sample)
        if door is not None:
            doors.setdefault(_address(probe), []).append(door)
    before = {each.address: each for each in state.answers}
    seen = {
        address: replace(before.get(address, Answer(address)), doors=tuple(found))
        for address, found in doors.items()
    }
    kept = {address: each for address, each in before.items() if address not in addresses}
    answers = tuple((kept | seen).values())
    return replace(state, answers=answers, scanned=app.clock.now())


def _ports(state: Onboarding) -> Iterable[int]:
    return dict.fromkeys((*state.ssh_ports, *OTHERS))


def _probe(address: str, port: int, ssh_ports: Iterable[int], wait: float) -> Probe:
    kind = ProbeKind.SSH if port in ssh_ports else ProbeKind.TCP
    shown = f"[{address}]" if ":" in address else address
    return Probe(f"{address} {port}", kind, f"{shown}:{port}", timeout=wait)


def _address(probe: Probe) -> str:
    return probe.name.partition(" ")[0]


def _door(probe: Probe, sample: Sample) -> Door | None:
    port = int(probe.name.rpartition(" ")[2])
    if sample.seen is Seen.UP:
        return Door(port, sample.detail if probe.kind is ProbeKind.SSH else "")
    speaks_otherwise = probe.kind is ProbeKind.SSH and "does not speak" in sample.detail
    return Door(port, NO_SSH) if speaks_otherwise else None
