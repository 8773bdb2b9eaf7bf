"""Debian's PostgreSQL and MariaDB of this machine on a host of the lab: installing them would take a minute.

Programs, what they link to and what they read are copied; each has a unit of systemd, as its package brings.
"""

import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from mspctl.testing.lab import Host
from tests.integration.modules.here import needs

_MARIADB = (
    "mariadbd",
    "mariadb",
    "mariadb-admin",
    "mariadb-dump",
    "mariadb-install-db",
    "my_print_defaults",
    "resolveip",
)
_PLACES = ("/usr/sbin", "/usr/bin")
_UNIT = """[Unit]
Description={name}
[Service]
User={user}
RuntimeDirectory={folder}
ExecStart={command}
[Install]
WantedBy=multi-user.target
"""
_SET_UP = """
useradd -r -d /var/lib/postgresql postgres
useradd -r -d /nonexistent mysql
install -d -o postgres /var/lib/postgresql /run/postgresql
install -d -o mysql /var/lib/mysql /run/mysqld
ln -s {postgresql}/bin/* /usr/bin/
ldconfig
su postgres -s /bin/sh -c 'initdb -D /var/lib/postgresql/main -A peer -N >/dev/null'
mariadb-install-db --user=mysql --skip-test-db >/dev/null
systemctl daemon-reload
systemctl enable -q --now postgresql mariadb
until su postgres -s /bin/sh -c 'pg_isready -q' && mariadb -e 'select 1' >/dev/null 2>&1; do sleep 0.1; done
"""


def give_databases(host: Host) -> None:
    """Both servers, up, on a host with systemd."""
    needs("mariadbd")
    postgresql = max(Path("/usr/lib/postgresql").iterdir(), key=lambda path: int(path.name))
    programs = [*_mariadb(), *(postgresql / "bin").iterdir()]
    libraries = [file for file in (postgresql / "lib").glob("*.so") if not file.name.startswith("llvm")]
    shared = [Path("/usr/share/mysql"), Path("/usr/share/postgresql") / postgresql.name]
    wanted = [*programs, *libraries, *shared, *_linked([*programs, *libraries])]
    _copy(wanted, host)
    serve = f"{postgresql}/bin/postgres -D /var/lib/postgresql/main -k /run/postgresql"
    for name, user, folder, command in (
        ("postgresql", "postgres", "postgresql", serve),
        ("mariadb", "mysql", "mysqld", "/usr/sbin/mariadbd --socket=/run/mysqld/mysqld.sock"),
    ):
        unit = _UNIT.format(name=name, user=user, folder=folder, command=command)
        host.write_file(f"/etc/systemd/system/{name}.service", unit)
    host.run_inside(["sh", "-ec", _SET_UP.format(postgresql=postgresql)])


def _mariadb() -> Iterator[Path]:
    for name in _MARIADB:
        yield next(path for place in _PLACES if (path := Path(place) / name).exists())


def _linked(programs: Iterable[Path]) -> set[Path]:
    """The libraries that these need, by their real names and those that they are asked for by."""
    said = subprocess.run(["ldd", *map(str, programs)], capture_output=True, text=True, check=False).stdout
    found = {Path(line.split()[2]) for line in said.splitlines() if " => /" in line}
    return found | {file.resolve() for file in found}


def _copy(files: Iterable[Path], host: Host) -> None:
    names = "\0".join(sorted({str(file.relative_to("/")) for file in files})).encode()
    pack = ["tar", "-C", "/", "-c", "--null", "--files-from=-"]
    unpack = host.inside(["tar", "-C", "/", "--keep-directory-symlink", "--skip-old-files", "-x"])
    with subprocess.Popen(pack, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as packing:
        assert packing.stdin is not None
        packing.stdin.write(names)
        packing.stdin.close()
        subprocess.run(unpack, stdin=packing.stdout, check=True)
    assert packing.returncode == 0
