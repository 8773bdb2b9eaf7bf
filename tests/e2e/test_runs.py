"""Runs on one real sshd: what is printed, recorded and returned."""

import json
import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from mspctl.testing.sshd import Sshd
from tests.e2e.cli import Cli, ended, stop, wait_until
from tests.e2e.fixtures import spools


def test_a_good_run_under_cron_prints_nothing_at_all(cli: Cli) -> None:
    done = cli("run", "say", "--client", "acme")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    run = cli.last()
    assert run["counts"] == {"ok": 1}
    assert run["hosts"][0]["steps"][0]["output"] == "hello\n"
    assert run["finished"] is not None


def test_a_bad_run_under_cron_prints_one_digest(half_cli: Cli) -> None:
    done = half_cli("run", "say", "--client", "acme")
    assert (done.returncode, done.stderr) == (1, "")
    run = half_cli.last()
    assert done.stdout.startswith("mspctl: say for acme: 2 hosts: 1 ok, 1 unreachable (exit 1)\n")
    assert "gone1: unreachable (refused)" in done.stdout
    assert "remedy:" in done.stdout
    assert f"mspctl runs resume {run['run']} --failed" in done.stdout
    assert "local1" not in done.stdout


def test_json_is_one_document_equal_to_the_record(half_cli: Cli) -> None:
    done = half_cli("--json", "run", "say", "--client", "acme")
    printed = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (1, "")
    assert printed == half_cli.json("runs", "show", printed["run"])
    assert printed["counts"] == {"ok": 1, "unreachable": 1}
    assert [host["host"] for host in printed["hosts"]] == ["local1", "gone1"]


def test_failed_hosts_run_again_as_a_new_run(half_cli: Cli) -> None:
    first = half_cli.json("run", "say", "--client", "acme", "-e", "text=servus")
    again = half_cli.json("runs", "resume", first["run"], "--failed")
    assert again["run"] != first["run"]
    assert [host["host"] for host in again["hosts"]] == ["gone1"]
    assert half_cli("runs", "verify").returncode == 0


def test_a_host_that_another_run_kept_locked_runs_again(cli: Cli, tmp_path: Path) -> None:
    """It has begun a step when it finds the lock taken, and yet nothing was done there.

    It may wait longer than the step may take: that is no time of the step.
    """
    made, begun, held = tmp_path / "made", tmp_path / "begun", tmp_path / "held"
    step = f"{{name: Make it, module: command, params: {{command: 'touch {made}'}}}}"
    playbook = cli.project / "playbooks" / "make.yml"
    text = f"name: make\ndescription: x\nsteps:\n  - {step}\n"
    playbook.write_text(text.replace("params:", "timeout: 3, params:"))
    held.touch()
    line = f"touch {begun}; for i in $(seq 900); do [ -e {held} ] || break; sleep 0.1; done"
    holder = cli.start("exec", "--client", "acme", "--", line)
    wait_until(begun.exists, "the lock taken")
    inventory = cli.project / "inventory" / "clients" / "acme.yml"
    patient = inventory.read_text()
    inventory.write_text(patient.replace("defaults: {", "defaults: {timeouts: {lock_wait: 6}, "))
    done = cli("run", "make", "--client", "acme")
    assert (done.returncode, made.exists()) == (3, False)
    run = cli.last()["run"]
    assert f"mspctl runs resume {run} --failed" in done.stdout
    held.unlink()
    assert ended(holder)[0] == 0
    inventory.write_text(patient)
    playbook.write_text(text)
    again = cli("runs", "resume", run, "--failed")
    assert (again.returncode, made.exists()) == (0, True)


def test_a_killed_run_is_resumed_without_starting_a_step_twice(cli: Cli) -> None:
    process = cli.start("run", "say", "--client", "acme", "-e", "seconds=4")
    cli.await_event("bundle-started")
    stop(process, signal.SIGKILL)
    assert ended(process)[0] == -signal.SIGKILL
    before = cli.last()
    assert (before["finished"], before["pending"]) == (None, 1)
    assert cli("runs", "resume", before["run"]).returncode == 0
    after = cli.last()
    assert after["run"] == before["run"]
    assert after["counts"] == {"ok": 1}
    assert after["hosts"][0]["steps"][0]["output"] == "hello\n"
    assert after["hosts"][0]["steps"][0]["seconds"] >= 4
    assert cli("runs", "verify").returncode == 0


def test_what_a_killed_run_left_open_is_closed_by_the_next_and_collected_later(cli: Cli) -> None:
    process = cli.start("run", "say", "--client", "acme", "-e", "seconds=4")
    cli.await_event("bundle-started")
    stop(process, signal.SIGKILL)
    killed = cli.last()["run"]
    ended(process)
    assert cli("run", "say", "--client", "acme").returncode == 0
    assert cli.json("runs", "show", killed)["counts"] == {"lost": 1}
    collected = cli.json("runs", "resume", killed)
    assert collected["resumes"] == killed
    assert collected["counts"] == {"ok": 1}
    assert cli.json("runs", "show", killed)["counts"] == {"lost": 1}
    assert cli("runs", "verify").returncode == 0


def test_a_collecting_run_that_is_killed_itself_is_resumed_to_the_same_end(cli: Cli) -> None:
    first = cli.start("run", "say", "--client", "acme", "-e", "seconds=6")
    cli.await_event("bundle-started")
    stop(first, signal.SIGKILL)
    killed = cli.last()["run"]
    ended(first)
    assert cli("run", "say", "--client", "acme").returncode == 0
    collecting = cli.start("runs", "resume", killed)
    cli.await_event("host-started", 3)
    stop(collecting, signal.SIGKILL)
    ended(collecting)
    resumed = cli.json("runs", "resume", "last")
    assert (resumed["resumes"], resumed["counts"]) == (killed, {"ok": 1})
    (step,) = resumed["hosts"][0]["steps"]
    assert (step["output"], step["seconds"] >= 6) == ("hello\n", True)
    assert cli("runs", "verify").returncode == 0


def test_abandoning_a_run_closes_it_without_a_connection(cli: Cli) -> None:
    process = cli.start("run", "say", "--client", "acme", "-e", "seconds=5")
    cli.await_event("bundle-started")
    stop(process, signal.SIGKILL)
    ended(process)
    done = cli("runs", "resume", "last", "--abandon")
    assert done.returncode == 1
    assert cli.last()["hosts"][0]["reason"] == "abandoned"


def test_what_nobody_collects_leaves_the_host_when_nobody_can_want_it(cli: Cli) -> None:
    """The spool of a lost run is kept for `runs resume`, for two weeks; that of an abandoned one is not."""
    kept, abandoned = killed(cli), killed(cli)
    assert cli("runs", "resume", "last", "--abandon").returncode == 1
    wait_until(lambda: not working(kept) and not working(abandoned), "the end of the work")
    assert cli("run", "say", "--client", "acme").returncode == 0
    assert (kept.is_dir(), abandoned.is_dir()) == (True, False)
    long_ago = time.time() - 15 * 86400
    os.utime(kept, (long_ago, long_ago))
    assert cli("run", "say", "--client", "acme").returncode == 0
    assert not kept.exists()
    assert cli("runs", "verify").returncode == 0


def killed(cli: Cli) -> Path:
    """The spool of a run that was killed at its work."""
    before = set(spools(cli))
    process = cli.start("run", "say", "--client", "acme", "-e", "seconds=3")
    wait_until(lambda: len(spools(cli)) > len(before), "a spool")
    stop(process, signal.SIGKILL)
    ended(process)
    (spool,) = set(spools(cli)) - before
    return spool


def working(spool: Path) -> bool:
    return Path("/proc", (spool / "worker").read_text().split()[0]).exists()


def test_a_resume_refuses_other_files_than_the_run_had(cli: Cli) -> None:
    process = cli.start("run", "say", "--client", "acme", "-e", "seconds=5")
    cli.await_event("bundle-started")
    stop(process, signal.SIGKILL)
    ended(process)
    playbook = cli.project / "playbooks" / "say.yml"
    playbook.write_text(playbook.read_text().replace("Say it", "Say something else"))
    done = cli("runs", "resume", "last")
    assert done.returncode == 2
    assert "acme/local1" in done.stderr
    assert "--abandon" in done.stderr


def test_check_mode_tells_its_answer_and_changes_nothing(half_cli: Cli) -> None:
    done = half_cli("run", "say", "--client", "acme", "--check")
    assert done.returncode == 1
    assert "local1: no change" in done.stdout
    assert "gone1: cannot know (unreachable)" in done.stdout
    assert half_cli.last()["check_mode"] is True


def test_exec_prints_what_each_host_prints_and_takes_the_line_as_it_stands(cli: Cli) -> None:
    done = cli(
        "exec", "--client", "acme", "--", "printf '%s\\n' '{{ 6 * 7 }}' \"$((6 * 7))\"; printf '\\033[31mred'"
    )
    assert done.returncode == 0
    assert "  {{ 6 * 7 }}\n  42\n" in done.stdout
    assert "\\x1b[31mred" in done.stdout
    assert "\x1b" not in done.stdout
    assert cli("exec", "--client", "acme", "--", "false").returncode == 1


def test_plan_connects_to_nobody(cli: Cli, sshd: Sshd) -> None:
    done = cli("plan", "say", "--client", "acme")
    assert done.returncode == 0
    assert "Say it [say] text=hello" in done.stdout
    document = cli.json("plan", "say", "--client", "acme")
    assert document["hosts"][0]["steps"][0]["module"] == "say"
    assert "Connection" not in sshd.log
    assert cli("runs", "list").stdout == ""


def test_wrong_calls_are_refused_before_anything_is_touched(cli: Cli) -> None:
    without = cli("run", "say")
    assert without.returncode == 2
    assert "acme" in without.stderr
    assert cli("run", "say", "--client", "acmee").returncode == 2
    assert cli("run", "sayy", "--client", "acme").returncode == 2
    assert cli("run", "say", "--client", "acme", "--limit", "nobody").returncode == 2
    assert cli("run", "say", "--client", "acme", "-e", "seconds=soon").returncode == 2
    assert cli("run", "say", "--client", "acme", "--serial", "0").returncode == 2
    assert cli.json("runs", "list") == {"runs": []}


def test_a_selection_beyond_max_hosts_is_refused(half_cli: Cli) -> None:
    done = half_cli("run", "say", "--client", "acme", "--max-hosts", "1")
    assert done.returncode == 2
    assert "2 hosts are selected" in done.stderr


def test_errors_are_one_document_with_json(cli: Cli) -> None:
    done = cli("--json", "run", "say")
    document = json.loads(done.stdout)
    assert document["error"]["exit"] == done.returncode == 2


def test_a_file_that_is_no_key_is_named_with_its_host_by_doctor_and_before_a_run(cli: Cli) -> None:
    file = cli.project / "inventory" / "clients" / "acme.yml"
    file.write_text(file.read_text() + "      second: {address: 127.0.0.2, gateway: door}\n")
    file.write_text(file.read_text() + '      door: {address: 127.0.0.3, identity: "file:keys/junk"}\n')
    (cli.project / "keys").mkdir(mode=0o700, exist_ok=True)
    (cli.project / "keys" / "junk").touch(mode=0o600)
    (cli.project / "keys" / "junk").write_text("no key at all\n")
    told = "acme/second: file:keys/junk is no private key\n"
    refusal = cli("run", "say", "--client", "acme", "--limit", "local1,second")
    assert (refusal.returncode, refusal.stdout) == (2, "")
    assert refusal.stderr.startswith(f"mspctl: {told}")
    fit = cli("doctor")
    assert fit.returncode == 2
    assert "bad   secrets: acme/second and 1 more: file:keys/junk is no private key\n" in fit.stdout
    assert cli.json("runs", "list") == {"runs": []}


def test_doctor_finds_this_project_fit(cli: Cli) -> None:
    done = cli("doctor")
    assert done.returncode == 0
    assert "good  known hosts: acme: 1 hosts pinned" in done.stdout


def test_pruned_runs_leave_nothing_of_what_they_printed(cli: Cli) -> None:
    """In the database and in the JSON lines; what is younger stays, and so does what reports are made of."""
    for _ in range(2):
        assert cli("run", "say", "--client", "acme").returncode == 0
    old, young = (run["run"] for run in cli.json("runs", "list")["runs"])
    age(cli, old)
    assert kept(cli) == {f"{run}.{kind}" for run in (old, young) for kind in ("jsonl", "request.json")}
    done = cli.json("runs", "prune", "--days", "30", "--yes")
    assert (done["runs"], done["files"], done["bytes"] > 0) == (1, 1, True)
    assert f"{old}.jsonl" not in kept(cli)
    steps = [cli.json("runs", "show", run)["hosts"][0]["steps"][0] for run in (old, young)]
    assert [(step["status"], step["output"]) for step in steps] == [
        ("ok", "\n[… 6 bytes not kept …]\n"),
        ("ok", "hello\n"),
    ]
    done = cli.json("runs", "prune", "--days", "30", "--everything", "--yes")
    assert (done["runs"], done["files"]) == (1, 1)
    assert kept(cli) == {f"{young}.jsonl", f"{young}.request.json"}
    assert cli("runs", "show", old).returncode == 2
    assert cli("runs", "prune", "--days", "3000000", "--yes").returncode == 2


def kept(cli: Cli) -> set[str]:
    """The names of the files beside the run log."""
    return {path.name for path in (cli.state / "mspctl" / "runs").iterdir()}


def age(cli: Cli, run: str) -> None:
    """Let it have ended long ago, as only somebody can who writes into the database past mspctl."""
    with closing(sqlite3.connect(cli.state / "mspctl" / "runs.db")) as connection, connection:
        names = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in names:
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("UPDATE run SET finished = '2020-01-01T00:00:00.000000Z' WHERE id = ?", (run,))
        for _, sql in names:
            connection.execute(sql)


def test_exec_says_why_a_host_did_not_answer(half_cli: Cli) -> None:
    done = half_cli("exec", "--client", "acme", "--", "echo here")
    assert done.returncode == 1
    assert "local1: changed\n  here\n" in done.stdout
    assert "gone1: unreachable: refused: 127.0.0.254 port " in done.stdout
    assert "\n  → does sshd run there" in done.stdout
