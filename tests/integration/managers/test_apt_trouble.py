"""What goes wrong with apt, each with its reason: the solver's removals, wrong signatures, wrong clocks."""

import pytest

from mspctl.model.outcome import StepStatus
from mspctl.testing import lab
from mspctl.testing.lab.packages import Deb
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.modules.runner import run, run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]

REFRESH = Use("packages", {"action": "refresh"})
UPGRADE = Use("packages", {"action": "upgrade"})
SECURITY = Use("packages", {"action": "upgrade", "scope": "security"})


def _rival(hosts: LabHosts, suite: str, name: str) -> lab.Host:
    """A host with a package whose pending version wants lab-orphan gone, and another update."""
    old = Deb(name, "1.0", suite=suite)
    hosts.lab.publish([old, Deb(name, "1.1", suite=suite, fields={"Conflicts": "lab-orphan"})])
    host = hosts(lab.HostSpec("patient", ("orphan", "ssl")))
    install = f"apt-get -qq update && apt-get -qq -y install {name}=1.0"
    host.run_inside(["sh", "-c", install])
    return host


def test_a_removal_is_refused_by_name_and_made_when_allowed(lab_hosts: LabHosts) -> None:
    host = _rival(lab_hosts, "stable", "lab-rival")
    forecast = run_one(host, UPGRADE, check=True)
    assert set(forecast.changes) == {"lab-ssl"}
    result = run_one(host, UPGRADE)
    assert (result.status, set(result.changes)) == (StepStatus.CHANGED, {"lab-ssl"})
    assert result.held["lab-rival"]["reason"] == "kept-back"
    assert result.held["lab-rival"]["detail"] == "needs the removal of lab-orphan, which is not allowed"
    assert result.findings["removal:lab-orphan"]["old"] == "1.0"
    allowed = Use("packages", {"action": "upgrade", "allow_removals": True})
    forecast = run_one(host, allowed, check=True)
    assert set(forecast.changes) == {"lab-rival", "lab-orphan"}
    real = run_one(host, allowed)
    assert (real.status, real.changes) == (StepStatus.CHANGED, forecast.changes)
    assert real.changes["lab-orphan"]["state"] == "removed"


@pytest.mark.parametrize("version", ["*", "1.0"])
def test_an_update_that_would_remove_what_the_policy_holds_stays_back_alone(
    lab_hosts: LabHosts, version: str
) -> None:
    host = _rival(lab_hosts, "stable", "lab-rival")
    rules = (f"hold|lab-orphan|{version}|the till needs it, ops",)
    allowed = Use("packages", {"action": "upgrade", "allow_removals": True, "rules": rules})
    forecast, result = run_one(host, allowed, check=True), run_one(host, allowed)
    assert set(forecast.changes) == {"lab-ssl"}
    assert (result.status, result.changes) == (StepStatus.CHANGED, forecast.changes)
    assert result.held["lab-rival"] == {
        "old": "1.0",
        "new": "1.1",
        "security": "no",
        "reason": "policy-hold",
        "detail": "would remove lab-orphan, which the policy holds: the till needs it, ops",
    }
    assert "lab-orphan" in host.run_inside(["dpkg-query", "-W", "lab-*"]).stdout
    again = run_one(host, allowed)
    assert (again.status, again.changes) == (StepStatus.OK, {})
    other = Use("packages", {"action": "upgrade", "allow_removals": True, "rules": ("hold|lab-orphan|2.*|",)})
    assert "lab-orphan" in run_one(host, other).changes


_UNMET = """
apt-get -qq update && apt-get -qq -y install lab-lib=1.0
dpkg -i --force-depends /srv/lab-repo/pool/stable/lab-need_1.0_*.deb
"""


def test_what_is_unmet_is_mended_as_far_as_the_policy_lets_it(lab_hosts: LabHosts) -> None:
    needs = {"Depends": "lab-lib (>= 1.1)"}
    libs = Deb("lab-lib", "1.0"), Deb("lab-lib", "1.1")
    lab_hosts.lab.publish([*libs, Deb("lab-need", "1.0", fields=needs)])
    host = lab_hosts(lab.HostSpec("patient", ("ssl",)))
    host.run_inside(["sh", "-c", _UNMET])
    rules = ("hold|lab-lib|*|the till needs it, ops",)
    held = Use("packages", {"action": "upgrade", "rules": rules})
    why = "what is broken cannot be mended"
    for result in (run_one(host, held, check=True), run_one(host, held)):
        assert (result.status, result.changes) == (StepStatus.FAILED, {})
        assert result.reason == f"{why} without a change of lab-lib (policy-hold: the till needs it, ops)"
        assert result.held["lab-lib"]["detail"] == "the till needs it, ops"
        looked = run_one(host, Use("updates", {"rules": rules}))
        assert (looked.status, looked.reason) == (result.status, result.reason)
    host.run_inside(["apt-mark", "hold", "lab-lib"])
    result = run_one(host, UPGRADE)
    assert result.reason.startswith(f"{why}: Packages need to be removed but remove is disabled.")
    assert result.reason.endswith("(on hold on this host: lab-lib)")
    assert (result.status, result.changes) == (StepStatus.FAILED, {})
    host.run_inside(["apt-mark", "unhold", "lab-lib"])
    security = Use("packages", {"action": "upgrade", "scope": "security", "rules": ("reject|lab-lib|2.*|",)})
    result = run_one(host, security)
    assert (result.status, set(result.changes)) == (StepStatus.CHANGED, {"lab-lib", "lab-ssl"})
    assert run_one(host, UPGRADE).status is StepStatus.OK


def test_of_the_security_updates_one_that_cannot_be_had_keeps_no_other_from_the_host(
    lab_hosts: LabHosts,
) -> None:
    host = _rival(lab_hosts, "stable-security", "lab-rogue")
    result = run_one(host, SECURITY)
    assert (result.status, set(result.changes)) == (StepStatus.CHANGED, {"lab-ssl"})
    assert result.held["lab-rogue"]["reason"] == "kept-back"
    installing = run_one(host, Use("package", {"names": ("lab-rogue",), "state": "latest"}))
    assert installing.status is StepStatus.FAILED
    assert installing.reason == "lab-orphan would be removed, too; allow_removals is off"


_TAMPER = """
mkdir /srv/tampered && cp -r /srv/lab-repo/dists /srv/lab-repo/pool /srv/tampered/
sed -i 's/^Origin: Lab/Origin: Somebody/' /srv/tampered/dists/*/InRelease
sed -i 's,/srv/lab-repo,/srv/tampered,' /etc/apt/sources.list.d/lab.list
"""


def test_a_wrong_signature_is_no_list(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("patient", ("ssl",)))
    host.run_inside(["sh", "-c", _TAMPER])
    result = run_one(host, REFRESH)
    assert result.status is StepStatus.FAILED
    assert result.reason.startswith("package lists not refreshed: ")
    assert "signatures were invalid: BADSIG" in result.reason
    assert "source:1" in result.findings


def test_a_repository_that_does_not_answer_is_named_and_keeps_no_update_from_the_host(
    lab_hosts: LabHosts,
) -> None:
    host = lab_hosts(lab.HostSpec("patient", ("ssl",)))
    host.write_file(
        "/etc/apt/sources.list.d/gone.list", "deb [trusted=yes] http://127.0.0.1:9/gone stable main\n"
    )
    refresh, upgrade = run(host, REFRESH, UPGRADE)
    assert refresh.status is StepStatus.FAILED
    assert refresh.reason.startswith("package lists not refreshed: Failed to fetch http://127.0.0.1:9/gone/")
    assert "Could not connect to 127.0.0.1:9" in refresh.reason
    assert (upgrade.status, set(upgrade.changes)) == (StepStatus.CHANGED, {"lab-ssl"})


_FUTURE = """
mkdir -p /srv/future/dists/stable/main/binary-all && cd /srv/future/dists/stable
: > main/binary-all/Packages
sum=$(sha256sum main/binary-all/Packages); sum=${sum%% *}
printf '%s\\n' 'Origin: Future' 'Suite: stable' 'Codename: stable' 'Architectures: all' 'Components: main' \
    "Date: $1" "Valid-Until: $2" 'SHA256:' " $sum 0 main/binary-all/Packages" > Release
echo 'deb [trusted=yes arch=all] file:/srv/future stable main' > /etc/apt/sources.list.d/future.list
"""


@pytest.mark.parametrize(
    ("date", "until"),
    [
        ("Thu, 01 Jan 2099 00:00:00 UTC", "Fri, 02 Jan 2099 00:00:00 UTC"),
        ("Sat, 01 Jan 2000 00:00:00 UTC", "Sun, 02 Jan 2000 00:00:00 UTC"),
    ],
    ids=["slow", "fast"],
)
def test_a_clock_that_is_off_is_named(lab_hosts: LabHosts, date: str, until: str) -> None:
    host = lab_hosts(lab.HostSpec("patient", ("ssl",)))
    host.run_inside(["sh", "-c", _FUTURE, "sh", date, until])
    result = run_one(host, REFRESH)
    assert result.status is StepStatus.FAILED
    assert "is this host's clock right? it says 20" in result.reason


def test_what_a_policy_keeps_back_leaves_no_trace_and_the_hosts_own_pins_count(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("patient", ("ssl", "web", "conf")))
    own = "Package: lab-ssl\nPin: version 1.0\nPin-Priority: 1001\n\n"
    own += "Package: lab-web\nPin: version 1.*\nPin-Priority: 1002\n"
    host.write_file("/etc/apt/preferences", own)
    result = run_one(host, Use("packages", {"action": "upgrade", "rules": ("hold|lab-web|*|not now",)}))
    assert (result.status, set(result.changes)) == (StepStatus.CHANGED, {"lab-conf"})
    assert {name: held["reason"] for name, held in result.held.items()} == {"lab-web": "policy-hold"}
    assert host.read_file("/etc/apt/preferences") == own
    assert host.run_inside(["apt-mark", "showhold"]).stdout == ""
    assert set(run_one(host, UPGRADE).changes) == {"lab-web"}


def test_nothing_to_do_with_rules_and_removals_allowed_is_no_change(lab_hosts: LabHosts) -> None:
    """The look could not be made for a lock, so the deed looks first and finds that all is kept back."""
    host = lab_hosts(lab.HostSpec("patient", ("ssl",)))
    host.faults.dpkg_locked(1.5)
    rules = ("reject|*|*|all of it",)
    result = run_one(host, Use("packages", {"action": "upgrade", "rules": rules, "allow_removals": True}))
    assert (result.status, result.changes) == (StepStatus.OK, {})
    assert result.held["lab-ssl"]["reason"] == "rejected"
