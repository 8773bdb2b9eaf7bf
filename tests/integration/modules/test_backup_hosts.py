"""A host of the lab whose repository is on another one, over SFTP; each step under another shell."""

import shutil
import subprocess
from pathlib import Path

import pytest

from mspctl.model.outcome import StepStatus
from mspctl.model.value import Value
from mspctl.testing import lab
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.modules.here import needs
from tests.integration.modules.quickkey import quick_repository
from tests.integration.modules.runner import Result, run
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]
DASH, BASH, BUSYBOX = ("/bin/sh",), ("/bin/bash",), ("busybox", "sh")


def give_restic(host: lab.Host) -> None:
    program = shutil.which("restic")
    assert program is not None
    put = host.inside(["sh", "-c", "cat >/usr/bin/restic && chmod 755 /usr/bin/restic"])
    subprocess.run(put, input=Path(program).read_bytes(), check=True)


def let_in(patient: lab.Host, store: lab.Host) -> None:
    """Root of `patient` may log in as ops on `store`, whose key it knows."""
    patient.run_inside(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/root/.ssh/id_ed25519"])
    patient.write_file("/root/.ssh/known_hosts", store.known_hosts_line + "\n")
    key = patient.read_file("/root/.ssh/id_ed25519.pub")
    store.run_inside(["sh", "-c", 'printf %s "$1" >>/home/ops/.ssh/authorized_keys', "sh", key])


def put_repository(store: lab.Host, folder: Path) -> None:
    """One that opens at once, in the home of ops."""
    made = quick_repository(folder / "vault", "s3cret")
    packed = subprocess.run(["tar", "-C", str(made.parent), "-c", "vault"], check=True, capture_output=True)
    unpack = store.inside(["tar", "-C", "/home/ops", "-x"])
    subprocess.run(unpack, input=packed.stdout, check=True)
    store.run_inside(["chown", "-R", "ops:", "/home/ops/vault"])


def test_a_repository_over_sftp_is_filled_proven_verified_and_missed(
    lab_hosts: LabHosts, tmp_path: Path
) -> None:
    needs("restic")
    patient, store = lab_hosts.make(lab.HostSpec("patient"), lab.HostSpec("store"))
    give_restic(patient)
    patient.run_inside(["mkdir", "-p", "-m", "700", "/root/.ssh"])
    let_in(patient, store)
    put_repository(store, tmp_path)
    repository = f"sftp:ops@{store.address}:vault"

    def use(module: str, shell: tuple[str, ...], **given: Value) -> Result:
        values = {"repository": repository, "name": "patient", **given}
        return run(patient, Use(module, values, {"password": "s3cret"}), shell=shell)[0]

    made = use("backup-files", BUSYBOX, sources=("/etc", "/usr/share/doc"), excludes=("*.gz",))
    assert made.status is StepStatus.CHANGED, made.reason
    assert (made.findings, int(made.metrics["backup.hashed"]) > 50) == ({}, True)
    proof = use("backup-proof", BASH)
    assert (proof.status, proof.metrics["proof.bad"]) == (StepStatus.OK, "0"), proof.reason
    checked = use("backup-verify", DASH)
    assert checked.status is StepStatus.OK, checked.reason
    assert store.run_inside(["ls", "/home/ops/vault"]).stdout.split()[0] == "config"
    back = use("backup-restore", BUSYBOX, paths=("/etc/passwd",), target="/srv/back")
    assert (back.status, back.metrics["restore.files"]) == (StepStatus.CHANGED, "1"), back.reason
    assert patient.read_file("/srv/back/etc/passwd") == patient.read_file("/etc/passwd")
    plain: dict[str, Value] = {"tool": "tar", "repository": "/srv/plain"}
    made = use("backup-files", BUSYBOX, sources=("/etc",), init=True, **plain)
    assert (made.status, made.findings) == (StepStatus.CHANGED, {}), made.reason
    proof = use("backup-proof", BUSYBOX, whole=True, **plain)
    assert (proof.status, proof.metrics["proof.bad"]) == (StepStatus.OK, "0"), proof.reason
    store.run_inside(["pkill", "-o", "sshd"])
    missed = use("backup-files", DASH, sources=("/etc",), init=True)
    assert (missed.status, set(missed.findings)) == (StepStatus.FAILED, {"backup:unreachable"}), missed.reason
