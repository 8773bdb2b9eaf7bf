"""Windows, contracts, decisions and the ledger, from the inventory to the bundle and back."""

import json
import shutil
import signal
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.cli import Cli, ended, stop

NIGHT = """\
name: night
window: patch
service: patching
params:
  seconds: {type: int, default: 0}
steps:
  - name: Rules
    module: say
    params: {text: "{{ policy.rules | join(' ') }}", seconds: "{{ params.seconds }}"}
  - {name: Look, module: packages, on_failure: continue}
"""
MODULE = "title: Packages\ndescription: Says what a test wants to hear.\n"
SCAN = """check() {
    finding "pending:curl" old=1 new=2 security=no
    finding "pending:openssl" old=1 new=2 security=yes
    metric packages.pending 2
    ok "2 pending"
}
"""
BROKEN = """check() {
    finding "broken:curl" version=2 state=half-configured
    failed "not finished: curl"
}
"""
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def night(cli: Cli) -> Cli:
    (cli.project / "playbooks" / "night.yml").write_text(NIGHT)
    says(cli, SCAN)
    return cli


def says(cli: Cli, script: str) -> None:
    folder = cli.project / "templates" / "modules" / "packages"
    folder.mkdir(exist_ok=True)
    (folder / "module.yml").write_text(MODULE)
    (folder / "posix.sh.j2").write_text(script)


def policy(cli: Cli, lines: str, client: str = "acme") -> None:
    file = cli.project / "inventory" / "clients" / f"{client}.yml"
    file.write_text(file.read_text() + lines + "\n")


def beta(cli: Cli, lines: str = "") -> None:
    """A second client whose host is the same machine, which both files admit."""
    clients, pins = (cli.project / "inventory" / name for name in ("clients", "known_hosts"))
    text = (clients / "acme.yml").read_text().replace("{connection: ssh,", "{connection: ssh, shared: true,")
    (clients / "acme.yml").write_text(text)
    (clients / "beta.yml").write_text(text.replace("client: acme", "client: beta") + lines + "\n")
    shutil.copy(pins / "acme", pins / "beta")


def another_day() -> str:
    """A window that is shut today and tomorrow."""
    return f"{datetime.now(BERLIN) + timedelta(days=3):%a} 02:00-05:00"


def rules(cli: Cli) -> str:
    """What the last run's first step was told."""
    return str(cli.last()["hosts"][0]["steps"][0]["output"]).strip()


def test_outside_its_window_a_host_is_held_and_not_connected_to(night: Cli) -> None:
    policy(night, f'windows: {{patch: "{another_day()}"}}')
    done = night("run", "night", "--client", "acme")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (host,) = night.last()["hosts"]
    assert (host["outcome"], host["reason"], host["steps"]) == ("held", "window", [])
    assert "next opening" in host["detail"]
    assert not any('"connected"' in line for line in night.journal())
    assert night("runs", "verify").returncode == 0
    assert night.json("run", "night", "--client", "acme", "--check")["counts"] == {"ok": 1}
    assert "held if started now: 1 hosts\n  acme/local1: window, " in night("plan", "night", "--all").stdout


def test_now_needs_a_reason_and_the_run_keeps_it(night: Cli) -> None:
    policy(night, f'windows: {{patch: "{another_day()}"}}')
    for wrong in (("--now",), ("--now", "--reason", " "), ("--reason", "x")):
        done = night("run", "night", "--client", "acme", *wrong)
        assert (done.returncode, "--now" in done.stderr) == (2, True)
    assert night.json("runs", "list") == {"runs": []}
    run = night.json("run", "night", "--client", "acme", "--now", "--reason", "zero day")
    assert (run["counts"], run["override"]) == ({"ok": 1}, "zero day")
    assert "the windows were not obeyed: zero day" in night("runs", "show", run["run"]).stdout
    assert night("runs", "verify").returncode == 0


def test_a_blackout_goes_before_an_open_window(night: Cli) -> None:
    today = datetime.now(BERLIN)
    policy(night, 'windows: {patch: "daily 00:00-24:00"}')
    assert night.json("run", "night", "--client", "acme")["counts"] == {"ok": 1}
    days = f"from: {today:%Y-%m-%d}, to: {today + timedelta(days=1):%Y-%m-%d}"
    policy(night, f"blackouts: [{{{days}, reason: year end}}]")
    (host,) = night.json("run", "night", "--client", "acme")["hosts"]
    assert (host["outcome"], host["reason"]) == ("held", "blackout")
    assert host["detail"].startswith("year end, until ")


def test_all_serves_whom_the_contract_covers_and_names_the_others(night: Cli) -> None:
    beta(night, "contract: {plan: break_fix}")
    run = night.json("run", "night", "--all")
    assert (run["client"], run["not_covered"]) == ("acme", ["beta"])
    done = night("run", "night", "--all")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    told = night("-v", "run", "night", "--all").stderr
    assert "not in their contract, so left out of night: beta" in told
    called = night.json("run", "night", "--client", "beta")
    assert (called["client"], called["counts"]) == ("beta", {"ok": 1})
    both = night.json("run", "say", "--all")
    assert [each["client"] for each in both["runs"]] == ["acme", "beta"]
    policy(night, "contract: {plan: break_fix}")
    assert night("run", "night", "--all").returncode == 2


def states(cli: Cli, *clients: str) -> dict[str, str]:
    arguments = [word for client in clients for word in ("--client", client)]
    found = cli.json("patches", "pending", *arguments)["updates"]
    return {f"{each['client']}/{each['package']}": each["state"] for each in found}


def test_an_update_waits_for_approval_and_then_goes_in(night: Cli) -> None:
    policy(night, "patching: {approval: feature, defer: {security_days: 2}}")
    night("run", "night", "--client", "acme")
    assert states(night) == {"acme/curl": "needs approval", "acme/openssl": "deferred"}
    assert rules(night) == ""
    table = night("patches", "pending").stdout
    assert "needs approval" in table
    assert f"deferred until {datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}" in table
    made = night.json("patches", "approve", "c*", "--client", "acme", "--reason", "tried it")
    (decision,) = made["decisions"]
    assert (decision["package"], decision["version"], decision["reason"]) == ("curl", "2", "tried it")
    assert states(night)["acme/curl"] == "approved"
    early = night("patches", "approve", "curl=2O", "--client", "acme", "--reason", "a letter for a digit")
    assert early.returncode == 0
    assert "no scan has found curl=2O yet" in early.stderr
    night("patches", "release", "curl=2O", "--client", "acme", "--reason", "mistyped")
    assert "patch-decided" in night("audit", "list").stdout
    night("run", "night", "--client", "acme")
    assert rules(night) == "approve|curl|2|"


def test_a_rejection_holds_for_every_client_until_released(night: Cli) -> None:
    beta(night)
    night("run", "night", "--all")
    done = night("patches", "reject", "curl", "--all", "--reason", "breaks TLS")
    assert done.stdout == "reject: curl, every version, for all clients\n"
    assert states(night, "beta") == {"beta/curl": "rejected", "beta/openssl": "ready"}
    assert night("patches", "approve", "curl", "--client", "beta", "--reason", "x").returncode == 2
    night("patches", "release", "curl", "--client", "beta", "--reason", "needs it")
    assert states(night, "beta")["beta/curl"] == "ready"
    night("run", "night", "--client", "acme")
    assert rules(night) == "reject|curl|*|breaks TLS"


def test_wrong_calls_change_nothing(night: Cli) -> None:
    night("run", "night", "--client", "acme")
    for arguments, hint in (
        (("approve", "curll", "--client", "acme", "--reason", "x"), "did you mean curl?"),
        (("approve", "curl", "--client", "acne", "--reason", "x"), "did you mean acme?"),
        (("approve", "curl", "--reason", "x"), "--client NAME or --all"),
        (("reject", "a|b", "--all", "--reason", "x"), "NAME or NAME=VERSION"),
        (("reject", "curl", "--all"), "--reason"),
        (("reject", "curl", "--all", "--reason", "\x1b[31m"), "one line"),
        (("release", "vim", "--all", "--reason", "x"), "nothing was decided about `vim`"),
    ):
        done = night("patches", *arguments)
        assert (done.returncode, hint in done.stderr) == (2, True), done.stderr
    assert states(night) == {"acme/curl": "ready", "acme/openssl": "ready"}


def test_what_failed_at_one_client_is_held_for_the_others_without_its_name(night: Cli) -> None:
    beta(night)
    says(night, BROKEN)
    assert night("run", "night", "--client", "acme").returncode == 1
    says(night, SCAN)
    run = night.json("run", "night", "--client", "beta")
    assert rules(night) == "quarantine|curl|2|failed elsewhere"
    assert states(night, "beta")["beta/curl"] == "quarantined"
    artefacts = [file for file in (night.state / "mspctl" / "runs").iterdir() if run["run"] in file.name]
    texts = [json.dumps(run), *(file.read_text() for file in artefacts), night("patches", "pending").stdout]
    assert len(artefacts) >= 2
    assert not any("acme" in text for text in texts)
    night("run", "night", "--client", "acme")
    assert rules(night) == ""
    night("patches", "release", "curl=2", "--all", "--reason", "mended upstream")
    night("run", "night", "--client", "beta")
    assert rules(night) == ""


def test_a_run_is_resumed_under_the_policy_that_it_began_with(night: Cli) -> None:
    policy(night, "patching: {approval: all}")
    night("run", "night", "--client", "acme")
    process = night.start("run", "night", "--client", "acme", "-e", "seconds=4")
    night.await_event("bundle-started", count=2)
    stop(process, signal.SIGKILL)
    ended(process)
    night("patches", "approve", "curl", "--client", "acme", "--reason", "meanwhile")
    policy(night, f'windows: {{patch: "{another_day()}"}}')
    before = night.last()
    done = night("runs", "resume", before["run"])
    assert (done.returncode, done.stderr) == (0, "")
    assert (night.last()["run"], night.last()["counts"]) == (before["run"], {"ok": 1})
    assert rules(night) == ""


def test_missed_windows_are_listed_until_a_good_run(night: Cli) -> None:
    begins, ends = (datetime.now(BERLIN) - timedelta(hours=hours) for hours in (3, 2))
    policy(night, f'windows: {{patch: "daily {begins:%H:%M}-{ends:%H:%M}"}}')
    (missed,) = night.json("patches", "missed")["missed"]
    assert (missed["client"], missed["host"], missed["last_good"]) == ("acme", "local1", None)
    assert "acme/local1" in night("patches", "missed").stdout
    night("run", "night", "--client", "acme", "--now", "--reason", "catching up")
    assert night.json("patches", "missed") == {"missed": []}


def test_a_host_that_missed_its_window_is_caught_up_once_in_the_window_for_that(night: Cli) -> None:
    begins, ends = (datetime.now(BERLIN) - timedelta(hours=hours) for hours in (3, 2))
    patch, shut = f'windows: {{patch: "daily {begins:%H:%M}-{ends:%H:%M}", catch-up: ', another_day()
    policy(night, f'{patch}"{shut}"}}')
    (missed,) = night.json("patches", "missed")["missed"]
    assert missed["catch_up"] < (datetime.now(UTC) + timedelta(days=4)).isoformat()
    assert night("run", "night", "--client", "acme").returncode == 0
    assert night.last()["counts"] == {"held": 1}, "the catch-up window is shut as well"
    client = night.project / "inventory" / "clients" / "acme.yml"
    client.write_text(client.read_text().replace(f'"{shut}"', '"daily 00:00-24:00"'))
    told = night("-v", "run", "night", "--client", "acme").stderr
    assert "missed their last window, so they catch up now: acme/local1" in told
    assert night.last()["counts"] == {"ok": 1}
    assert night.json("patches", "missed") == {"missed": []}
    night("run", "night", "--client", "acme")
    assert night.last()["counts"] == {"held": 1}, "it has been caught up"


def test_a_hold_that_has_ended_is_a_warning(night: Cli) -> None:
    hold = "{package: curl, reason: till breaks, owner: ops, until: 2026-01-31}"
    policy(night, f"patching: {{hold: [{hold}]}}")
    told = night("-v", "run", "night", "--client", "acme").stderr
    assert "acme.yml:9:19: the hold on curl ended on 2026-01-31 (till breaks, ops)" in told
    assert rules(night) == ""
    checked = night("inventory", "check")
    assert checked.returncode == 0
    assert "the hold on curl ended on 2026-01-31" in checked.stderr


def test_a_window_that_nothing_obeys_is_refused_before_it_opens_a_host_at_any_time(night: Cli) -> None:
    policy(night, f'windows: {{ptach: "{another_day()}"}}')
    for arguments in (("run", "night", "--client", "acme"), ("inventory", "check")):
        done = night(*arguments)
        assert done.returncode == 2
        assert "acme.yml:9:18: windows.ptach: nothing obeys a window of this name" in done.stderr
        assert "did you mean patch?" in done.stderr
    (night.project / "playbooks" / "own.yml").write_text(NIGHT.replace("window: patch", "window: ptach"))
    assert night("inventory", "check").returncode == 0


def test_a_window_that_never_opens_and_a_wave_for_nobody_are_doubted(night: Cli) -> None:
    never = '{rrule: "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", start: "02:00", duration: 3h}'
    policy(night, f"windows: {{patch: {never}}}\npatching: {{waves: [{{name: first, tags: [canry]}}]}}")
    checked = night("inventory", "check")
    assert checked.returncode == 0
    assert "acme.yml:9:18: the window patch of acme/local1 does not open any more" in checked.stderr
    assert "the wave first takes no host, for none has the tag canry" in checked.stderr
