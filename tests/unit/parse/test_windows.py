"""Nothing secret of a Windows login may travel in the clear."""

from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError
from mspctl.model.inventory import Scheme, WinrmAuth
from mspctl.parse.inventory import load_inventory


def project(folder: Path, settings: str) -> Path:
    clients = folder / "inventory" / "clients"
    clients.mkdir(parents=True)
    (folder / "inventory" / "mspctl.yml").write_text("name: MSP\n")
    host = f"      dc1: {{address: 10.0.0.20, connection: winrm, user: ops, {settings}}}\n"
    (clients / "acme.yml").write_text(f"client: acme\nsites:\n  hq:\n    hosts:\n{host}")
    return folder / "inventory"


@pytest.mark.parametrize("auth", ["basic", "certificate"])
def test_a_login_in_the_clear_is_refused_with_its_place(tmp_path: Path, auth: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load_inventory(project(tmp_path, f"scheme: http, auth: {auth}"))
    [problem] = raised.value.problems
    assert "over HTTP" in problem.problem
    assert problem.place is not None
    assert (Path(problem.place.file).name, problem.place.line) == ("acme.yml", 5)


def test_sealed_http_has_its_own_port(tmp_path: Path) -> None:
    access = load_inventory(project(tmp_path, "scheme: http")).hosts[0].access
    assert (access.port, access.auth, access.scheme) == (5985, WinrmAuth.NTLM, Scheme.HTTP)
