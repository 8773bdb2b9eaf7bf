"""What `inventory import` makes of an Ansible inventory is what `ansible-inventory --list` says of it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mspctl.model.inventory import Host, Inventory
from mspctl.parse.importing import import_inventory
from mspctl.parse.inventory import load_inventory

CASES = Path(__file__).parent / "cases"
FILES = sorted(path for case in CASES.iterdir() for path in case.iterdir() if path.is_file())


def ansible_list(file: Path, home: Path) -> dict[str, Any]:
    environment = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_INVENTORY_ENABLED": "yaml,ini",
        "ANSIBLE_HOME": str(home / "ansible"),
    }
    program = Path(sys.executable).with_name("ansible-inventory")
    done = subprocess.run(
        [str(program), "-i", str(file), "--list"],
        capture_output=True,
        check=True,
        cwd=home,
        env=environment,
        timeout=150,
    )
    return dict(json.loads(done.stdout))


def groups_of(listed: dict[str, Any]) -> dict[str, set[str]]:
    """Host → all groups it is in, over children too."""
    found: dict[str, set[str]] = {}

    def walk(group: str, above: tuple[str, ...]) -> None:
        block = listed.get(group, {})
        mine = (*above, group)
        for host in block.get("hosts", ()):
            found.setdefault(host, set()).update(mine)
        for child in block.get("children", ()):
            walk(child, mine)

    walk("all", ())
    return {host: groups - {"all"} for host, groups in found.items()}


def plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def imported(file: Path, folder: Path) -> Inventory:
    clients = folder / "inventory" / "clients"
    clients.mkdir(parents=True)
    (folder / "inventory" / "mspctl.yml").write_text("name: MSP\n")
    (clients / "acme.yml").write_text(import_inventory(file, client="acme").text, encoding="utf-8")
    return load_inventory(folder / "inventory")


def ours(inventory: Inventory, name: str) -> Host:
    return next(h for h in inventory.hosts if h.name == name or h.access.address == name.lower())


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.parent.name)
def test_hosts_groups_and_merged_variables_agree(file: Path, tmp_path: Path) -> None:
    listed = ansible_list(file, tmp_path)
    inventory = imported(file, tmp_path)
    groups = groups_of(listed)
    assert len(inventory.hosts) == len(groups)
    grouped_vars = any(host.tags & {"ungrouped"} for host in inventory.hosts)
    for name, expected_groups in groups.items():
        host = ours(inventory, name)
        variables = listed["_meta"]["hostvars"].get(name, {})
        expected = {key: value for key, value in variables.items() if not key.startswith("ansible_")}
        assert plain(host.variables) == expected, name
        wanted = expected_groups if grouped_vars else expected_groups - {"ungrouped"}
        assert host.tags == wanted, name
        access = host.access
        assert access.address == str(variables.get("ansible_host", name)).lower()
        assert access.user == variables.get("ansible_user", "")
        default_port = 5986 if access.connection == "winrm" else 22
        assert access.port == int(variables.get("ansible_port", default_port))
        if variables.get("ansible_become"):
            assert access.become == variables.get("ansible_become_method", "sudo")
        key = variables.get("ansible_ssh_private_key_file")
        assert str(access.identity) == (f"file:{key}" if key else "None")
