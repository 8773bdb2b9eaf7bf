"""The project that is written for a lab is one that an operator could have written."""

import stat
from pathlib import Path

import yaml

from mspctl.testing.lab import CountingProxy, HostSpec, Lab
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.pytest_lab import LabHosts


def read(file: Path) -> dict[str, object]:
    loaded = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def test_hosts_defaults_and_pins(lab_host: LabHosts, tmp_path: Path) -> None:
    gate, inner = lab_host.make(HostSpec("gate"), HostSpec("inner", gateway="gate"))

    entries = [entry(gate, tags=("jump", "web")), entry(inner, site="cellar")]
    project = write_project(lab_host.lab, tmp_path, entries)

    client = read(project / "inventory/clients/acme.yml")
    assert client["defaults"] == {
        "connection": "ssh",
        "user": "ops",
        "port": 22,
        "identity": "file:keys/acme",
        "become": "sudo",
    }
    assert client["sites"] == {
        "hq": {"hosts": {"gate": {"address": gate.address, "os": "debian", "tags": ["jump", "web"]}}},
        "cellar": {"hosts": {"inner": {"address": inner.address, "os": "debian", "gateway": "gate"}}},
    }
    pins = (project / "inventory/known_hosts/acme").read_text(encoding="ascii")
    assert pins == gate.known_hosts_line + inner.known_hosts_line
    assert stat.S_IMODE((project / "keys/acme").stat().st_mode) == 0o600


def test_a_proxy_and_the_admin(lab_host: LabHosts, tmp_path: Path) -> None:
    lab: Lab = lab_host.lab
    host = lab_host(HostSpec("far"))
    proxy: CountingProxy = lab.proxy(host)

    project = write_project(lab, tmp_path, [entry(host, proxy=proxy)], client="beta", user="admin")
    proxy.stop()

    client = read(project / "inventory/clients/beta.yml")
    far = {"address": "127.0.0.1", "os": "debian", "port": proxy.port}
    assert client["sites"] == {"hq": {"hosts": {"far": far}}}
    assert isinstance(client["defaults"], dict)
    assert client["defaults"]["become_password"] == "file:keys/beta-sudo"
    assert (project / "keys/beta-sudo").read_text(encoding="ascii") == lab.admin_password
    pins = (project / "inventory/known_hosts/beta").read_text(encoding="ascii")
    assert pins == f"[127.0.0.1]:{proxy.port} {host.host_key}\n"
