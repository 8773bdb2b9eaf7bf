"""The other modules on a real host, under each shell that a host may have as /bin/sh."""

from collections.abc import Sequence

import pytest

from mspctl.model.outcome import Forecast, StepStatus
from mspctl.model.value import Value
from mspctl.testing import lab
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.modules.runner import Result, run, run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]

SHELLS = (("/bin/sh",), ("/bin/bash",), ("busybox", "sh"))
HASH = "$6$salt$rKRFhEWO6wJhyY8u9w2lVPbkDqvpUaaWkqOFrfqn6WvMPz0NI0.0ZVpHr7DtM0A6j1qqz1.0.0aaaaaaaaaaa"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBmBm2s0 it's me"


@pytest.fixture
def host(lab_hosts: LabHosts) -> lab.Host:
    return lab_hosts(lab.HostSpec("patient"))


def _statuses(results: Sequence[Result]) -> list[StepStatus]:
    return [result.status for result in results]


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_files_and_folders_become_as_wanted_once(host: lab.Host, shell: tuple[str, ...]) -> None:
    uses = (
        Use("directory", {"path": "/srv/it's here/x", "owner": "ops", "mode": "0750"}),
        Use("file", {"path": "/srv/it's here/x/a", "content": "é\nb = 2\n", "mode": "0640", "group": "ops"}),
        Use("line", {"path": "/srv/it's here/x/a", "line": "b = 3\\n", "regex": "^b *="}),
        Use("line", {"path": "/srv/it's here/x/a", "line": "first", "after": "^é"}),
        Use("file", {"path": "/srv/it's here/x/s"}, {"secret": "canary it's"}),
    )
    forecast = run(host, *uses[:2], check=True, shell=shell)
    assert forecast[0].forecast is Forecast.CHANGE
    assert host.run_inside(["ls", "/srv/it's here"], check=False).returncode != 0
    first = run(host, *uses, shell=shell)
    assert _statuses(first) == [StepStatus.CHANGED] * 5, [result.reason for result in first]
    assert host.read_file("/srv/it's here/x/a") == "é\nfirst\nb = 3\\n\n"
    assert "+first" in first[3].changes["/srv/it's here/x/a"]["diff"]
    assert "canary" not in str(first)
    assert host.read_file("/srv/it's here/x/s") == "canary it's"
    made = ["/srv/it's here/x", "/srv/it's here/x/a", "/srv/it's here/x/s"]
    modes = host.run_inside(["stat", "-c", "%U %G %a", *made])
    assert modes.stdout.splitlines() == ["ops root 750", "root ops 640", "root root 600"]
    again = run(host, uses[0], *uses[2:], shell=shell)
    assert _statuses(again) == [StepStatus.OK] * 4
    assert not any(result.changes for result in again)
    owned = Use("file", {"path": "/srv/it's here/x/a", "mode": "0600", "owner": "ops", "backup": True})
    changed = run_one(host, owned)
    assert changed.changes == {"/srv/it's here/x/a": {"what": "attributes"}}
    gone = run(
        host,
        Use("line", {"path": "/srv/it's here/x/a", "regex": "^b", "state": "absent"}),
        Use("file", {"path": "/srv/it's here/x/s", "state": "absent"}),
        Use("directory", {"path": "/srv/it's here", "state": "absent"}),
        Use("directory", {"path": "/srv/it's here", "state": "absent", "recursive": True}),
        Use("directory", {"path": "/etc", "state": "absent", "recursive": True}),
        shell=shell,
    )
    done, failed = StepStatus.CHANGED, StepStatus.FAILED
    assert _statuses(gone) == [done, done, failed, done, failed]


def test_a_link_is_followed_and_a_backup_kept(host: lab.Host) -> None:
    host.run_inside(["sh", "-c", "echo old > /srv/real; chmod 604 /srv/real; ln -s real /srv/link"])
    result = run_one(host, Use("file", {"path": "/srv/link", "content": "new\n", "backup": True}))
    assert result.status is StepStatus.CHANGED
    assert host.read_file("/srv/real") == "new\n"
    assert host.read_file("/srv/link.mspctl-backup") == "old\n"
    assert host.run_inside(["stat", "-c", "%a %F", "/srv/real"]).stdout == "604 regular file\n"
    assert host.run_inside(["readlink", "/srv/link"]).stdout == "real\n"


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_commands_and_scripts_tell_by_their_status(host: lab.Host, shell: tuple[str, ...]) -> None:
    results = run(
        host,
        Use("command", {"command": "echo $((1 + 1)); pwd", "chdir": "/srv"}),
        Use("command", {"command": "exit 3", "ok_statuses": ("3",)}),
        Use("command", {"command": "echo bad; exit 4"}),
        Use("command", {"command": "touch /srv/made", "creates": "/srv/made"}),
        Use("command", {"command": "touch /srv/made", "creates": "/srv/made"}),
        Use("command", {"command": "id -un", "user": "ops"}),
        Use("script", {"text": "cat\necho 'it''s' \"$0\"\nfor n in 1 2; do echo $n; done"}),
        Use("script", {"text": "touch /srv/b", "check": "[ -e /srv/b ]"}),
        Use("script", {"text": "touch /srv/b", "check": "[ -e /srv/b ]"}),
        Use("script", {"text": ":", "check": "[ -e /srv/never ]"}),
        Use("script", {"text": "a=(1 2); echo ${#a[@]}", "interpreter": "/bin/bash"}),
        shell=shell,
    )
    changed, ok, failed = StepStatus.CHANGED, StepStatus.OK, StepStatus.FAILED
    wanted = [changed, ok, failed, changed, ok, changed, changed, changed, ok, failed, changed]
    assert _statuses(results) == wanted, [result.reason for result in results]
    assert results[0].output == "2\n/srv\n"
    assert results[2].reason == "the command ended with status 4: bad"
    assert results[5].output == "ops\n"
    assert results[6].output.splitlines()[-2:] == ["1", "2"]
    assert results[9].reason.startswith("still needed after the change")
    assert results[10].output == "2\n"


def test_a_dry_run_of_a_command_says_that_nobody_can_know(host: lab.Host) -> None:
    command = Use("command", {"command": "touch /srv/ran"})
    assert run_one(host, command, check=True).forecast is Forecast.UNKNOWN
    assert host.run_inside(["ls", "/srv/ran"], check=False).returncode != 0


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_an_account_comes_grows_and_goes(host: lab.Host, shell: tuple[str, ...]) -> None:
    account: dict[str, Value] = {"name": "tech", "shell": "/bin/bash", "comment": "A Tech"}
    account |= {"groups": ("sudo",), "authorized_keys": (KEY,)}
    use = Use("user", account, {"password": HASH})
    made = run(host, use, use, shell=shell)
    assert _statuses(made) == [StepStatus.CHANGED, StepStatus.OK], [result.reason for result in made]
    assert HASH in host.read_file("/etc/shadow")
    assert host.read_file("/home/tech/.ssh/authorized_keys") == KEY + "\n"
    owner = host.run_inside(["stat", "-c", "%U %a", "/home/tech/.ssh", "/home/tech/.ssh/authorized_keys"])
    assert owner.stdout == "tech 700\ntech 600\n"
    assert "tech" in host.run_inside(["getent", "group", "sudo"]).stdout
    plain = run_one(host, Use("user", {"name": "tech"}, {"password": "hunter2"}))
    assert plain.status is StepStatus.FAILED
    assert "hunter2" not in str(plain)
    gone = run_one(host, Use("user", {"name": "tech", "state": "absent", "remove_home": True}))
    assert gone.status is StepStatus.CHANGED
    assert host.run_inside(["id", "tech"], check=False).returncode != 0


def test_what_the_host_is(host: lab.Host) -> None:
    facts, disk, uptime = run(host, Use("facts"), Use("disk"), Use("uptime"))
    assert facts.facts["os.id"] == "debian"
    assert facts.facts["hostname"] == "patient"
    assert int(facts.facts["memory.bytes"]) > 2**24
    assert facts.facts["boot.id"] == host.boot_id
    assert host.address in facts.facts["addresses"]
    assert facts.facts["virtualisation"]
    assert 0 < int(disk.metrics["disk.size:/"]) < 2**30
    assert 0 <= int(disk.metrics["disk.percent:/"]) <= 100
    assert float(uptime.metrics["uptime.seconds"]) >= 0
    assert _statuses([facts, disk, uptime]) == [StepStatus.OK] * 3


def test_a_full_disk_is_critical(host: lab.Host) -> None:
    with host.faults.disk_full():
        result = run_one(host, Use("disk"))
    assert result.status is StepStatus.FAILED
    assert result.findings["disk:/"]["level"] == "critical"
    assert int(result.findings["disk:/"]["percent"]) >= 95


def test_waiting_ends_with_what_is_there_and_what_is_not(host: lab.Host) -> None:
    results = run(
        host,
        Use("wait-for", {"port": 22}),
        Use("wait-for", {"port": 22, "host": "127.0.0.1"}),
        Use("wait-for", {"port": 4242, "wait": 1}),
        Use("wait-for", {"port": 4242, "host": "127.0.0.1", "wait": 1}),
        Use("wait-for", {"path": "/etc/passwd"}),
        Use("wait-for", {"url": "http://127.0.0.1:4242/", "wait": 1}),
        Use("wait-for"),
        Use("wait-for", {"service": "nothing-like-it", "wait": 1}),
    )
    ok, failed = StepStatus.OK, StepStatus.FAILED
    wanted = [ok, ok, failed, failed, ok, failed, failed, failed]
    assert _statuses(results) == wanted, [result.reason for result in results]
    assert "port 4242" in results[2].reason
    assert run_one(host, Use("wait-for", {"port": 4242}), check=True).forecast is Forecast.UNKNOWN


@pytest.mark.parametrize("init", ["plain", "systemd"])
def test_a_service_stops_starts_and_is_enabled(lab_hosts: LabHosts, init: str) -> None:
    host = lab_hosts(lab.HostSpec("patient", ("web",), "systemd" if init == "systemd" else "plain"))
    started = Use("service", {"name": "lab-web", "state": "started", "enabled": True})
    stopped = Use("service", {"name": "lab-web", "state": "stopped", "enabled": False})
    steps = (stopped, stopped, started, started, Use("service", {"name": "lab-web", "state": "restarted"}))
    run_one(host, started)
    results = run(host, *steps, Use("service", {"name": "no-such", "state": "started"}))
    ok, changed = StepStatus.OK, StepStatus.CHANGED
    wanted = [changed, ok, changed, ok, changed, StepStatus.FAILED]
    assert _statuses(results) == wanted, [result.reason for result in results]
    assert results[3].facts == {"service.lab-web": "active"}
    assert results[5].reason == "there is no service no-such"
    waited = run_one(host, Use("wait-for", {"service": "lab-web"}))
    assert waited.status is ok


def test_a_reboot_is_asked_for_only_when_it_is_due(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("patient"))
    needed = Use("reboot", {"when": "if-needed"})
    assert run_one(host, needed, check=True).forecast is Forecast.NO_CHANGE
    host.run_inside(["sh", "-c", "touch /run/reboot-required; echo libc6 > /run/reboot-required.pkgs"])
    due = run_one(host, needed, check=True)
    assert due.forecast is Forecast.CHANGE
    assert due.changes["reboot"] == {"reason": "asked for by libc6"}
    never = run_one(host, Use("reboot", {"when": "never"}))
    assert never.status is StepStatus.OK
    assert never.findings["reboot-required"] == {"reason": "asked for by libc6"}
