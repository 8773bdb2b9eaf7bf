import json
import stat
from pathlib import Path

from mspctl.testing.reportcase import client_of
from tests.e2e.cli import Cli


def project(folder: Path) -> Path:
    clients = folder / "inventory" / "clients"
    clients.mkdir(parents=True)
    (folder / "inventory" / "mspctl.yml").write_text("name: Brightwater\n")
    hosts = "".join(
        f"      {host.name}: {{address: 10.0.0.{number}}}\n"
        for number, host in enumerate(client_of("web1", "db1").hosts, 1)
    )
    text = f"client: acme\nname: Acme\ntimezone: Europe/Berlin\nsites:\n  hq:\n    hosts:\n{hosts}"
    (clients / "acme.yml").write_text(text)
    return folder


def test_a_report_is_written_for_this_user_only(tmp_path: Path) -> None:
    cli = Cli(project(tmp_path / "project"), tmp_path / "state")
    done = cli(
        "report",
        "--client",
        "acme",
        "--month",
        "2026-10",
        "--format",
        "html,json",
        "--output",
        str(tmp_path / "out"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    html, document = (Path(line) for line in done.stdout.splitlines())
    assert (html.name, document.name) == ("acme-2026-10.html", "acme-2026-10.json")
    assert "No data: none of 2 computers could be checked." in html.read_text()
    assert json.loads(document.read_text())["pending"]["value"] is None
    assert stat.S_IMODE(html.stat().st_mode) == 0o600
    told = cli.json("report", "--client", "acme", "--month", "2026-10")
    assert told["hosts_total"] == 2


def test_what_cannot_be_is_refused_with_exit_2(tmp_path: Path) -> None:
    cli = Cli(project(tmp_path / "project"), tmp_path / "state")
    for arguments in (
        ("--client", "acme", "--month", "2999-01"),
        ("--client", "acme", "--month", "October"),
        ("--client", "acme", "--month", "2026-10", "--format", "docx"),
        ("--client", "nobody", "--month", "2026-10"),
    ):
        assert cli("report", *arguments).returncode == 2, arguments
    done = cli("report", "--client", "acme", "--month", "2026-10", "--output", "/proc/nowhere")
    assert done.returncode == 4
    assert "cannot be written" in done.stderr


def test_a_run_that_could_not_be_reported_is_refused_before_any_host_is_touched(tmp_path: Path) -> None:
    cli = Cli(project(tmp_path / "project"), tmp_path / "state")
    told = tmp_path / "told"
    done = cli("health", "--client", "acme", "--report", str(told), "--check")
    assert (done.returncode, told.exists()) == (2, False)
    assert cli("health", "--client", "acme", "--report", "/proc/nowhere").returncode == 4
    theme = tmp_path / "project" / "report" / "theme.toml"
    theme.parent.mkdir()
    theme.write_text('brnd = "#000000"\n')
    done = cli("health", "--client", "acme", "--report", str(told))
    assert done.returncode == 2
    assert "report/theme.toml: brnd" in done.stderr
    assert cli.json("runs", "list")["runs"] == []


def test_a_projects_own_support_dates_are_checked_with_the_inventory(tmp_path: Path) -> None:
    cli = Cli(project(tmp_path / "project"), tmp_path / "state")
    assert cli("inventory", "check").returncode == 0
    (tmp_path / "project" / "inventory" / "support.yml").write_text("releases: [{os: debian}]\n")
    for arguments in (("inventory", "check"), ("report", "--client", "acme", "--month", "2026-10")):
        done = cli(*arguments)
        assert done.returncode == 2
        assert "inventory/support.yml:1:12: releases[0].until: `until` is missing" in done.stderr


def test_all_clients_are_written_and_one_clients_trouble_stops_no_other(tmp_path: Path) -> None:
    folder = project(tmp_path / "project")
    text = (folder / "inventory" / "clients" / "acme.yml").read_text()
    for slug in ("bolt", "core"):
        told = text.replace("client: acme", f"client: {slug}").replace("10.0.0.", f"10.0.{ord(slug[0])}.")
        (folder / "inventory" / "clients" / f"{slug}.yml").write_text(told)
    broken = folder / "report" / "clients" / "bolt" / "theme.toml"
    broken.parent.mkdir(parents=True)
    broken.write_text("brand = 'red'\n")
    cli = Cli(folder, tmp_path / "state")
    done = cli(
        "report", "--all", "--month", "2026-10", "--format", "html,md", "--output", str(tmp_path / "out")
    )
    assert done.returncode == 1
    names = {Path(line).name for line in done.stdout.splitlines()}
    assert names == {f"{slug}-2026-10.{form}" for slug in ("acme", "core") for form in ("html", "md")}
    assert "mspctl: bolt: report/clients/bolt/theme.toml: brand: `red` is no colour" in done.stderr
    assert "1 of 3 clients have no report" in done.stderr
    assert {file.name for file in (tmp_path / "out").iterdir()} == names
    for wrong in (("--all", "--client", "acme"), (), ("--all",)):
        month = "2999-01" if wrong == ("--all",) else "2026-10"
        assert cli("report", *wrong, "--month", month).returncode == 2
