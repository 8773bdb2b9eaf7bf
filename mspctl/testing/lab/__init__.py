"""Real hosts on this machine: own root, network, processes and clocks since boot, sshd, package manager.

    with Lab.start(hosts=[HostSpec("web1", packages=("web", "ssl"))]) as lab:
        lab.host("web1").address           # reached by ssh from here
        with lab.host("web1").faults.packets_dropped():
            ...

Needs root and a few Debian packages: `missing_requirements()` says what is missing. Not a jail: root in a lab
host is root of this machine in other namespaces; run only what you would run as root here.
"""

from mspctl.testing.lab.errors import LabError
from mspctl.testing.lab.faults import Fault, Faults
from mspctl.testing.lab.host import Host
from mspctl.testing.lab.lab import Lab
from mspctl.testing.lab.packages import PACKAGES, Deb
from mspctl.testing.lab.pacs import PAC_PACKAGES, Pac
from mspctl.testing.lab.proxy import CountingProxy
from mspctl.testing.lab.requirements import DEBIAN_PACKAGES, Missing, missing_requirements
from mspctl.testing.lab.rpms import RPM_PACKAGES, Advisory, Rpm
from mspctl.testing.lab.spec import HostSpec
from mspctl.testing.lab.traffic import Delay, Mode, Traffic

__all__ = [
    "DEBIAN_PACKAGES",
    "PACKAGES",
    "PAC_PACKAGES",
    "RPM_PACKAGES",
    "Advisory",
    "CountingProxy",
    "Deb",
    "Delay",
    "Fault",
    "Faults",
    "Host",
    "HostSpec",
    "Lab",
    "LabError",
    "Missing",
    "Mode",
    "Pac",
    "Rpm",
    "Traffic",
    "missing_requirements",
]
