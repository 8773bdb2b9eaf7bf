"""T1, T3, T4, T9, T10 once over a real sshd: on the host, on screen, in run log, JSON lines and report.

With them O1, O2 and O3: what a terminal would obey, what is not UTF-8, and NUL, in the same sinks.
What compiler and shells make of each row, case by case, is in the file of that row.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mspctl.testing.lab import CountingProxy, Host, HostSpec
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.cli import Cli, wait_until
from tests.hostile.test_t10 import SPELLINGS

OWNED = "/var/tmp/mspctl-test-owned"
TEMPLATE = f"{{{{ cycler.__init__.__globals__.os.popen('touch {OWNED}').read() }}}}"
SHELL = f"x; touch {OWNED}; $(touch {OWNED}) `touch {OWNED}` '; touch {OWNED}; '"
EVIL = f"{TEMPLATE} {SHELL}"
CANARY = "c4n4ry-5e1f-over-ssh"

WORDS = """\
check() {
    printf '[%s]' {{ words }}
    sh -c {{ run }}
    ok
}
"""
HOST_SAYS = """\
check() {
    evil=$(cat /etc/evil)
    keep evil "$evil"
    fact evil "$evil"
    metric evil "$evil"
    finding evil "detail=$evil"
    ok "$evil"
}
"""
LOGIN = """\
check() {
    {{ password | secret }} | { IFS= read -r word; : >/run/under-way; sleep 4; echo "${#word} characters"; }
    ok
}
"""
RECALL = """\
check() {
    kept evil || failed "nothing was kept"
    printf '<%s>' "$REPLY"
    printf '\\033]52;c;eA==\\007\\000\\377'
    failed "$REPLY"
}
"""
MODULES = {
    "words": ("words: {type: list, required: true}, run: {type: shell, default: 'true'}", WORDS),
    "hostsays": ("", HOST_SAYS),
    "login": ("password: {type: secret, required: true}", LOGIN),
    "recall": ("", RECALL),
}
PLAYBOOK = """\
name: attack
service: patching
steps:
  - {name: Facts, module: facts}
  - name: Words
    module: words
    params: {words: ["{{ vars.template }}", "{{ vars.shell }}"], run: "printf '<%s>' {{ vars.shell }}"}
  - {name: The host says, module: hostsays}
  - {name: Log in, module: login, params: {password: "file:keys/db"}}
  - {name: Reboot, module: reboot, params: {when: always}}
  - {name: Recall, module: recall}
"""
REFUSED = {
    "t3": ("words: ['rm -rf /srv/{{ vars.typo }}']", "typo is not defined"),
    "t4": ("words: ['{{ \"a\\x00b\" }}']", "NUL"),
    "t9": ("words: [a], run: 'login {{ vars.secret }}'", "secret"),
}


@dataclass(frozen=True, slots=True)
class Attack:
    """A host whose facts are hostile, and a playbook that hands hostile values about."""

    cli: Cli
    host: Host
    proxy: CountingProxy

    def module_files(self) -> list[Path]:
        return [self.cli.project / "templates/modules" / name / "posix.sh.j2" for name in MODULES]

    def digest(self) -> str:
        return str(self.cli.json("plan", "attack", "--client", "acme")["digest"])

    def seen_on_the_host(self) -> str:
        """Every command line and environment there, and all that lies where files of ours could lie."""
        look = (
            "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; "
            "find /var/tmp /tmp /run /dev/shm /root /home /var/log -type f -exec cat {} + 2>/dev/null"
        )
        return self.host.run_inside(["sh", "-c", look], check=False).stdout


@pytest.fixture
def attack(lab_hosts: LabHosts, tmp_path: Path) -> Attack:
    release = f'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="{TEMPLATE}"\n'
    spec = HostSpec("evil1", files={"/etc/evil": f"{EVIL}\n", "/usr/lib/os-release": release})
    host = lab_hosts(spec)
    proxy = lab_hosts.lab.proxy(host)
    project = write_project(lab_hosts.lab, tmp_path / "project", [entry(host, proxy=proxy)])
    inventory = project / "inventory/clients/acme.yml"
    variables = {"template": TEMPLATE, "shell": SHELL, "secret": "file:keys/db"}
    inventory.write_text(f"{inventory.read_text()}vars: {json.dumps(variables)}\n")
    (project / "keys/db").touch(mode=0o600)
    (project / "keys/db").write_text(f"{CANARY}\n")
    for name, (parameters, script) in MODULES.items():
        folder = project / "templates/modules" / name
        folder.mkdir(parents=True)
        (folder / "module.yml").write_text(f"title: {name}\nparameters: {{{parameters}}}\n")
        (folder / "posix.sh.j2").write_text(script)
    (project / "playbooks").mkdir()
    (project / "playbooks/attack.yml").write_text(PLAYBOOK)
    return Attack(Cli(project, tmp_path / "state"), host, proxy)


@pytest.mark.lab
@pytest.mark.timeout(240)
def test_hostile_values_stay_mere_text_from_end_to_end(attack: Attack) -> None:
    assert_refused_before_any_connection(attack)
    plain = attack.digest()
    for file, spell in zip(attack.module_files(), SPELLINGS, strict=True):
        respell(file, spell)
    assert attack.digest() == plain, "T10: one digest however the scripts are spelled"

    process = attack.cli.start("run", "attack", "--client", "acme")
    wait_until(
        lambda: attack.host.run_inside(["test", "-e", "/run/under-way"], check=False).returncode == 0, "login"
    )
    during = attack.seen_on_the_host()
    out, err = process.communicate(timeout=110)
    assert (process.returncode, err) == (1, b""), out
    assert "sleep" in during
    after = attack.seen_on_the_host()
    assert CANARY not in during + after, "T9: nobody on the host sees the secret"
    run = attack.cli.last()
    assert_literal(run)
    assert_in_every_sink(attack, out.decode())
    for found in (
        Path(OWNED).exists(),
        attack.host.run_inside(["test", "-e", OWNED], check=False).returncode == 0,
    ):
        assert not found, "T1, T4: something was evaluated"


def respell(file: Path, spell: Callable[[bytes], bytes]) -> None:
    file.write_bytes(spell(file.read_bytes()))


def assert_refused_before_any_connection(attack: Attack) -> None:
    for row, (params, said) in REFUSED.items():
        text = f"name: {row}\nsteps:\n  - {{name: Words, module: words, params: {{{params}}}}}\n"
        (attack.cli.project / "playbooks" / f"{row}.yml").write_text(text)
        done = attack.cli("run", row, "--client", "acme")
        assert (done.returncode, done.stdout) == (2, ""), (row, done)
        assert (f"playbooks/{row}.yml:3:" if row != "t4" else "words/posix.sh.j2:2:") in done.stderr
        assert said in done.stderr
        assert CANARY not in done.stderr
    assert attack.proxy.traffic.connections == 0
    assert attack.cli.json("runs", "list")["runs"] == []


def assert_literal(run: Any) -> None:  # noqa: ANN401 - a JSON document
    """What the host got and said is what it was, to the letter: in both bundles, and as facts."""
    (host,) = run["hosts"]
    steps = {step["name"]: step for step in host["steps"]}
    assert {name: step["status"] for name, step in steps.items()} == {
        "Facts": "ok",
        "Words": "ok",
        "The host says": "ok",
        "Log in": "ok",
        "Reboot": "changed",
        "Recall": "failed",
    }
    assert steps["Facts"]["facts"]["os.name"] == TEMPLATE
    assert steps["Words"]["output"] == f"[{TEMPLATE}][{SHELL}]<{SHELL}>"
    told = steps["The host says"]
    assert (told["facts"]["evil"], told["metrics"]["evil"]) == (EVIL, EVIL)
    assert told["findings"][0]["fields"]["detail"] == EVIL
    assert steps["Log in"]["output"] == f"{len(CANARY)} characters\n"
    assert steps["Recall"]["output"] == f"<{EVIL}>\x1b]52;c;eA==\x07\0\ufffd"
    assert steps["Recall"]["output_lossy"] is True
    assert steps["Recall"]["reason"] == EVIL


def assert_in_every_sink(attack: Attack, screen: str) -> None:
    """The template stands there as it is, the secret nowhere."""
    cli = attack.cli
    month = f"{datetime.now(ZoneInfo('Europe/Berlin')):%Y-%m}"
    call = ("report", "--client", "acme", "--month", month, "--format", "html,json")
    assert cli(*call, "--output", str(cli.state)).returncode == 0
    page = (cli.state / f"acme-{month}.html").read_text(encoding="utf-8")
    kept = {file: file.read_bytes() for file in cli.state.rglob("*") if file.is_file()}
    assert TEMPLATE in screen
    assert r"\x1b]52;c;eA==\x07\x00" in screen
    assert not set(screen) & {"\x1b", "\x07", "\0"}
    assert TEMPLATE[:50] in unescape(page), "the system's name, shortened"
    assert TEMPLATE in (cli.state / f"acme-{month}.json").read_text(encoding="utf-8")
    assert any(TEMPLATE in json.dumps(json.loads(line)) for line in cli.journal())
    assert any(
        TEMPLATE.encode() in content for file, content in kept.items() if file.name.startswith("runs.db")
    )
    assert [file.name for file, content in kept.items() if CANARY.encode() in content] == []
    assert CANARY not in screen
