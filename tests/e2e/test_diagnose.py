"""A host on which one thing after another breaks: each is named first, and mended as was said."""

import base64
import shlex
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from mspctl.shipped import shipped_folder
from mspctl.testing.lab import Host, HostSpec
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.cli import Cli
from tests.integration.certificates import self_signed

pytestmark = [pytest.mark.lab, pytest.mark.timeout(360)]
DAEMON = """\
#!/bin/sh
daemon="--pidfile /run/shop.pid --exec /bin/sleep"
case $1 in
start) start-stop-daemon --start --background --make-pidfile $daemon -- 100000 ;;
stop) start-stop-daemon --stop --remove-pidfile $daemon ;;
status) start-stop-daemon --status $daemon ;;
esac
"""
# The lab's hosts have the clock of this machine: that it is wrong is told by date, that it is set by chronyc.
CLOCK = """\
#!/bin/sh
exec /bin/date -d "@$(($(/bin/date +%s) + $(cat /run/off)))" "$@"
"""
CHRONY = """\
#!/bin/sh
case "$*" in
*tracking) echo "System time     : $(cat /run/off).0 seconds fast of NTP time"
    echo "Leap status     : Normal" ;;
*makestep) echo 0 >/run/off ;;
esac
"""
SET_UP = """
chmod 755 /etc/init.d/shop /usr/local/bin/date /usr/bin/chronyc && ln -s ../init.d/shop /etc/rc2.d/S02shop
echo 0 >/run/off && service shop start && base64 -d /root/openssl >/usr/bin/openssl
chmod 755 /usr/bin/openssl && rm /root/openssl && cp /root/new.pem /etc/shop.pem
"""
FILL = """
mkdir -p /var/crash && fallocate -l $(($(stat -f -c '%a * %S' /) * 97 / 100)) /var/crash/core
touch -d '30 days ago' /var/crash/core
"""


def shell(host: Host, text: str) -> None:
    host.run_inside(["sh", "-c", text], timeout=100)


def certificate(ends: timedelta) -> str:
    now = datetime.now(UTC)
    made = self_signed(x509.DNSName("shop.example"), now - timedelta(days=90), now + ends)
    return made.public.decode()


@pytest.fixture
def host(lab_hosts: LabHosts) -> Host:
    program = shutil.which("openssl")
    assert program is not None
    files = {
        "/etc/init.d/shop": DAEMON,
        "/usr/local/bin/date": CLOCK,
        "/usr/bin/chronyc": CHRONY,
        "/etc/nginx/nginx.conf": "ssl_certificate /etc/shop.pem;\n",
        "/root/old.pem": certificate(timedelta(days=-1)),
        "/root/new.pem": certificate(timedelta(days=90)),
        "/root/openssl": base64.encodebytes(Path(program).read_bytes()).decode(),
    }
    made = lab_hosts(HostSpec("web1", ("web", "ssl"), files=files, disk_mb=128))
    shell(made, SET_UP)
    return made


def calm(project: Path) -> None:
    """Load and memory of a lab host are those of the machine that runs all these tests."""
    text = (shipped_folder("playbooks") / "diagnose.yml").read_text("utf-8")
    patient = text
    for name, most in (("load", 100_000), ("memory", 102)):
        calmed = f"module: {name}, params: {{warning: {most}, critical: {most}}},"
        assert f"module: {name}," in patient
        patient = patient.replace(f"module: {name},", calmed)
    (project / "playbooks").mkdir(exist_ok=True)
    (project / "playbooks" / "diagnose.yml").write_text(patient, "utf-8")


def test_the_usual_suspects_are_named_first_and_mended(
    lab_hosts: LabHosts, host: Host, tmp_path: Path
) -> None:
    project = write_project(lab_hosts.lab, tmp_path / "project", [entry(host)])
    cli = Cli(project, tmp_path / "state")
    calm(project)
    suspects: tuple[tuple[str, str, str], ...] = (
        ("service-down", "service shop stop", ""),
        ("disk-full", FILL, ""),
        ("packages-stuck", "dpkg --unpack $(find /srv/lab-repo/pool -name 'lab-web_1.1*.deb')", ""),
        ("certificate-over", "cp /root/old.pem /etc/shop.pem", "renew=cp /root/new.pem /etc/shop.pem"),
        ("time-off", "echo 3700 >/run/off", ""),
    )
    assert cli("call", "start", "acme", "-m", "web1 is odd").returncode == 0
    for cause, fault, told in suspects:
        shell(host, fault)
        found = cli.json("diagnose", "acme/web1")
        assert [each["cause"] for each in found["causes"]] == [cause], found["causes"]
        assert found["causes"][0]["evidence"]
        fix = shlex.split(found["causes"][0]["fix"])[1:]
        mended = cli(*fix, *(("-e", told) if told else ()))
        assert mended.returncode == 0, (cause, mended.stdout, mended.stderr)
    last = cli("diagnose", "web1", "--client", "acme")
    assert last.returncode == 0, last.stdout
    assert last.stdout.startswith("acme/web1: no cause was found\n")
    assert "package: lab-web" in last.stdout
    assert "file: /etc/shop.pem" in last.stdout
    assert "fix-time changed" in last.stdout
    runs = cli.json("call", "show", "1")["runs"]
    assert len(runs) == 2 * len(suspects) + 1
