"""The security baseline with real tools: each planted fault is found, and a disk without them passes."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from mspctl.model.outcome import StepStatus
from mspctl.model.value import Value
from tests.integration.modules.here import Here, needs
from tests.integration.modules.runner import Result, run, run_one
from tests.integration.modules.samples import LIBRARIES, NAMES, Use, load
from tests.integration.modules.securitymasks import BEHIND, BLIND, MASKED, UNSEEN
from tests.integration.modules.securitytrees import FAULTY, PARAMETERS, SOUND, plant

pytestmark = pytest.mark.timeout(240)

MODULES = tuple(name for name in NAMES if name.startswith("security-"))
CHECKS = frozenset(check.name for name in MODULES for check in load(name).checks)
# What runs is mended, not a disk: test_live_remedies has these.
LIVE = frozenset(
    {
        "mount-shm",
        "port-plain",
        "port-printing",
        "port-rpc",
        "audit-running",
        "account-lockout",
        "log-elsewhere",
    }
)
MENDED = frozenset(check.name for name in MODULES for check in load(name).checks if check.mends) - LIVE
BUSYBOX = ("busybox", "sh")
# Programs of the host answer these, not its disk: the modules' examples have both directions of them.
ASKED = frozenset({"firewall-rules", "firewall-policy", "time-synchronised", "certificate-port"})


def _states(results: list[Result]) -> Mapping[str, str]:
    facts = {name: value for result in results for name, value in result.facts.items()}
    return {name.removeprefix("check."): value for name, value in facts.items()}


class WithSshd(Here):
    """sshd wants a folder in /run before it tells its settings."""

    def inside(self, command: Sequence[str], /) -> list[str]:
        return super().inside(["sh", "-c", 'mkdir -p /run/sshd && exec "$@"', "sh", *command])


class WithoutTrust(WithSshd):
    """The real sshd, but it takes no new file."""

    def inside(self, command: Sequence[str], /) -> list[str]:
        script = 'case " $* " in *" -t "*) echo "line 1: no"; exit 255 ;; esac; exec /usr/sbin/sshd "$@"'
        make = f"printf '%b' '#!/bin/sh\\n{script}' >/usr/local/sbin/sshd && chmod 755 /usr/local/sbin/sshd"
        wrapped = f'mount -t tmpfs none /usr/local/sbin && {make} && exec "$@"'
        return super().inside(["sh", "-c", wrapped, "sh", *command])


def _uses(root: Path, **more: Value) -> list[Use]:
    return [Use(name, {"root": str(root), **PARAMETERS.get(name, {}), **more}) for name in MODULES]


def _state_of(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Each file below the folder: mode, owner, contents."""
    found = {}
    for path in sorted(folder.rglob("*")):
        told = path.lstat()
        text = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        found[str(path)] = (told.st_mode, told.st_uid, text)
    return found


def test_each_remedy_is_applied_where_it_is_asked_for_and_nothing_else(tmp_path: Path) -> None:
    for tool in ("sshd", "openssl", "dpkg-query", "busybox", "visudo"):
        needs(tool)
    host, root = WithSshd(tmp_path, {}), tmp_path / "faulty"
    plant(host, root, FAULTY)
    waived = "ssh-tries"
    asked = _uses(root, fail_on="never", waived=(waived,), remediate=tuple(sorted(MENDED)))
    before = _state_of(root)
    forecast = run(host, *asked, check=True)
    assert _state_of(root) == before
    assert {name.removeprefix("check:") for each in forecast for name in each.changes} == MENDED - {waived}
    done = run(host, *asked, shell=BUSYBOX)
    assert [each.reason for each in done if each.status is StepStatus.FAILED] == []
    states = _states(done)
    assert {name for name in MENDED if states[name] != "good"} == {waived}
    changed = {name.removeprefix("check:") for each in done for name in each.changes}
    # The log that others could change was a file that others could change.
    assert changed == MENDED - {waived, "log-modes"}
    assert {name for name in CHECKS - MENDED - ASKED if states[name] != "bad"} == set()
    assert "waived, so not remedied: ssh-tries" in done[MODULES.index("security-ssh")].reason
    after = _state_of(root)
    assert not [name for name in after if name.endswith(".mspctl-new")]
    again = run(host, *asked)
    assert (_state_of(root), {name for each in again for name in each.changes}) == (after, set())


def test_what_cannot_be_remedied_has_failed_and_says_why(tmp_path: Path) -> None:
    for tool in ("sshd", "openssl", "busybox"):
        needs(tool)
    host, root = WithSshd(tmp_path, {}), tmp_path / "faulty"
    plant(host, root, FAULTY)
    config, keys = root / "etc/ssh/sshd_config", root / "root/.ssh/authorized_keys"
    old = config.read_text()

    def use(check: str, module: str = "security-ssh", **more: str) -> Use:
        return Use(module, {"root": str(root), "fail_on": "never", "remediate": (check,), **more})

    def asked(check: str, module: str = "security-ssh", **more: str) -> Result:
        return run_one(host, use(check, module, **more))

    people = asked("keys-age", "security-accounts")
    assert people.status is StepStatus.FAILED
    assert "nobody can remedy keys-age but people" in people.reason
    (root / "sys/class/net/docker0").mkdir(parents=True)
    bridged = asked("net-forwarding", "security-kernel")
    assert bridged.status is StepStatus.FAILED
    assert "docker0 needs it: say `router: true`" in bridged.reason
    locked = asked("ssh-password", login="password")
    assert "mspctl logs in here with a password" in locked.reason
    assert "logs in as root with a password" in asked("ssh-root-login", login="password").reason
    keys.chmod(0o666)
    assert "others may change /root/.ssh/authorized_keys" in asked("ssh-strict-modes").reason
    keys.chmod(0o600)
    os.chown(keys, 4711, 4711)
    assert "authorized_keys belongs to another account" in asked("ssh-strict-modes").reason
    os.chown(keys, 0, 0)
    keys.rename(keys.with_name("elsewhere"))
    assert "the file with our key was not found" in asked("ssh-strict-modes").reason
    assert "nobody knows the home of ldap1" in asked("ssh-strict-modes", user="ldap1").reason
    assert config.read_text() == old
    config.write_text(f"{old}AuthenticationMethods publickey,password\n")
    assert "AuthenticationMethods is publickey,password" in asked("ssh-keyboard").reason
    config.write_text(old)
    refused = run_one(WithoutTrust(tmp_path, {}), use("ssh-x11"))
    assert refused.status is StepStatus.FAILED
    assert "sshd -t: line 1: no" in refused.reason
    assert (refused.facts["check.ssh-x11"], refused.changes) == ("bad", {})
    assert config.read_text() == old
    assert not list(config.parent.glob("*.mspctl-new"))


def test_a_remedy_whose_program_fails_empties_no_file(tmp_path: Path) -> None:
    needs("busybox")
    file = tmp_path / "shadow"
    file.write_text("root:*:1::::::\n")
    script = '. "$1"; false | replace_file "$2" || printf no; printf "new\n" | replace_file "$2"'
    for shell in (("/bin/sh",), ("/bin/bash",), BUSYBOX):
        command = [*shell, "-c", script, "sh", str(LIBRARIES / "checks.sh"), str(file)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        assert (done.stdout, done.stderr) == ("no", "")
        assert (file.read_text(), list(tmp_path.iterdir())) == ("new\n", [file])


def test_what_has_no_remedy_says_why_it_takes_a_person() -> None:
    checks = [check for name in MODULES for check in load(name).checks]
    assert {check.name for check in checks if bool(check.person) is check.mends} == set()


@pytest.mark.parametrize(
    ("check", "module"), [("port-plain", "security-network"), ("mount-shm", "security-kernel")]
)
def test_what_runs_is_not_mended_in_an_image(tmp_path: Path, check: str, module: str) -> None:
    plant(Here(tmp_path, {}), tmp_path / "faulty", FAULTY)
    told = run_one(
        Here(tmp_path, {}),
        Use(module, {"root": str(tmp_path / "faulty"), "fail_on": "never", "remediate": (check,)}),
    )
    assert (told.status, told.changes) == (StepStatus.FAILED, {})
    assert "an image" in told.reason


def test_more_certificates_than_are_looked_at_are_not_called_good(tmp_path: Path) -> None:
    needs("openssl")
    host, root = WithSshd(tmp_path, {}), tmp_path / "sound"
    plant(host, root, SOUND)
    asked = next(use for use in _uses(root, fail_on="never") if use.module == "security-files")
    checks = ("certificate-ends", "certificate-weak", "file-private-keys")
    before = _states([run_one(host, asked)])
    assert {before[name] for name in checks} == {"good"}
    for number in range(501):
        (root / "etc/ssl/private" / f"{number}.pem").write_text("nothing\n")
    after = _states([run_one(host, asked)])
    assert {after[name] for name in checks} == {"unmeasured"}


def test_what_is_set_aside_or_moved_is_not_lost(tmp_path: Path) -> None:
    root = tmp_path / "faulty"
    plant(Here(tmp_path, {}), root, FAULTY)
    for module, check in (("accounts", "account-in-passwd"), ("files", "file-trusted-hosts")):
        use = Use(f"security-{module}", {"root": str(root), "fail_on": "never", "remediate": (check,)})
        assert run_one(Here(tmp_path, {}), use).status is StepStatus.CHANGED
    shadow = (root / "etc/shadow").read_text()
    assert re.search(r"^old:cryptedhashab:[0-9]{5}::::::$", shadow, re.MULTILINE)
    assert shadow.startswith("root:$6$a$b:19000::::::\nanna::19000::::::\n")
    assert "old:x:1002:1000::/home/old:/bin/sh\n" in (root / "etc/passwd").read_text()
    assert (root / "etc/hosts.equiv.mspctl-off").read_text() == "+\n"


class WithPorts(Here):
    """A network of its own, which process `holder` is in."""

    def __init__(self, folder: Path, holder: int) -> None:
        super().__init__(folder, {})
        self._enter = ["nsenter", f"--net=/proc/{holder}/ns/net"]

    def inside(self, command: Sequence[str], /) -> list[str]:
        return [*self._enter, *super().inside(command)]


@pytest.fixture
def own_network() -> Iterator[int]:
    """The process that holds it; its loopback is up."""
    script = "ip link set lo up && echo up && exec sleep infinity"
    with subprocess.Popen(["unshare", "--net", "sh", "-c", script], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"up\n"
        yield holder.pid
        holder.kill()


def test_ports_are_asked_for_their_certificates(tmp_path: Path, own_network: int) -> None:
    for tool in ("openssl", "busybox", "ip", "unshare"):
        needs(tool)
    host = WithPorts(tmp_path, own_network)
    listeners = ["busybox nc -ll -p 7001 -e cat", "busybox nc -ll -p 7002 -e echo hello"]
    for port, days in ((8443, 10), (9443, 90)):
        key, certificate = tmp_path / f"{port}.key", tmp_path / f"{port}.pem"
        make = f"req -x509 -newkey rsa:2048 -nodes -subj /CN=x -days {days} -keyout {key} -out {certificate}"
        subprocess.run(["openssl", *make.split()], check=True, capture_output=True, timeout=100)
        listeners.append(f"openssl s_server -quiet -accept {port} -cert {certificate} -key {key}")
    with ExitStack() as stack:
        for line in listeners:
            inside = host.inside(line.split())
            process = subprocess.Popen(inside, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
            stack.callback(stack.enter_context(process).kill)
        for port in (7001, 7002, 8443, 9443):
            listens = f"grep -q :{port:04X} /proc/net/tcp /proc/net/tcp6"
            host.run("timeout", "20", "sh", "-c", f"until {listens}; do sleep 0.05; done")
        found = run_one(host, Use("security-network", {"fail_on": "never"}))
        assert found.facts["check.certificate-port"] == "bad"
        evidence = found.findings["check:certificate-port"]["evidence"]
        assert evidence.startswith("port 8443 until ")
        assert ";" not in evidence
        late = run_one(host, Use("security-network", {"fail_on": "never", "certificate_days": 1}))
        assert late.facts["check.certificate-port"] == "good"


def test_each_check_finds_its_fault_and_passes_without_it(tmp_path: Path) -> None:
    for tool in ("sshd", "openssl", "dpkg-query", "busybox"):
        needs(tool)
    host = WithSshd(tmp_path, {})
    plant(host, tmp_path / "faulty", FAULTY)
    plant(host, tmp_path / "sound", SOUND)
    faulty = run(host, *_uses(tmp_path / "faulty"))
    states = _states(faulty)
    assert set(states) == CHECKS
    assert {name: states[name] for name in CHECKS - ASKED if states[name] != "bad"} == {}
    high = {name for name, module in zip(MODULES, faulty, strict=True) if module.status is StepStatus.FAILED}
    assert high == frozenset(MODULES)
    for shell in (("/bin/sh",), ("/bin/bash",), BUSYBOX):
        sound = run(host, *_uses(tmp_path / "sound"), shell=shell)
        states = _states(sound)
        assert {name: states[name] for name in CHECKS - ASKED if states[name] != "good"} == {}


@pytest.mark.parametrize(
    ("more", "state", "names", "shell"),
    [(MASKED, "bad", BEHIND, BUSYBOX), (BLIND, "unmeasured", UNSEEN, ("/bin/sh",))],
    ids=["masked", "blind"],
)
def test_what_looks_well_from_outside_is_not_called_good(
    tmp_path: Path, more: str, state: str, names: frozenset[str], shell: tuple[str, ...]
) -> None:
    for tool in ("sshd", "openssl", "dpkg-query", "busybox"):
        needs(tool)
    host = WithSshd(tmp_path, {})
    plant(host, tmp_path / "disk", SOUND + more)
    states = _states(run(host, *_uses(tmp_path / "disk"), shell=shell))
    assert {name: states[name] for name in CHECKS - ASKED if (states[name] == state) != (name in names)} == {}
