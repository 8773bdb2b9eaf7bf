"""I16: empty file, only comments, two documents: refused; "no clients" is not success."""

from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError
from mspctl.parse.inventory import load_inventory
from tests.hostile.inventory_rows import ONE_HOST, check_refuses, refused, text_of, write_inventory


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n", "---\n...\n", "null\n", "~", "\ufeff"])
def test_empty_files(tmp_path: Path, text: str) -> None:
    (problem,) = refused(tmp_path, text)
    assert problem.problem == "the file is empty"


@pytest.mark.parametrize("text", [ONE_HOST + "---\n" + ONE_HOST, ONE_HOST + "---\n", "---\n---\n" + ONE_HOST])
def test_two_documents(tmp_path: Path, text: str) -> None:
    assert "a second document starts here" in text_of(refused(tmp_path, text))


@pytest.mark.parametrize("text", ["client\n", "- a\n", "'x'\n", "3\n"])
def test_no_map(tmp_path: Path, text: str) -> None:
    (problem,) = refused(tmp_path, text)
    assert "expected a map" in problem.problem


def test_no_clients(tmp_path: Path) -> None:
    inventory = write_inventory(tmp_path, {})
    with pytest.raises(ConfigurationError, match="there are no clients"):
        load_inventory(inventory)
    check_refuses(tmp_path, "there are no clients")


def test_files_with_other_endings_are_no_clients(tmp_path: Path) -> None:
    inventory = write_inventory(tmp_path, {})
    (inventory / "clients" / "acme.yml~").write_text(ONE_HOST)
    (inventory / "clients" / ".acme.yml.swp").write_text(ONE_HOST)
    with pytest.raises(ConfigurationError, match="there are no clients"):
        load_inventory(inventory)
    (inventory / "clients" / "acme.yaml").write_text(ONE_HOST)
    with pytest.raises(ConfigurationError, match=r"ends in `\.yml`"):
        load_inventory(inventory)


def test_no_hosts(tmp_path: Path) -> None:
    assert "sites.hq.hosts" in text_of(refused(tmp_path, "client: acme\nsites: {hq: {hosts: {}}}\n"))
    assert "sites" in text_of(refused(tmp_path, "client: acme\n"))
    assert "sites" in text_of(refused(tmp_path, "client: acme\nsites: {}\n"))
