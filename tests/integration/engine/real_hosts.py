"""Lab hosts as the engine sees them: root over SSH, with pinned keys and short patience."""

from pathlib import Path

from mspctl.engine.execute import Equipment, Execution
from mspctl.engine.follow import NoBeginning
from mspctl.engine.policy import RunPolicy
from mspctl.model.bundle import Plan
from mspctl.model.failure import Failure
from mspctl.model.inventory import Access, BecomeMethod, Deadlines, Host
from mspctl.model.run import Run
from mspctl.model.secret import SecretRef
from mspctl.secrets.files import FileSecrets
from mspctl.testing.clock import SystemClock
from mspctl.testing.lab import CountingProxy, Lab
from mspctl.testing.lab import Host as LabHost
from mspctl.transports.no_begin import classify_no_begin
from mspctl.transports.ssh.transport import SshTransport
from mspctl.transports.trust import KnownHosts
from tests.unit.engine.bundles import no_secrets, pending, texts

PATIENT = Deadlines(connect=3, banner=5, auth=5, step=120, run=180, reboot=40, lock_wait=2, keepalive=2)

UPGRADE = """check() {
    if apt-get -s upgrade | grep -q '^Inst lab-'; then needed upgrade; else ok "nothing to upgrade"; fi
}
apply() {
    DEBIAN_FRONTEND=noninteractive apt-get -y -q upgrade || return 1
    changed upgrade
}"""


def site_host(host: LabHost, proxy: CountingProxy | None = None, deadlines: Deadlines = PATIENT) -> Host:
    address, port = (proxy.address, proxy.port) if proxy else (host.address, host.port)
    key = SecretRef("file", "key")
    access = Access(
        address=address, port=port, user="ops", identity=key, become=BecomeMethod.SUDO, deadlines=deadlines
    )
    return Host("acme", "hq", host.name, access)


def transport(lab: Lab, folder: Path, *hosts: tuple[Host, LabHost]) -> SshTransport:
    pins = folder / "pins"
    lines = []
    for host, real in hosts:
        place = (
            host.access.address if host.access.port == 22 else f"[{host.access.address}]:{host.access.port}"
        )
        lines.append(f"{place} {real.host_key}\n")
    pins.write_text("".join(lines))
    key = folder / "key"
    key.write_bytes(lab.key_path.read_bytes())
    key.chmod(0o600)
    names = {host.name: host for host, _ in hosts}
    return SshTransport(
        secrets=FileSecrets(folder), known_hosts=KnownHosts.read("acme", pins), find_host=names.get
    )


def explain(said: NoBeginning) -> Failure:
    return classify_no_begin(said.exit_status, said.stdout, said.stderr)


def execution(
    plan: Plan, ssh: SshTransport, run: Run | None = None, policy: RunPolicy | None = None
) -> Execution:
    equipment = Equipment(ssh, no_secrets, texts(), SystemClock(), explain)
    return Execution(plan, run or pending(plan), equipment, policy or RunPolicy(), owner="a test")
