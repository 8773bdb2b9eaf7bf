"""A lab client with planted faults: found, remedied where asked, waived, found fixed by the next run."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mspctl.testing.lab import Host, HostSpec
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.cli import Cli

pytestmark = [pytest.mark.lab, pytest.mark.timeout(400)]

PLANT = """
set -e
cat >/etc/ssh/sshd_config.d/00-old.conf <<'X'
PermitRootLogin yes
PermitEmptyPasswords yes
X11Forwarding yes
MACs hmac-sha1,hmac-sha2-256
MaxAuthTries 10
X
kill -HUP $(cat /run/sshd.pid)
useradd -m anna
sed -i 's/^anna:[^:]*:/anna::/' /etc/shadow
useradd -o -u 0 -M toor
chmod 644 /etc/shadow
chmod 777 /usr/local/bin /home/anna
echo '* * * * * root true' >/etc/cron.d/job
chmod 666 /etc/cron.d/job
echo + >/etc/hosts.equiv
cp /bin/true /usr/local/bin/rootshell
chmod 4755 /usr/local/bin/rootshell
echo '*.* @@log.example.com' >/etc/rsyslog.conf
mkdir -p /etc/ssl/private
echo '-----BEGIN RSA PRIVATE KEY-----' >/etc/ssl/private/shop.key
chmod 644 /etc/ssl/private/shop.key
"""
MENDED = frozenset(
    {
        "ssh-root-login", "ssh-empty-passwords", "ssh-x11", "ssh-macs", "ssh-tries", "account-no-password",
        "account-home-mode", "file-passwords", "file-programs", "file-schedules", "file-private-keys",
    }
)  # fmt: skip
BESIDE = frozenset({"file-open", "file-sticky"})
"""What the others remedy as well: files and folders that all could change."""
STAYS = frozenset({"account-superuser", "file-trusted-hosts", "file-suid"})
WAIVER = """
security:
  waivers:
    - {check: file-suid, owner: Anna Berg, reason: the old shop needs it, until: 2099-12-31}
    - {check: file-trusted-hosts, owner: Anna Berg, reason: the old shop needs it, until: 2020-12-31}
"""


def results(cli: Cli) -> dict[str, Any]:
    """What `security status` says: check → its finding."""
    (host,) = cli.json("security", "status", "--client", "acme")["hosts"]
    assert host["measured"]
    return {each["check"]: each for each in host["findings"]}


def with_result(found: dict[str, Any], result: str) -> set[str]:
    return {check for check, each in found.items() if each["result"] == result}


def test_planted_faults_are_found_remedied_waived_and_seen_fixed(lab_hosts: LabHosts, tmp_path: Path) -> None:
    host = lab_hosts(HostSpec("web1"))
    host.run_inside(["sh", "-c", PLANT])
    project = write_project(lab_hosts.lab, tmp_path / "project", [entry(host)])
    cli = Cli(project, tmp_path / "state", wait=150)
    look = ("security", "--client", "acme")

    first = cli(*look)
    assert (first.returncode, first.stderr) == (1, "")
    assert "new, 0 still open" in first.stdout
    found = results(cli)
    assert with_result(found, "new") >= MENDED | STAYS
    assert found["account-no-password"]["evidence"] == "anna"
    assert cli("security", "status", "--due").returncode == 1

    unknown = cli(*look, "--remediate", "ssh-rot-login")
    assert (unknown.returncode, "ssh-root-login" in unknown.stderr) == (2, True)
    people = cli(*look, "--remediate", "file-suid")
    assert (people.returncode, "nobody can remedy `file-suid`" in people.stderr) == (2, True)
    assert "trace of an intruder" in people.stderr

    config = host.read_file("/etc/ssh/sshd_config")
    host.run_inside(["mv", "/run/sshd.pid", "/run/hidden"])
    refused = cli(*look, "--step-tags", "ssh", "--remediate", "ssh-tries")
    assert (refused.returncode, "the old file is back" in refused.stdout) == (1, True), refused.stdout
    assert host.read_file("/etc/ssh/sshd_config") == config
    host.run_inside(["mv", "/run/hidden", "/run/sshd.pid"])

    file = project / "inventory" / "clients" / "acme.yml"
    file.write_text(file.read_text() + WAIVER)
    done = cli(*look, "--remediate", ",".join(sorted(MENDED)))
    assert (done.returncode, "13 fixed" in done.stdout) == (1, True), done.stdout + done.stderr
    assert "open again: the waiver of Anna Berg ended on 2020-12-31" in done.stdout
    steps = cli.last()["hosts"][0]["steps"]
    changes = {each["name"] for step in steps for each in step["changes"]}
    assert changes == {f"check:{check}" for check in MENDED}
    found = results(cli)
    assert with_result(found, "fixed") == MENDED | BESIDE
    assert with_result(found, "waived") == {"file-suid"}
    assert {"account-superuser", "file-trusted-hosts"} <= with_result(found, "open")
    assert host.read_file("/etc/ssh/sshd_config").endswith(config)

    # The third login is by what the remedies left of sshd, and asks what sshd itself says now.
    last = cli.json(*look, "-e", "fail_on=never")
    assert last["counts"] == {"ok": 1}
    assert last["security"] == cli.json("security", "status", "--client", "acme")["hosts"]
    found = results(cli)
    assert (with_result(found, "fixed"), with_result(found, "new")) == (set(), set())
    assert not MENDED & found.keys()
    assert "x11forwarding no" in host.run_inside(["/usr/sbin/sshd", "-T"]).stdout

    compared(lab_hosts, host, cli)
    vulnerable(host, cli, tmp_path)


def compared(lab_hosts: LabHosts, host: Host, cli: Cli) -> None:
    """The real lynis beside the baseline: what differs is named, and lynis's exit status is nobody's."""
    lab_hosts.lab.install_debian(host, "lynis")
    scan = ("security", "scan", "--client", "acme", "-e", "groups=ssh,kernel_hardening,authentication")
    scanned = cli.json(*scan, "-e", "plugins=false", "-e", "lynis_fail_on=never")
    lynis, *others = scanned["hosts"][0]["steps"]
    assert (lynis["status"], [each["status"] for each in others]) == ("ok", ["skipped", "skipped"])
    assert "|SSH-7408|" in lynis["facts"]["lynis.executed"]
    told = cli.json("security", "compare", "--client", "acme")
    rows = {row["check"]: row for row in told["rows"]}
    assert (rows["ssh-x11"]["ours"], rows["ssh-x11"]["lynis"], rows["ssh-x11"]["agree"]) == (
        "good",
        "good",
        True,
    )
    assert (rows["account-superuser"]["lynis"], rows["account-superuser"]["agree"]) == ("bad", True)
    assert rows["account-no-password"]["agree"]
    # Ours takes 4, lynis wants 3.
    assert (rows["ssh-tries"]["lynis"], rows["ssh-tries"]["agree"]) == ("bad", False)
    assert rows["files-watched"]["lynis"] == "not tried"
    shown = cli("security", "compare", "--client", "acme").stdout
    assert f"{told['agree']} of {told['of']} alike" in shown
    assert told["of"] >= 20
    assert told["agree"] >= told["of"] - 8


def vulnerable(host: Host, cli: Cli, folder: Path) -> None:
    """Installed packages against a list in the tracker's shape, and CISA's of those that are exploited."""
    shape = "${source:Package} ${source:Version}\\n"
    source, version = host.run_inside(["dpkg-query", "-W", "-f", shape, "openssh-server"]).stdout.split()
    states = {
        "CVE-2026-1": {"status": "resolved", "fixed_version": f"{version}+deb12u99", "urgency": "high"},
        "CVE-2026-2": {"status": "open", "urgency": "low"},
        "CVE-2026-3": {"status": "resolved", "fixed_version": version, "urgency": "high"},
    }
    entries = {name: {"releases": {"bookworm": state}} for name, state in states.items()}
    advisories, kev = folder / "tracker.json", folder / "kev.json"
    advisories.write_text(json.dumps({source: entries}))
    kev.write_text(json.dumps({"vulnerabilities": [{"cveID": "CVE-2026-2"}]}))
    ask = ("security", "vulnerabilities", "--client", "acme", "--advisories", str(advisories))
    assert cli("security", "packages", "--client", "acme").returncode == 0
    (told,) = cli.json(*ask, "--kev", str(kev))["hosts"]
    assert told["measured"]
    found = {each["id"]: (each["fix"], each["exploited"]) for each in told["vulnerabilities"]}
    assert found == {"CVE-2026-2": ("no fix", True), "CVE-2026-1": ("update", False)}
    assert told["packages"] == len(host.run_inside(["dpkg-query", "-W"]).stdout.splitlines())
    assert cli(*ask, "--due").returncode == 1
    fetched = advisories.stat().st_mtime
    os.utime(advisories, (fetched, fetched - 90 * 86_400))
    (told,) = cli.json(*ask)["hosts"]
    assert (told["measured"], told["vulnerabilities"]) == (False, [])
    assert told["trouble"].startswith("tracker.json was written on ")
    advisories.write_text(json.dumps({source: {"CVE-2026-9": {"releases": {"sid": states["CVE-2026-2"]}}}}))
    assert "says nothing about debian 12 bookworm" in cli(*ask).stdout
    # Of some distributions nobody keeps such a list: that is no good news.
    host.run_inside(["sh", "-c", "rm /etc/os-release; printf 'ID=arch\\n' >/etc/os-release"])
    assert cli("security", "packages", "--client", "acme").returncode == 0
    (told,) = cli.json(*ask)["hosts"]
    assert (told["measured"], told["vulnerabilities"]) == (False, [])
    assert told["trouble"].endswith("says nothing about arch: OSV has no records of Arch Linux")
    assert cli(*ask, "--due").returncode == 1
