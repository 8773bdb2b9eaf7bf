"""The tutorial on a new client, command by command, on a host with a real PostgreSQL and MariaDB."""

import re
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mspctl.testing.lab import Host, HostSpec
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.pytest_lab import LabHosts
from tests.architecture.source import ROOT
from tests.docs.blocks import blocks_of
from tests.docs.test_examples import command_lines
from tests.e2e.cli import Cli
from tests.e2e.databasehost import give_databases
from tests.e2e.inprocess import call
from tests.integration.modules.here import needs
from tests.integration.modules.quickkey import quick_repository
from tests.integration.modules.test_backup_hosts import give_restic

pytestmark = [pytest.mark.lab, pytest.mark.lab_systemd, pytest.mark.timeout(480)]

PASSWORD = "long and s3cret"
PAGE = ROOT / "docs" / "tutorial" / "proactive.md"
SHOP = "create table orders as select n from generate_series(1, 1000) n"
TILL = "create database till; create table till.sales (id int primary key); insert till.sales values (1), (2)"
BUILT = f"""
su postgres -c 'createdb shop && psql -q shop -c "{SHOP}"'
mariadb -e '{TILL}'
mkdir /srv/data && for n in 1 2 3; do echo "$n" >/srv/data/file$n; done
printf 'PermitRootLogin yes\\nPermitEmptyPasswords yes\\n' >>/etc/ssh/sshd_config
"""


class Tutorial:
    """What the page says, done in its order."""

    def __init__(self, cli: Cli, host: Host) -> None:
        self.cli = cli
        self.host = host
        console = [block for block in blocks_of(PAGE) if block.language == "console"]
        self.typed = [words for block in console for words in command_lines(block.text)]
        self.snapshot = ""

    def next(self, *beginning: str) -> tuple[int, str, str]:
        """Run the page's next command, which must begin so."""
        program, *words = self.typed.pop(0)
        assert (program, tuple(words[: len(beginning)])) == ("mspctl", beginning), words
        told = {"10.0.0.11": self.host.address, "snapshot=5a4843c8": f"snapshot={self.snapshot}"}
        return call(self.cli, *(told.get(word, self.absolute(word)) for word in words))

    def absolute(self, word: str) -> str:
        return str(self.cli.project / word) if word == "keys-by-phone.txt" else word

    def well(self, *beginning: str) -> str:
        """The same, which must end well."""
        code, out, errors = self.next(*beginning)
        assert code == 0, (beginning, out, errors)
        return out

    def write_files(self) -> None:
        """The page's files, with the address of this host."""
        for block in blocks_of(PAGE):
            name = block.text.partition("\n")[0].removeprefix("# ")
            if block.language == "yaml":
                text = block.text.replace("10.0.0.11", self.host.address)
                file = self.cli.project / name
                file.parent.mkdir(exist_ok=True)
                file.write_text(text)

    def inside(self, line: str) -> str:
        return self.host.run_inside(["sh", "-c", line]).stdout


def put_vault(host: Host, folder: Path) -> None:
    """The repository as `init` would make it (test_backup.py shows that), but one that opens at once."""
    made = quick_repository(folder / "erp1", PASSWORD)
    packed = subprocess.run(["tar", "-C", str(made.parent), "-c", "erp1"], check=True, capture_output=True)
    host.run_inside(["mkdir", "/srv/backup"])
    subprocess.run(host.inside(["tar", "-C", "/srv/backup", "-x"]), input=packed.stdout, check=True)


@pytest.fixture
def tutorial(lab_hosts: LabHosts, tmp_path: Path) -> Tutorial:
    needs("restic")
    host = lab_hosts(HostSpec("erp1", disk_mb=1500, init="systemd"))
    give_databases(host)
    give_restic(host)
    put_vault(host, tmp_path)
    host.run_inside(["sh", "-ec", BUILT])
    project = write_project(lab_hosts.lab, tmp_path / "project", [entry(host)])
    for folder in ("clients", "known_hosts"):
        for file in (project / "inventory" / folder).iterdir():
            file.unlink()
    (project / "keys").mkdir(exist_ok=True)
    for name, content in (("acme", lab_hosts.lab.key_path.read_text()), ("acme-backup", PASSWORD)):
        (project / "keys" / name).write_text(content)
        (project / "keys" / name).chmod(0o600)
    mark = host.run_inside(["ssh-keygen", "-lf", "/etc/ssh/ssh_host_ed25519_key.pub"]).stdout
    (project / "keys-by-phone.txt").write_text(f"{host.address} {mark}")
    return Tutorial(Cli(project, tmp_path / "state", wait=100), host)


def test_a_client_is_taken_over_watched_backed_up_broken_restored_and_healed(tutorial: Tutorial) -> None:
    told = tutorial.well("onboard", "acme")
    for risk in (
        "Databases that nothing seems to back up",
        "Root may log in",
        "A database is open to others",
    ):
        assert risk in told
    assert "effort for the quote: " in told
    page = (tutorial.cli.project / "onboarding" / "acme" / "onboarding.md").read_text()
    (row,) = [line.split("|") for line in page.splitlines() if line.startswith("| erp1 |")]
    assert {"mariadb", "postgresql"} <= set(row[3].split())

    tutorial.write_files()
    assert tutorial.well("inventory", "check") == "the inventory is good: 1 client, 1 host\n"
    assert "21:00" in tutorial.well("schedule", "list")
    assert tutorial.well("monitor") == ""
    assert standings(tutorial.cli) == {"reach", "disks", "units", "journal", "databases"}, (
        "nothing replicates"
    )
    grow(tutorial.cli)
    assert "full in about" in tutorial.well("volumes")

    assert tutorial.well("backup", "--client") == ""
    tutorial.well("backup", "prove")
    assert "good" in tutorial.well("backup", "status")
    proven = facts(tutorial.cli, "backup-prove")
    assert proven["databases.proven"].split() == ["postgresql:shop", "mariadb:till"]

    tutorial.next("security", "--client")
    assert "ssh-root-login" in tutorial.well("security", "status")
    effective = tutorial.inside("sshd -T")
    assert "permitrootlogin yes" not in effective
    assert "permitemptypasswords no" in effective

    tutorial.well("exec")
    assert tutorial.well("monitor") == "", "once is not often enough"
    assert "databases@erp1 down" in tutorial.next("monitor")[1]
    assert "databases@erp1" in tutorial.well("incident", "list")
    assert "1 over" in tutorial.well("monitor")
    assert tutorial.inside("mariadb -N -B -e 'select count(*) from till.sales'") == "2\n"

    listed = tutorial.well("restore", "list")
    tutorial.snapshot = next(line.split()[1] for line in listed.splitlines() if "postgresql-shop" in line)
    tutorial.well("restore", "--client")
    assert tutorial.inside("cat /srv/data/*") == "1\n2\n3\n"
    tutorial.well("restore", "--client")
    tutorial.well("exec")
    assert tutorial.inside("su postgres -c 'psql -A -t shop -c \"select count(*) from orders\"'") == "1000\n"

    _, left, _ = tutorial.next("onboard")
    assert "back up" not in left
    assert tutorial.typed == [], "the whole page was run"


def risks_of(told: str) -> list[str]:
    """The second column."""
    return [re.split(r"  +", line)[1] for line in told.splitlines() if line.startswith("high ")]


def standings(cli: Cli) -> set[str]:
    """What the last round found well; nothing else was watched."""
    with closing(sqlite3.connect(cli.state / "mspctl" / "runs.db")) as connection:
        rows = connection.execute("SELECT key, phase FROM standing").fetchall()
    assert {phase for _, phase in rows} == {"up"}, rows
    return {key.partition("@")[0] for key, _ in rows}


def grow(cli: Cli) -> None:
    """A month of rounds in which the disk grew by a percent a day: nobody can wait for them."""
    with closing(sqlite3.connect(cli.state / "mspctl" / "runs.db")) as connection, connection:
        query = "SELECT used, size FROM volume_day WHERE mount = '/'"
        ((used, size),) = connection.execute(query).fetchall()
        today = datetime.now(UTC)
        connection.executemany(
            "INSERT INTO volume_day VALUES ('acme', 'erp1', '/', ?, ?, ?)",
            [
                (f"{today - timedelta(days=days):%Y-%m-%d}", used - days * size // 100, size)
                for days in range(1, 30)
            ],
        )


def facts(cli: Cli, playbook: str) -> dict[str, str]:
    runs = [each["run"] for each in cli.json("runs", "list")["runs"] if each["playbook"] == playbook]
    shown: Any = cli.json("runs", "show", runs[0])
    return {name: value for step in shown["hosts"][0]["steps"] for name, value in step["facts"].items()}
