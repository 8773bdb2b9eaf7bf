"""Whatever ends a lab, nothing of it is left: no process, no mount, no network, no loop device."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from mspctl.testing.lab import HostSpec, Lab, LabError
from mspctl.testing.lab.login import ssh
from mspctl.testing.pytest_lab import lab_cache

_OWNER = """
import sys, time
from collections.abc import Callable, Iterator
from pathlib import Path
from mspctl.testing.lab import HostSpec, Lab
lab = Lab.start(Path(sys.argv[1]), [HostSpec("orphan1"), HostSpec("orphan2")], name="doomed")
print(lab.hosts[0].address, flush=True)
time.sleep(60)
"""

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]


@pytest.fixture
def cache(tmp_path: Path, pytestconfig: pytest.Config) -> Iterator[Path]:
    """A cache of the test's own, with the session's bases; what a failing test leaves in it is taken down."""
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / "bases").symlink_to(lab_cache(pytestconfig) / "bases")
    yield folder
    Lab.cleanup(folder)


def leftovers(folder: Path) -> list[str]:
    """Everything on this machine that names the folder, and every bridge of a lab that has no record."""
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    found = [line for line in mounts if str(folder) in line]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder).encode() in (process / "cmdline").read_bytes():
                found.append(process.name)
        except OSError:
            continue
    loops = subprocess.run(["losetup", "--list", "--noheadings"], capture_output=True, text=True, check=True)
    return found + [line for line in loops.stdout.splitlines() if str(folder) in line]


def network_of(lab_folder: Path) -> dict[str, str]:
    """The lab's bridge and cables on this machine; their numbers tell them from another lab's."""
    record = json.loads((lab_folder / "lab.json").read_text(encoding="utf-8"))
    bridge = f"msplab{record['network']}"
    return {name: number for name, number in links() if name == bridge or name.startswith(f"{bridge}h")}


def links() -> Iterator[tuple[str, str]]:
    """All network interfaces here, each with the number that it alone has since this machine was started."""
    for place in Path("/sys/class/net").iterdir():
        with suppress(OSError):
            yield place.name, (place / "ifindex").read_text(encoding="ascii").strip()


def gone(folder: Path, network: Mapping[str, str]) -> bool:
    """Whether nothing is left; the kernel takes an instant to free loop devices."""
    deadline = time.monotonic() + 30
    while leftovers(folder) or network.items() & set(links()):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_stop_leaves_nothing_and_may_be_repeated(cache: Path) -> None:
    lab = Lab.start(cache, [HostSpec("one", packages=("web",)), HostSpec("two")])
    network = network_of(lab.folder)
    assert len(network) == 3
    assert leftovers(cache)

    lab.stop()
    lab.stop()

    assert gone(cache, network)
    assert not lab.folder.exists()


@pytest.mark.lab_systemd
def test_stopping_systemd_leaves_no_cgroup(cache: Path) -> None:
    with Lab.start(cache, [HostSpec("sys", init="systemd")]) as lab:
        cgroup = Path((lab.host("sys").folder / "cgroup").read_text(encoding="ascii").strip())
        assert cgroup.is_dir()

    assert not cgroup.exists()


def test_an_error_at_the_start_leaves_nothing(cache: Path) -> None:
    with pytest.raises(LabError, match="no such lab package"):
        Lab.start(cache, [HostSpec("fine"), HostSpec("wrong", packages=("nothing",))], name="failing")

    assert not leftovers(cache)
    assert not (cache / "labs" / "failing").exists()


def test_the_next_start_sweeps_away_what_a_killed_process_left(cache: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", _OWNER, str(cache)], stdout=subprocess.PIPE, text=True)
    with owner:
        assert owner.stdout is not None
        address = owner.stdout.readline().strip()
        owner.send_signal(signal.SIGKILL)
    network = network_of(cache / "labs" / "doomed")
    with socket.create_connection((address, 22), timeout=30) as connection:
        still = connection.recv(4)

    with Lab.start(cache, [HostSpec("next")]) as lab:
        assert ssh(lab.host("next"), "hostname").stdout == "next\n"
        assert not (cache / "labs" / "doomed").exists()

    assert still == b"SSH-"
    assert gone(cache, network)


def test_a_build_ends_with_the_process_that_wants_it(cache: Path) -> None:
    (cache / "bases").unlink()
    with subprocess.Popen([sys.executable, "-c", _OWNER, str(cache)], stdout=subprocess.PIPE) as owner:
        deadline = time.monotonic() + 20
        while not list(cache.glob("bases/*.new/root/usr")) and time.monotonic() < deadline:
            time.sleep(0.1)
        building = leftovers(cache)
        owner.send_signal(signal.SIGKILL)

    assert building
    assert gone(cache, {})


def test_a_detached_lab_is_found_again_and_cleaned_up(cache: Path) -> None:
    Lab.start(cache, [HostSpec("stays")], detached=True, name="kept")
    with pytest.raises(LabError, match="is up already"):
        Lab.start(cache, name="kept")

    again = Lab.attach(cache, "kept")
    said = ssh(again.host("stays"), "hostname").stdout
    network = network_of(again.folder)
    Lab.cleanup(cache)
    Lab.cleanup(cache)

    assert said == "stays\n"
    assert gone(cache, network)
    with pytest.raises(LabError, match="no lab 'kept' is up"):
        Lab.attach(cache, "kept")


def test_cleanup_leaves_a_lab_whose_owner_lives(cache: Path) -> None:
    with Lab.start(cache, [HostSpec("mine")]) as lab:
        Lab.cleanup(cache)

        assert ssh(lab.host("mine"), "hostname").stdout == "mine\n"


def test_killing_the_mains_kills_the_host(cache: Path) -> None:
    with Lab.start(cache, [HostSpec("dark")]) as lab:
        host = lab.host("dark")
        init = host.init_process
        assert init is not None

        mains = int((host.folder / "mains.pid").read_text(encoding="ascii").split()[0])
        subprocess.run(["kill", "-KILL", str(mains)], check=True)

        assert init.wait_gone(30)


def test_two_labs_do_not_meet(cache: Path) -> None:
    with Lab.start(cache, [HostSpec("same")]) as one, Lab.start(cache, [HostSpec("same")]) as two:
        here, there = one.host("same"), two.host("same")

        assert here.address != there.address
        assert "unreachable" in ssh(here, f"echo > /dev/tcp/{there.address}/22").stderr
        assert here.host_key != there.host_key


def test_twenty_hosts_are_up_in_seconds(cache: Path, record_property: Callable[[str, object], None]) -> None:
    with Lab.start(cache, [HostSpec("warm", packages=("web", "ssl"))]):
        pass
    began = time.monotonic()
    with Lab.start(cache, [HostSpec(f"h{number}", packages=("web", "ssl")) for number in range(20)]) as lab:
        took = time.monotonic() - began
        names = [ssh(host, "hostname").stdout.strip() for host in lab.hosts]
    record_property("seconds_for_20_hosts", f"{took:.1f}")
    sys.stdout.write(f"20 hosts up in {took:.1f} s\n")

    assert names == [f"h{number}" for number in range(20)]
    assert took < 60
