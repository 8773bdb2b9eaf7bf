"""The lab's own network: one bridge per lab, its addresses a sixteenth of 10.213.0.0/16.

Hosts hang on the bridge by a cable (veth) each. Those behind a gateway have an address in the upper half,
which this machine cannot reach: the bridge's route there names a router that does not exist.
"""

import ipaddress
import json
from dataclasses import dataclass

from mspctl.testing.lab.command import run
from mspctl.testing.lab.errors import LabError

RANGE = ipaddress.IPv4Network("10.213.0.0/16")
_LABS = tuple(RANGE.subnets(new_prefix=20))
_FIRST = 10
_MAX_HOSTS = 1000  # a bridge has 1023 ports


@dataclass(frozen=True, slots=True)
class Network:
    """The network of one lab: number `index` of sixteen; `mac` on its bridge tells whose it is."""

    index: int
    mac: str

    @property
    def bridge(self) -> str:
        return f"msplab{self.index}"

    @property
    def outer(self) -> ipaddress.IPv4Network:
        """The half that this machine reaches."""
        return self._halves()[0]

    @property
    def inner(self) -> ipaddress.IPv4Network:
        """The half that only hosts reach."""
        return self._halves()[1]

    def _halves(self) -> tuple[ipaddress.IPv4Network, ipaddress.IPv4Network]:
        first, second = _LABS[self.index].subnets()
        return first, second

    def port(self, number: int) -> str:
        """The name of this machine's end of host `number`'s cable."""
        return f"{self.bridge}h{number}"

    def host_mac(self, number: int) -> str:
        return f"02:6d:73:{self.index:02x}:{number >> 8:02x}:{number & 255:02x}"

    def address(self, number: int, *, inner: bool) -> ipaddress.IPv4Interface:
        """The address of host `number`, with its prefix length."""
        if number >= _MAX_HOSTS:
            raise LabError(f"no room for more than {_MAX_HOSTS} hosts in one lab")
        half = self.inner if inner else self.outer
        return ipaddress.IPv4Interface(f"{half[_FIRST + number]}/{half.prefixlen}")


def claim(mac: str) -> Network:
    """Make the bridge of the first free of the sixteen networks; making it is what claims it."""
    for index in range(len(_LABS)):
        network = Network(index, mac)
        settings = ["stp_state", "0", "forward_delay", "0", "mcast_snooping", "0"]
        added = run(
            ["ip", "link", "add", "name", network.bridge, "address", mac, "type", "bridge", *settings],
            check=False,
        )
        if added.returncode == 0:
            _configure(network)
            return network
        if "File exists" not in added.stderr:
            raise LabError(f"cannot make a bridge: {added.stderr.strip()}", hint="see missing_requirements()")
    raise LabError(
        "sixteen labs are up already",
        hint="take one down: python -m mspctl.testing.lab down --folder DIR",
    )


def _configure(network: Network) -> None:
    own, nobody = network.outer[1], network.outer[2]
    steps = [
        f"address add {own}/{network.outer.prefixlen} dev {network.bridge}",
        f"link set {network.bridge} up",
        f"route add {network.inner} via {nobody} dev {network.bridge}",
    ]
    try:
        run(["ip", "-batch", "-"], stdin="\n".join(steps) + "\n")
    except LabError:
        release(network)
        raise


def release(network: Network) -> None:
    """Remove the bridge if it is this lab's, and what cables still hang on it. Safe to repeat."""
    listed = run(["ip", "-json", "link", "show", "dev", network.bridge], check=False)
    if listed.returncode != 0 or json.loads(listed.stdout)[0]["address"] != network.mac:
        return
    ports = json.loads(run(["ip", "-json", "link", "show", "master", network.bridge]).stdout or "[]")
    for name in [port["ifname"] for port in ports] + [network.bridge]:
        run(["ip", "link", "delete", name], check=False)
