"""What the importers make of secrets, ssh_config and CSV, and of files that are none of these."""

from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError, UsageError
from mspctl.model.inventory import BecomeMethod, Host
from mspctl.parse.importing import Imported, import_inventory
from mspctl.parse.inventory import load_inventory

CANARY = "hunter2-CANARY"


def take(tmp_path: Path, name: str, text: str) -> tuple[Imported, dict[str, Host]]:
    source = tmp_path / name
    source.write_text(text, encoding="utf-8")
    imported = import_inventory(source, client="acme")
    clients = tmp_path / "inventory" / "clients"
    clients.mkdir(parents=True)
    (clients.parent / "mspctl.yml").write_text("name: MSP\n")
    (clients / "acme.yml").write_text(imported.text, encoding="utf-8")
    return imported, {host.name: host for host in load_inventory(clients.parent).hosts}


def test_secrets_of_ansible_become_references(tmp_path: Path) -> None:
    text = (
        f"[web]\nw1 ansible_password={CANARY} db_password={CANARY}\nw2\n"
        f"[web:vars]\nansible_become=true\nansible_become_pass={CANARY}\napi_token = '{CANARY}'\n"
    )
    imported, hosts = take(tmp_path, "hosts.ini", text)
    assert CANARY not in imported.text
    assert CANARY not in " ".join(imported.notes)
    assert str(hosts["w1"].access.password) == "env:ACME_W1_ANSIBLE_PASSWORD"
    assert str(hosts["w2"].access.become_password) == "env:ACME_WEB_ANSIBLE_BECOME_PASS"
    assert hosts["w1"].access.become is BecomeMethod.SUDO
    assert hosts["w1"].variables["db_password"] == "env:ACME_W1_DB_PASSWORD"
    assert sum("env:ACME_WEB_API_TOKEN" in note for note in imported.notes) == 1


def test_vault_is_neither_read_nor_copied(tmp_path: Path) -> None:
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n3338\n")
    text = "all:\n  hosts:\n    a:\n      key: !vault |\n        $ANSIBLE_VAULT;1.1;AES256\n        6162\n"
    imported, hosts = take(tmp_path, "hosts.yml", text)
    assert "VAULT" not in imported.text
    assert hosts["a"].variables == {"key": "env:ACME_A_KEY"}
    assert any("encrypted by ansible-vault" in note for note in imported.notes)


def test_ansible_jump_hosts_become_gateways(tmp_path: Path) -> None:
    text = (
        "[a]\nh1 ansible_ssh_common_args='-o ProxyJump=ops@gw.example.com:2200'\n"
        "h2 ansible_ssh_common_args='-o ProxyCommand=\"ssh -W %h:%p -q gw2.example.com\"'\n"
        "h3 ansible_ssh_common_args='-o StrictHostKeyChecking=no'\n"
    )
    imported, hosts = take(tmp_path, "hosts.ini", text)
    assert hosts["h1"].access.gateway == "ops@gw.example.com:2200"
    assert hosts["h2"].access.gateway == "gw2.example.com"
    assert hosts["h3"].access.gateway is None
    assert any("ansible_ssh_common_args" in note for note in imported.notes)


def test_ssh_config_first_match_wins(tmp_path: Path) -> None:
    text = """
    Host web1 web2.example.com
        HostName %h.internal
        Port 2222
        IdentityFile ~/.ssh/web
        IdentityFile ~/.ssh/other
    Host gw
        HostName 192.0.2.1
    Host db !db9
        ProxyJump gw
    Host *.example.com
        User=deploy
        Port 99
    Match user root
        Port 1
    Host *
        User ops
        ForwardAgent yes
    """
    imported, hosts = take(tmp_path, "ssh_config", text)
    assert set(hosts) == {"web1", "web2.example.com", "gw", "db"}
    web1, web2 = hosts["web1"].access, hosts["web2.example.com"].access
    assert (web1.address, web1.port, web1.user) == ("web1.internal", 2222, "ops")
    assert (web2.port, web2.user, str(web2.identity)) == (2222, "deploy", "file:~/.ssh/web")
    assert hosts["db"].access.gateway == "gw"
    notes = "\n".join(imported.notes)
    assert "`Host *` names no host" in notes
    assert "forwardagent was not taken over" in notes
    assert "`Match user root`" in notes


def test_csv_columns_by_known_names(tmp_path: Path) -> None:
    text = (
        "\ufeffHost Name;IP Address;Location;Tags;Operating System;Password;Rack;SSH Port\r\n"
        f'WEB 1;10.0.0.1;Head Office;"web; prod";Debian;{CANARY};007;22\r\n'
        "\r\n"
        'db1;;"Head Office";;;;"12";2200\r\n'
        "db1;10.0.0.9;;;;;;\r\n"
    )
    imported, hosts = take(tmp_path, "hosts.csv", text)
    assert CANARY not in imported.text + "".join(imported.notes)
    web, db = hosts["web-1"], hosts["db1"]
    assert (web.site, web.access.address, web.os) == ("head-office", "10.0.0.1", "debian")
    assert web.tags == {"web", "prod"}
    assert web.variables == {"Rack": "007"}
    assert db.variables == {"Rack": 12}
    assert (db.access.port, db.access.address) == (2200, "db1")
    notes = "\n".join(imported.notes)
    assert "`db1` is there twice" in notes
    assert "env:ACME_WEB_1_PASSWORD" in notes


@pytest.mark.parametrize("column", ["pw", "Admin PW", "RootPassword", "WLAN-PSK", "Kennwort", "api-key"])
@pytest.mark.parametrize("secret", [CANARY, "31415926"])
def test_a_csv_column_that_says_it_holds_secrets_is_not_copied(
    tmp_path: Path, column: str, secret: str
) -> None:
    imported, hosts = take(tmp_path, "hosts.csv", f"host,{column}\nweb1,{secret}\n")
    assert secret not in imported.text + "".join(imported.notes)
    assert "was not copied" in "".join(imported.notes)
    assert hosts


def test_what_our_reader_refuses_is_left_out_with_a_note(tmp_path: Path) -> None:
    imported, hosts = take(tmp_path, "hosts.csv", "host,ip,port\na,999.1.1.1,70000\nb,10.0.0.2,22\n")
    assert hosts["a"].access.address == "a"
    assert hosts["a"].access.port == 22
    notes = "\n".join(imported.notes)
    assert "sites.main.hosts.a.address was left out" in notes
    assert "sites.main.hosts.a.port was left out" in notes


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ini", "[web\nx"),
        ("a.ini", "[web:odd]\nx"),
        ("a.ini", "[a:children]\nb\n[b:children]\na\n[b]\nx\n"),
        ("a.ini", "h[1:99999999]\n"),
        ("a.ini", "h[5:1]\n"),
        ("a.ini", "h 'x\n"),
        ("a.ini", "[a:vars]\nx=1\n"),
        ("a.yml", "- 1\n"),
        ("a.yml", "a: &x [*x]\nall: {hosts: {a: {b: *x}}}\n"),
        ("a.yml", "all: {hosts: {a: {b: !!python/object:os.system x}}}\n"),
        ("a.yml", "all: {hosts: {a: {b: " + "[" * 5000 + "\n"),
        ("a.yml", "all: {hosts: [a]}\n"),
        ("a.yml", "plugin: amazon.aws.aws_ec2\n"),
        ("a.csv", "address\n10.0.0.1\n"),
        ("a.csv", 'host,ip\na,"b\n'),
        ("a.csv", "host\na,b,c\n"),
        ("config", "Host a\n  HostName 'x\n"),
        ("config", "Host a\n  ???\n"),
    ],
)
def test_files_that_are_wrong_are_refused_with_a_reason(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        import_inventory(path, client="acme")
    assert str(caught.value)


def test_alias_bomb_in_a_foreign_file_is_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    path = tmp_path / "bomb.yml"
    path.write_text("\n".join(lines))
    with pytest.raises(ConfigurationError, match="endless"):
        import_inventory(path, client="acme")


def test_a_client_name_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ini"
    path.write_text("h1\n")
    with pytest.raises(UsageError):
        import_inventory(path, client="../../x")
