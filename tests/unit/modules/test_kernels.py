"""Which kernels are of one flavour, so that the newer of two asks for a reboot."""

import pytest

from mspctl.shipped import shipped_folder
from tests.unit.render.shells import SHELLS, output

FLAVOURS = {
    "debian": {
        "6.1.0-9-amd64": "amd64",
        "6.1.0-9-cloud-amd64": "cloud-amd64",
        "6.12.38+deb13-amd64": "amd64",
        "6.12.38+deb13-cloud-amd64": "cloud-amd64",
        "6.12.9+bpo-amd64": "amd64",
        "6.6.31+rpt-rpi-v8": "rpi-v8",
        "6.8.0-45-generic": "generic",
        "6.8.12-4-pve": "pve",
    },
    "suse": {"6.4.0-150600.23-default": "default"},
    "redhat": {"5.14.0-427.el9.x86_64": "", "5.14.0-427.el9.x86_64+rt": "rt"},
}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("family", FLAVOURS)
def test_the_flavour_of_a_kernel(family: str, shell: str) -> None:
    library = (shipped_folder("templates") / "bundle" / "posix" / "lib" / "reboot.sh").read_text()
    kernels = FLAVOURS[family]
    asks = "".join(f'reboot_flavour {kernel}; echo "$_flavour"\n' for kernel in kernels)
    told = output(shell, f"{library}\nos_family={family}\n{asks}").decode().splitlines()
    assert dict(zip(kernels, told, strict=True)) == kernels
