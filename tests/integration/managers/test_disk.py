"""A disk that is full or read-only is named as such, whatever the manager says; the next night is good."""

import time

import pytest

from mspctl.model.outcome import StepStatus
from mspctl.testing import lab
from mspctl.testing.lab.packages import Deb
from mspctl.testing.lab.spec import FlavourName
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.managers.night import LIST, REFRESH, UPGRADE
from tests.integration.modules.runner import Result, run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.lab_flavours, pytest.mark.timeout(240)]

KERNEL = Use("packages", {"action": "upgrade", "scope": "named", "names": ("lab-boot",)})
BUT_KERNEL = Use("packages", {"action": "upgrade", "rules": ("hold|lab-boot|*|",)})

_IMAGE = "echo writing the image; head -c 200000 /dev/zero > /boot/image.lab || exit 1\n"
"""What the script of a kernel does."""
_FILES = {"boot/kernel.lab": "." * 200_000}
"""What a kernel ships."""
_INSTALL = {
    "apt": "apt-get -qq update && apt-get -qq -y install lab-image=1.0 lab-boot=1.0",
    "dnf": "dnf -q -y --refresh install lab-image-1.0 lab-boot-1.0",
    "zypper": "zypper -q -n refresh; zypper -q -n --no-refresh install lab-image=1.0 lab-boot=1.0",
    "pacman": "pacman -Syy; pacman -U --noconfirm /srv/lab-repo-pacman/lab-[ib][mo]*-1.0-1-any.pkg.tar",
}


def _with_image(hosts: LabHosts, flavour: FlavourName) -> lab.Host:
    match flavour:
        case "apt":
            image = Deb("lab-image", "1.1", scripts={"postinst": f"#!/bin/sh\n{_IMAGE}"})
            boot = Deb("lab-boot", "1.1", files=_FILES)
            hosts.lab.publish([Deb("lab-image", "1.0"), image, Deb("lab-boot", "1.0"), boot])
        case "pacman":
            install = f"post_upgrade() {{\n{_IMAGE}}}\n"
            pacs = lab.Pac("lab-image", "1.1-1", install=install), lab.Pac("lab-boot", "1.1-1", files=_FILES)
            hosts.lab.publish_pacs([lab.Pac("lab-image", "1.0-1"), lab.Pac("lab-boot", "1.0-1"), *pacs])
        case _:
            files = {f"/{path}": text for path, text in _FILES.items()}
            rpms = lab.Rpm("lab-image", "1.1", post=_IMAGE), lab.Rpm("lab-boot", "1.1", files=files)
            hosts.lab.publish_rpms([lab.Rpm("lab-image", "1.0"), lab.Rpm("lab-boot", "1.0"), *rpms])
    host = hosts(lab.HostSpec("patient", ("ssl", "web"), flavour=flavour))
    host.run_inside(["sh", "-c", _INSTALL[flavour]])
    return host


def _failed(result: Result, words: str) -> None:
    assert (result.status, result.reason[: len(words)]) == (StepStatus.FAILED, words)


@pytest.mark.parametrize("flavour", ["apt", "dnf", "zypper", "pacman"])
def test_a_full_disk_a_full_boot_and_a_read_only_disk_are_named(
    lab_hosts: LabHosts, flavour: FlavourName
) -> None:
    host = _with_image(lab_hosts, flavour)
    with host.faults.disk_full():
        assert run_one(host, LIST).metrics["packages.pending"] == "4"
        full, lists_full = run_one(host, UPGRADE), run_one(host, REFRESH)
    with host.faults.root_read_only():
        looked, read_only, lists = (run_one(host, each) for each in (LIST, UPGRADE, REFRESH))
    if flavour == "zypper":
        _failed(looked, "read-only file system: ")
    else:
        assert looked.metrics["packages.pending"] == "4"
    # Where there are no news, some have nothing to write down.
    assert lists_full.reason.startswith(("disk full in /", "no news"))
    assert lists.reason.startswith(("read-only file system: ", "no news"))
    if flavour == "apt":
        assert {lists_full.status, lists.status} == {StepStatus.FAILED}
    _failed(full, "disk full in / (" if flavour in {"zypper", "pacman"} else "disk full in /")
    _failed(read_only, "read-only file system: ")
    assert full.changes == read_only.changes == {}
    with host.faults.boot_full():
        unpacked = run_one(host, KERNEL)
        image = run_one(host, BUT_KERNEL)
    _failed(unpacked, "disk full in /boot")
    _failed(image, "disk full in /boot: package lab-image: ")
    assert {"lab-ssl", "lab-web"} <= set(image.changes)
    assert image.findings["broken:lab-image"]["version"].startswith("1.1")
    time.sleep(
        1
    )  # pacman's database knows in which second it installed something, and so what was mended since
    good = run_one(host, UPGRADE)
    assert (good.status, set(good.changes)) == (StepStatus.CHANGED, {"lab-image", "lab-boot"})
    assert run_one(host, UPGRADE).status is StepStatus.OK
