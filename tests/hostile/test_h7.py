"""H7: MaxSessions 1 and MaxStartups 1:100:1: one channel, back-off with jitter; at last all get through."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from mspctl.model.failure import Failure
from mspctl.model.inventory import Deadlines
from mspctl.testing.sshd import Sshd
from tests.hostile.ssh_rows import refusal
from tests.integration.ssh.liars import Liar, hang_up


def test_one_session_at_a_time_is_enough(tmp_path: Path) -> None:
    with Sshd(tmp_path / "sshd", ["MaxSessions 1"]) as sshd:
        link = sshd.transport().connect(sshd.host())
        assert not isinstance(link, Failure), link
        for number in (3, 4):
            channel = link.start(f"exit {number}\n".encode())
            assert not isinstance(channel, Failure), channel
            assert channel.exit_status(5) == number
        link.close()


def test_a_server_that_is_full_is_asked_again(tmp_path: Path) -> None:
    with Sshd(tmp_path / "sshd", ["MaxStartups 1:100:1"]) as sshd:
        host = sshd.host()
        host = replace(host, access=replace(host.access, deadlines=Deadlines(connect=20, banner=10, auth=10)))
        transport = sshd.transport()
        gate = threading.Barrier(8)

        def connect() -> str:
            gate.wait()
            link = transport.connect(host)
            if isinstance(link, Failure):
                return f"{link.reason}: {link.detail}"
            link.close()
            return "ok"

        with ThreadPoolExecutor(8) as pool:
            answers = [future.result() for future in [pool.submit(connect) for _ in range(8)]]
        assert answers == ["ok"] * 8
        assert "MaxStartups" in sshd.log or "drop connection" in sshd.log


def test_asking_again_ends_with_the_time_to_connect(tmp_path: Path) -> None:
    with Sshd(tmp_path / "sshd") as sshd, Liar(hang_up) as liar:
        host = sshd.host()
        limits = Deadlines(connect=1, banner=1, auth=1)
        host = replace(host, access=replace(host.access, port=liar.port, deadlines=limits))
        assert refusal(sshd.transport().connect(host)).reason == "closed-early"
        assert 2 <= liar.count <= 6
