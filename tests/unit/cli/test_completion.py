"""Completion scripts, as text and as a document; and what they offer, asked as bash asks."""

import shutil
import subprocess
from pathlib import Path

import pytest
from click.shell_completion import BashComplete

from mspctl.cli.main import mspctl
from tests.e2e.cli import Cli
from tests.e2e.fixtures import cli as cli  # noqa: PLC0414 - fixtures
from tests.e2e.fixtures import sshd as sshd  # noqa: PLC0414


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Two clients with hosts at sites, and a playbook of their own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("MSPCTL_DATABASE", raising=False)
    inventory = tmp_path / "project" / "inventory"
    (inventory / "clients").mkdir(parents=True)
    (inventory / "mspctl.yml").write_text("name: Lab Services\n")
    (inventory / "clients" / "acme.yml").write_text(
        "client: acme\n"
        "sites:\n"
        "  hq: {hosts: {web1: {address: 10.0.0.1, tags: [web]}, db1: {address: 10.0.0.2}}}\n"
        "  lab: {hosts: {pi: {address: 10.0.0.3}}}\n"
    )
    (inventory / "clients" / "bolt.yml").write_text(
        "client: bolt\nsites: {main: {hosts: {web1: {address: 10.0.1.1}}}}\n"
    )
    (tmp_path / "project" / "playbooks").mkdir()
    (tmp_path / "project" / "playbooks" / "zebra.yml").write_text("name: zebra\nsteps: []\n")
    return Cli(tmp_path / "project", tmp_path / "state")


def offered(cli: Cli, line: str) -> list[str]:
    """What is offered behind `mspctl --project …`; the last word is the one under the cursor, or empty."""
    *before, begun = line.split(" ")
    completion = BashComplete(mspctl, {}, "mspctl", "_MSPCTL_COMPLETE")
    words = completion.get_completions(["--project", str(cli.project), *before], begun)
    return [word.value for word in words]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("pat", ["patch", "patches"]),
        ("runs pr", ["prune"]),
        ("patch --cl", ["--client"]),
        ("patch --client ", ["acme", "bolt"]),
        ("call start b", ["bolt"]),
        ("patch --client acme --site ", ["hq", "lab"]),
        ("patch --client acme --tag ", ["web"]),
        ("patch --client acme --limit ", ["db1", "pi", "web1"]),
        ("patch --client acme --limit db1,w", ["db1,web1"]),
        ("patch --limit acme/", ["acme/db1", "acme/pi", "acme/web1"]),
        ("inventory show bolt/", ["bolt/web1"]),
        ("trust --client bolt ", ["web1"]),
        ("plan z", ["zebra"]),
        ("runs show ", []),  # there is no run log yet, and no Tab makes one
        ("patch --client nosuch --limit ", []),
    ],
)
def test_tab_offers_what_the_project_has(project: Cli, line: str, words: list[str]) -> None:
    assert offered(project, line) == words
    assert not project.state.exists()


def test_bash_asks_and_is_told(cli: Cli) -> None:
    assert cli("run", "say", "--client", "acme").returncode == 0
    words = ["mspctl", "--project", str(cli.project), "runs", "show", ""]
    asked = {"COMP_WORDS": " ".join(words), "COMP_CWORD": "5", "_MSPCTL_COMPLETE": "bash_complete"}
    done = cli(environment=cli.environment | asked)
    assert (done.stdout.split(), done.stderr) == ([f"plain,{cli.last()['run']}", "plain,last"], "")


def test_a_wrong_inventory_offers_nothing_and_says_nothing(project: Cli) -> None:
    (project.project / "inventory" / "clients" / "acme.yml").write_text("client: [\n")
    assert offered(project, "patch --client acme --limit ") == []
    assert offered(project, "patch --client ") == ["acme", "bolt"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_good_in_its_shell(tmp_path: Path, shell: str) -> None:
    script = Cli(tmp_path, tmp_path / "state")("completion", shell).stdout
    assert "_MSPCTL_COMPLETE" in script
    if shutil.which(shell) is not None:
        (tmp_path / "script").write_text(script)
        subprocess.run([shell, "-n", str(tmp_path / "script")], check=True)


def test_a_script_is_one_document_with_json(tmp_path: Path) -> None:
    cli = Cli(tmp_path, tmp_path / "state")
    plain = cli("completion", "bash")
    assert (plain.returncode, plain.stderr) == (0, "")
    told = cli.json("completion", "bash")
    assert (told["shell"], told["script"] + "\n") == ("bash", plain.stdout)
