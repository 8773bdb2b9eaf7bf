"""Remedies for what runs on a host: what is declared stays, and the second look decides."""

import pytest

from mspctl.model.outcome import StepStatus
from mspctl.testing import lab
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.modules.runner import Result, run, run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.lab_systemd, pytest.mark.timeout(240)]

_SOCKET = "[Socket]\\nListenStream=%s\\nAccept=yes\\n[Install]\\nWantedBy=sockets.target\\n"
PLANT = f"""set -e
cd /etc/systemd/system
for name in telnet:23 cups:631; do
    printf '{_SOCKET}' "${{name#*:}}" >"${{name%:*}}.socket"
    printf '[Service]\\nExecStart=/bin/cat\\nStandardInput=socket\\n' >"${{name%:*}}@.service"
done
systemctl daemon-reload
systemctl enable --now telnet.socket cups.socket
"""


RPC = f"""set -e
cd /etc/systemd/system
printf '{_SOCKET}' 111 >rpcbind.socket
printf '[Service]\nExecStart=/bin/cat\nStandardInput=socket\n' >rpcbind@.service
systemctl daemon-reload
systemctl enable --now rpcbind.socket
"""
_IDLE = "[Service]\\nExecStart=/usr/local/sbin/%s infinity\\n[Install]\\nWantedBy=multi-user.target\\n"
IDLE = f"""set -e
for name in auditd:auditd fail2ban:fail2ban-server rsyslog:rsyslogd; do
    cp /bin/sleep "/usr/local/sbin/${{name#*:}}"
    printf '{_IDLE}' "${{name#*:}}" >"/etc/systemd/system/${{name%:*}}.service"
done
mkdir -p /etc/fail2ban
echo 'enabled = true' >/etc/fail2ban/jail.local
echo '*.* @@log.example.com' >/etc/rsyslog.conf
systemctl daemon-reload
"""


def _asked(host: lab.Host, check: str, *ports: str) -> Result:
    return run_one(host, Use("security-network", {"fail_on": "never", "remediate": (check,), "ports": ports}))


def _active(host: lab.Host, unit: str) -> tuple[str, str]:
    words = [["is-active", unit], ["is-enabled", unit]]
    told = [host.run_inside(["systemctl", *each], check=False).stdout.strip() for each in words]
    return told[0], told[1]


def test_services_are_switched_off_for_good_unless_declared(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("web1", init="systemd"))
    host.run_inside(["sh", "-c", PLANT])
    for ports, why in (((), "no ports are declared"), (("22", "23"), "tcp/23 is declared as needed")):
        refused = _asked(host, "port-plain", *ports)
        assert (refused.status, refused.changes) == (StepStatus.FAILED, {})
        assert why in refused.reason
        assert _active(host, "telnet.socket") == ("active", "enabled")
    done = _asked(host, "port-plain", "22")
    assert (done.status, set(done.changes)) == (StepStatus.CHANGED, {"check:port-plain"}), done.reason
    assert done.facts["check.port-plain"] == "good"
    assert _active(host, "telnet.socket") == ("inactive", "disabled")
    assert _active(host, "cups.socket") == ("active", "enabled")
    assert set(_asked(host, "port-printing", "22").changes) == {"check:port-printing"}
    assert _active(host, "cups.socket") == ("inactive", "disabled")
    again = _asked(host, "port-plain", "22")
    assert (again.status, again.changes) == (StepStatus.OK, {})


def test_what_is_installed_and_does_not_run_is_started_for_good(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("web1", init="systemd"))
    checks = {"audit-running": "upkeep", "log-elsewhere": "upkeep", "account-lockout": "accounts"}
    uses = [
        Use(f"security-{module}", {"fail_on": "never", "remediate": (check,)})
        for check, module in checks.items()
    ]
    refused = run(host, *uses)
    assert {each.status for each in refused} == {StepStatus.FAILED}
    whys = ("none of these is installed: auditd.service", "nothing is set up", "a program has to be chosen")
    assert [why for why, each in zip(whys, refused, strict=True) if why not in each.reason] == []
    host.run_inside(["sh", "-c", IDLE])
    assert [set(each.changes) for each in run(host, *uses)] == [{f"check:{check}"} for check in checks]
    for unit in ("auditd", "fail2ban", "rsyslog"):
        assert _active(host, f"{unit}.service") == ("active", "enabled")
    host.run_inside(["sh", "-c", RPC])
    host.write_file("/etc/exports", "/srv 192.0.2.0/24(rw)\n")
    assert "folders are shared by NFS" in _asked(host, "port-rpc", "22").reason
    host.write_file("/etc/exports", "# nothing\n")
    assert set(_asked(host, "port-rpc", "22").changes) == {"check:port-rpc"}
    assert _active(host, "rpcbind.socket") == ("inactive", "disabled")


def test_a_service_that_nobody_knows_is_left_alone_and_stays_bad(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("web1", init="systemd"))
    host.run_inside(["sh", "-c", PLANT.replace("telnet", "till")])
    told = _asked(host, "port-plain", "22")
    assert told.status is StepStatus.FAILED
    assert "asked to be remedied and still bad: port-plain" in told.reason
    assert _active(host, "till.socket") == ("active", "enabled")


def test_shared_memory_is_mounted_anew_now_and_at_the_next_boot(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("web1"))
    table = "# /dev/shm below\\ntmpfs /srv tmpfs size=1m 0 0\\ntmpfs /dev/shm tmpfs size=8m 0 0\\n"
    plant = f"mount -t tmpfs none /dev/shm && printf '{table}' >/etc/fstab"
    use = Use("security-kernel", {"fail_on": "never", "remediate": ("mount-shm",)})
    host.run_inside(["sh", "-c", plant])
    done = run_one(host, use)
    assert (done.status, set(done.changes)) == (StepStatus.CHANGED, {"check:mount-shm"}), done.reason
    (line,) = [each for each in host.read_file("/proc/mounts").splitlines() if " /dev/shm " in each][-1:]
    assert {"nosuid", "nodev"} <= set(line.split()[3].split(","))
    assert host.read_file("/etc/fstab").splitlines() == [
        "# /dev/shm below",
        "tmpfs /srv tmpfs size=1m 0 0",
        "tmpfs /dev/shm tmpfs size=8m,nosuid,nodev 0 0",
    ]
    host.run_inside(["sh", "-c", "umount /dev/shm; mount -t tmpfs none /dev/shm; printf '' >/etc/fstab"])
    assert run_one(host, use).status is StepStatus.CHANGED
    assert host.read_file("/etc/fstab") == "tmpfs /dev/shm tmpfs defaults,nosuid,nodev 0 0\n"


def test_rules_that_the_kernel_does_not_take_are_not_left_behind(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("web1"))
    rules, use = (
        "/etc/audit/rules.d/mspctl.rules",
        Use("security-upkeep", {"fail_on": "never", "remediate": ("audit-rules",)}),
    )
    answer = "printf '#!/bin/sh\\necho no netlink\\nexit %s\\n' {} >/usr/sbin/augenrules"
    stub = f"{answer}; chmod 755 /usr/sbin/augenrules"
    host.run_inside(["sh", "-c", f"mkdir -p /etc/audit; {stub.format(1)}"])
    refused = run_one(host, use)
    assert (refused.status, refused.changes) == (StepStatus.FAILED, {})
    assert "the kernel does not take the rules: no netlink" in refused.reason
    assert host.run_inside(["ls", "/etc/audit/rules.d"]).stdout == ""
    host.run_inside(["sh", "-c", stub.format(0)])
    assert set(run_one(host, use).changes) == {"check:audit-rules"}
    told = host.read_file(rules).splitlines()
    assert "-w /etc/passwd -p wa -k mspctl" in told
    paths = [each.split()[1] for each in told]
    assert host.run_inside(["ls", "-d", *paths]).stdout.split() == sorted(paths)


def test_a_password_in_passwd_is_moved_by_the_tool_of_the_system(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("web1"))
    host.run_inside(
        ["sh", "-c", "useradd anna && usermod -p '$6$a$old' anna && cp -p /etc/passwd /tmp/passwd"]
    )
    host.run_inside(["sed", "-i", "s/^anna:x:/anna:$6$a$new:/", "/etc/passwd"])
    use = Use("security-accounts", {"fail_on": "never", "remediate": ("account-in-passwd",)})
    assert set(run_one(host, use).changes) == {"check:account-in-passwd"}
    assert host.read_file("/etc/passwd") == host.read_file("/tmp/passwd")
    (line,) = [each for each in host.read_file("/etc/shadow").splitlines() if each.startswith("anna:")]
    assert line.split(":")[1] == "$6$a$new"
