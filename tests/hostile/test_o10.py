"""O10: sudo's prompt, its lecture, requiretty and noise: the password goes out under our own prompt only."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.model.failure import Failure
from mspctl.model.inventory import BecomeMethod, Deadlines
from mspctl.model.outcome import Outcome
from mspctl.testing.lab import Host as LabHost
from mspctl.testing.lab import HostSpec, Lab
from mspctl.testing.pytest_lab import LabHosts
from tests.hostile.ssh_rows import BEGIN, beginning, client_host, linked, refusal, with_password

SUDO = BecomeMethod.SUDO


@pytest.fixture
def lab_host(lab_hosts: LabHosts) -> LabHost:
    return lab_hosts(HostSpec("o10"))


def test_a_password_with_a_lecture(tmp_path: Path, lab: Lab, lab_host: LabHost) -> None:
    lab_host.write_file("/etc/sudoers.d/zz-lecture", "Defaults lecture=always\n")
    lab_host.run_inside(["chmod", "440", "/etc/sudoers.d/zz-lecture"])
    host = with_password(client_host(lab_host, "admin", SUDO), tmp_path, lab.admin_password)
    link = linked(tmp_path, lab_host, host)
    out = beginning(link)
    assert isinstance(out, bytes), out
    assert out.split() == [BEGIN, b"0"]
    link.close()


def test_where_sudo_asks_for_nothing_no_password_is_sent(tmp_path: Path, lab: Lab, lab_host: LabHost) -> None:
    host = with_password(client_host(lab_host, "ops", SUDO), tmp_path, lab.admin_password)
    link = linked(tmp_path, lab_host, host)
    channel = link.start(b"echo begin; cat >/root/seen; id -u; exit 0\n")
    assert not isinstance(channel, Failure), channel
    assert channel.read(5) == b"begin\n"
    channel.send(b"after\n")
    channel.end()
    assert channel.exit_status(5) == 0
    assert channel.read(1) == b"0\n"
    link.close()
    assert lab_host.read_file("/root/seen") == "after\n"


def test_a_wrong_password_is_tried_once(tmp_path: Path, lab_host: LabHost) -> None:
    host = with_password(client_host(lab_host, "admin", SUDO), tmp_path, "not-the-password")
    link = linked(tmp_path, lab_host, host)
    failure = refusal(beginning(link))
    assert (failure.outcome, failure.reason) == (Outcome.FAILED, "privilege")
    assert "did not take the password" in failure.detail
    assert "not-the-password" not in repr(failure)
    link.close()


def test_requiretty(tmp_path: Path, lab_host: LabHost) -> None:
    lab_host.write_file("/etc/sudoers.d/zz-tty", "Defaults requiretty\n")
    lab_host.run_inside(["chmod", "440", "/etc/sudoers.d/zz-tty"])
    link = linked(tmp_path, lab_host, client_host(lab_host, "ops", SUDO))
    failure = refusal(beginning(link))
    assert failure.reason == "privilege"
    assert "tty" in failure.detail
    link.close()


def test_a_false_prompt_gets_no_password(tmp_path: Path, lab: Lab, lab_host: LabHost) -> None:
    lab_host.run_inside(["mv", "/usr/bin/sudo", "/usr/bin/sudo.real"])
    lab_host.write_file(
        "/usr/bin/sudo",
        "#!/bin/sh\nprintf '[sudo] password for admin: ' >&2\n"
        "read -r answer\nprintf '%s' \"$answer\" >/tmp/caught\n",
    )
    lab_host.run_inside(["chmod", "755", "/usr/bin/sudo"])
    host = with_password(client_host(lab_host, "admin", SUDO), tmp_path, lab.admin_password)
    host = replace(host, access=replace(host.access, deadlines=Deadlines(connect=5, banner=5, auth=2)))
    link = linked(tmp_path, lab_host, host)
    assert refusal(beginning(link)).reason == "privilege"
    link.close()
    assert lab_host.run_inside(["sh", "-c", "cat /tmp/caught 2>/dev/null || :"]).stdout == ""


def test_the_password_is_in_no_command_line_on_the_host(tmp_path: Path, lab: Lab, lab_host: LabHost) -> None:
    host = with_password(client_host(lab_host, "admin", SUDO), tmp_path, lab.admin_password)
    link = linked(tmp_path, lab_host, host)
    seen: list[str] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            seen.append(
                lab_host.run_inside(
                    ["sh", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ"], check=False
                ).stdout
            )
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    channel = link.start(b"echo begin; sleep 3; exit 0\n")
    assert not isinstance(channel, Failure), channel
    assert channel.exit_status(30) == 0
    stop.set()
    watcher.join()
    assert any("sudo" in text for text in seen)
    assert not any(lab.admin_password in text for text in seen)
    link.close()
