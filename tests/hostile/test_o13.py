"""O13: login shells that are no sh: only the literal `exec /bin/sh -s` is seen by them."""

from pathlib import Path

import pytest

from mspctl.model.failure import Failure
from mspctl.model.inventory import BecomeMethod
from mspctl.testing.lab import HostSpec
from mspctl.testing.pytest_lab import LabHosts
from tests.hostile.ssh_rows import BEGIN, beginning, client_host, linked, refusal


def test_a_restricted_shell_is_told_apart(tmp_path: Path, lab_hosts: LabHosts) -> None:
    lab_host = lab_hosts(HostSpec("o13"))
    lab_host.run_inside(["sh", "-c", "ln -sf bash /bin/rbash; usermod -s /bin/rbash ops"])
    link = linked(tmp_path, lab_host, client_host(lab_host))
    failure = refusal(beginning(link))
    assert failure.reason == "shell"
    assert "restricted" in failure.detail
    link.close()


def test_the_c_shell_is_no_obstacle(tmp_path: Path, lab_hosts: LabHosts) -> None:
    lab_host = lab_hosts(HostSpec("o13c"))
    lab_host.write_file("/home/ops/.cshrc", "echo welcome\nset noglob\n")
    lab_host.run_inside(["usermod", "-s", "/bin/csh", "ops"])
    link = linked(tmp_path, lab_host, client_host(lab_host))
    out = beginning(link)
    assert isinstance(out, bytes), out
    assert BEGIN in out
    link.close()


@pytest.mark.parametrize("become", [BecomeMethod.NONE, BecomeMethod.SUDO])
def test_the_login_shell_sees_one_literal_line(
    tmp_path: Path, lab_hosts: LabHosts, become: BecomeMethod
) -> None:
    lab_host = lab_hosts(HostSpec("o13b"))
    lab_host.write_file(
        "/bin/odd", '#!/bin/sh\nprintf "%s\\n" "$@" >/tmp/seen\nshift\nexec /bin/sh -c "$1"\n'
    )
    lab_host.run_inside(["sh", "-c", "chmod 755 /bin/odd; usermod -s /bin/odd ops"])
    link = linked(tmp_path, lab_host, client_host(lab_host, become=become))
    out = beginning(link)
    assert isinstance(out, bytes), out
    assert BEGIN in out
    link.close()
    literal = "exec sudo -n -- /bin/sh -s" if become is BecomeMethod.SUDO else "exec /bin/sh -s"
    assert lab_host.read_file("/tmp/seen").splitlines() == ["-c", literal]


def test_a_shell_that_knows_no_exec(tmp_path: Path, lab_hosts: LabHosts) -> None:
    lab_host = lab_hosts(HostSpec("o13c"))
    lab_host.write_file(
        "/bin/appliance", '#!/bin/sh\necho "% Unknown command or computer name" >&2\nexit 1\n'
    )
    lab_host.run_inside(["sh", "-c", "chmod 755 /bin/appliance; usermod -s /bin/appliance ops"])
    link = linked(tmp_path, lab_host, client_host(lab_host))
    answer = beginning(link)
    assert isinstance(answer, Failure)
    assert answer.reason == "shell"
    link.close()
