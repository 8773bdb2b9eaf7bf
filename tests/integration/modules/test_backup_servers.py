"""Repositories on servers: borg over a real ssh, restic over its REST protocol, as rclone serves it."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mspctl.model.outcome import StepStatus
from mspctl.testing.sshd import Sshd, free_port
from tests.integration.modules.here import needs
from tests.integration.modules.quickkey import quick_repository
from tests.integration.modules.vault import PASSWORD, Vault, failed_with

pytestmark = pytest.mark.timeout(240)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The repository in a folder, to which clients can only add; its address for restic."""
    program, port = shutil.which("rclone"), free_port()
    assert program
    command = [
        program,
        "serve",
        "restic",
        "--append-only",
        "--config",
        "",
        f"--addr=127.0.0.1:{port}",
        str(folder),
    ]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        with socket.socket() as probe:
            while probe.connect_ex(("127.0.0.1", port)):
                assert time.monotonic() < until
                time.sleep(0.05)
        yield f"rest:http://127.0.0.1:{port}/"
    finally:
        server.kill()
        server.wait()


def test_a_rest_server_is_filled_proven_and_missed(tmp_path: Path) -> None:
    needs("restic")
    needs("rclone")
    vault = Vault(tmp_path)
    quick_repository(tmp_path / "stored", PASSWORD)
    with served(tmp_path / "stored") as address:
        missing = vault.run(repository=f"{address}elsewhere/")
        assert failed_with(missing) == {"backup:no-repository"}
        time.sleep(1.1)  # a file of the very second of the backup is not hashed
        made = vault.run(repository=address)
        assert (made.status, made.findings) == (StepStatus.CHANGED, {}), made.reason
        assert vault.run("backup-proof", repository=address).metrics["proof.bad"] == "0"
        assert vault.run("backup-verify", parts=1, repository=address).status is StepStatus.OK
        assert vault.run("backup-snapshots", repository=address).metrics["backup.snapshots"] == "1"
    assert failed_with(vault.run(repository=address, init=True)) == {"backup:unreachable"}


def test_borg_over_ssh_is_filled_proven_and_missed(tmp_path: Path) -> None:
    needs("borg")
    with Sshd(tmp_path / "sshd") as server:
        (tmp_path / "known").write_text(server.known_hosts_line + "\n")
        options = f"-i {server.client_key} -o UserKnownHostsFile={tmp_path}/known -o BatchMode=yes"
        vault = Vault(tmp_path, "borg", {"BORG_RSH": f"ssh -F none {options}"})
        address = f"ssh://{server.user}@{server.address}:{server.port}{tmp_path}/stored"
        assert failed_with(vault.run(repository=address)) == {"backup:no-repository"}
        time.sleep(1.1)
        made = vault.run(repository=address, init=True)
        assert (made.status, made.findings) == (StepStatus.CHANGED, {}), made.reason
        assert (tmp_path / "stored" / "config").exists()
        proof = vault.run("backup-proof", repository=address, files=5)
        assert (proof.status, proof.metrics["proof.files"]) == (StepStatus.OK, "5"), proof.reason
        shutil.copytree(tmp_path / "stored", tmp_path / "moved")
        elsewhere = vault.run(repository=str(tmp_path / "moved"))
        assert failed_with(elsewhere) == {"backup:moved"}
        assert "-e accept=true" in elsewhere.reason
        server.stop()
        assert failed_with(vault.run(repository=address)) == {"backup:unreachable"}
