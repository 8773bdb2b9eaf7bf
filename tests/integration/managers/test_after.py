"""What an upgrade leaves to do: a reboot for a new kernel, on each family; services that run old code."""

import re

import pytest

from mspctl.model.outcome import StepStatus
from mspctl.testing import lab
from mspctl.testing.lab.packages import Deb
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.modules.runner import Result, run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]

_LIKE = {"debian": "debian", "suse": "opensuse-leap", "redhat": "rocky", "arch": "arch", "alpine": "alpine"}


def _reboot(host: lab.Host, family: str, *places: str) -> str:
    """Why a reboot is due on a host of that family with these files on its disk; empty if it is not."""
    like = "suse" if family == "suse" else "fedora" if family == "redhat" else ""
    host.write_file("/etc/os-release", f"ID={_LIKE[family]}\nID_LIKE='{like}'\n".replace("'", '"'))
    make = 'rm -rf /boot/vmlinuz-* /lib/modules; for f; do mkdir -p "${f%/*}"; : >"$f"; done'
    host.run_inside(["sh", "-c", make, "sh", *places])
    result = run_one(host, Use("reboot", {"when": "never"}))
    return result.findings.get("reboot-required", {}).get("reason", "")


def test_a_newer_kernel_than_the_running_one_asks_for_a_reboot(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("patient"))
    running = host.read_file("/proc/sys/kernel/osrelease").strip()
    mine, older = f"/boot/vmlinuz-{running}", f"/boot/vmlinuz-1.{running}"
    newer = dict.fromkeys(("debian", "suse"), f"/boot/vmlinuz-999.{running}")
    newer["redhat"] = "/lib/modules/999.10.0-1.el9.x86_64/vmlinuz"
    for family, place in newer.items():
        assert not _reboot(host, family, place), "a host without a kernel of its own is a container"
        assert not _reboot(host, family, mine, older, "/boot/vmlinuz-0-rescue-999.1")
        other = f"/boot/vmlinuz-999.1-1{'+debug' if family == 'redhat' else '-other'}"
        assert not _reboot(host, family, mine, other), "a kernel of another flavour"
        if family == "redhat" or re.search(r"[0-9]-", running):
            assert _reboot(host, family, mine, place).endswith(f" is installed, {running} runs"), family
    between = "/lib/modules/999.9.0-1.el9.x86_64/vmlinuz"
    why = _reboot(host, "redhat", mine, newer["redhat"], between)
    assert why == f"kernel 999.10.0-1.el9.x86_64 is installed, {running} runs"
    for family in ("arch", "alpine"):
        other = "/lib/modules/999.1/modules.dep"
        assert not _reboot(host, family, other, f"/lib/modules/{running}/modules.dep")
        assert _reboot(host, family, other).startswith("kernel 999.1 is installed"), family


def _stale(result: Result) -> set[str]:
    return {name for name in result.findings if name.startswith("restart:")}


_OLD = """
cp /bin/sleep /usr/local/bin/lab-old
until pgrep -x lab-old; do setsid --fork lab-old 600 < /dev/null > /dev/null 2>&1; sleep 0.2; done
"""
_SEEN = "grep . /proc/[0-9]*/comm; cd /proc/$(pgrep -x lab-old) && cat cgroup maps"


def test_a_process_that_runs_deleted_code_is_named(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("patient"))
    host.run_inside(["sh", "-c", _OLD])
    assert _stale(run_one(host, Use("updates"))) == set()
    host.run_inside(["sh", "-c", "cp /bin/sleep /tmp/new && mv /tmp/new /usr/local/bin/lab-old"])
    result = run_one(host, Use("updates"))
    assert result.findings["restart:lab-old"] == {"reason": "runs code from before the upgrade"}


_UNIT = "[Service]\nExecStart=/usr/local/bin/lab-old infinity\n"


@pytest.mark.lab_systemd
def test_a_service_is_named_by_its_unit(lab_hosts: LabHosts) -> None:
    host = lab_hosts(
        lab.HostSpec("patient", init="systemd", files={"/etc/systemd/system/lab-old.service": _UNIT})
    )
    host.run_inside(["sh", "-c", "cp /bin/sleep /usr/local/bin/lab-old && systemctl start lab-old"])
    assert _stale(run_one(host, Use("updates"))) == set()
    host.run_inside(["sh", "-c", "rm /usr/local/bin/lab-old; cp /bin/sleep /usr/local/bin/lab-old"])
    assert _stale(run_one(host, Use("updates"))) == {"restart:lab-old.service"}


_ASKS = """#!/bin/sh
# A stand-in for needrestart, called by apt as that is: it asks whoever may be there unless it is told not to.
echo "${NEEDRESTART_MODE-unset}" >> /run/asked
[ "${NEEDRESTART_MODE-i}" = i ] || exit 0
if (: < /dev/tty) 2> /dev/null; then exec < /dev/tty; fi
while :; do sleep 1; done
"""
_HOOK = {
    "usr/sbin/lab-asks": _ASKS,
    "etc/apt/apt.conf.d/99lab-asks": 'DPkg::Post-Invoke { "/usr/sbin/lab-asks"; };\n',
}
_REPLACE = "#!/bin/sh\ncp /bin/sleep /tmp/new && mv /tmp/new /usr/local/bin/lab-old\n"


def test_what_asks_after_an_upgrade_is_not_waited_for_and_the_service_is_named(lab_hosts: LabHosts) -> None:
    daemons = [Deb("lab-replacer", each, scripts={"postinst": _REPLACE}) for each in ("1.0", "1.1")]
    lab_hosts.lab.publish([*daemons, Deb("lab-asks", "1.0", files=_HOOK)])
    host = lab_hosts(lab.HostSpec("patient"))
    install = "apt-get -qq update && NEEDRESTART_MODE=l apt-get -qq -y install lab-replacer=1.0 lab-asks"
    host.run_inside(["sh", "-c", f"{install}; rm -f /run/asked; {_OLD}"], timeout=90)
    result = run_one(host, Use("packages", {"action": "upgrade"}), timeout=90)
    assert (result.status, set(result.changes)) == (StepStatus.CHANGED, {"lab-replacer"})
    assert set(host.read_file("/run/asked").split()) == {"l"}
    assert _stale(result) == {"restart:lab-old"}, host.run_inside(["sh", "-c", _SEEN], check=False).stdout
