"""How long the staff's site takes to build: 10,000 hosts of 100 clients, three months of nights in the log.

Exit status 1 if a whole build, or a look that finds nothing changed, misses its bar. Whole processes; bars
are of processor seconds, which do not depend on who else uses the machine.
"""

import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine, insert

from mspctl.runstore import open_run_store, tables
from mspctl.runstore.codec import canonical, digest, time_text
from tests.benchmarks.bench_inventory import CLIENTS, HOSTS_PER_SITE, SITES, measure, write_tree

DAYS = 90
WHOLE, UNCHANGED, DASHBOARD = 6.0, 2.0, 6.0
OUTLINE = canonical([["Upgrade packages", "packages"], ["Look again", "updates"]])
Row = dict[str, object]


def fill(url: str, now: datetime) -> None:
    """Two runs a night of every client, as rows: what wrote them is measured elsewhere (bench_runlog)."""
    open_run_store(url).close()
    engine = create_engine(url)
    seq = 0
    with engine.begin() as connection:
        connection.execute(insert(tables.outline), {"digest": digest(OUTLINE), "steps": OUTLINE})
    for day in range(DAYS, 0, -1):
        runs: list[Row] = []
        hosts: list[Row] = []
        for client in range(CLIENTS):
            for playbook in ("patch", "health"):
                seq += 1
                at = now - timedelta(days=day) + timedelta(minutes=client)
                runs.append(_run(seq, f"client{client:03}", playbook, at))
                hosts += _hosts(seq, client, day, at)
        with engine.begin() as connection:
            connection.execute(insert(tables.run), runs)
            connection.execute(insert(tables.host_run), hosts)
    pending = [
        _pending(client, host, number)
        for client in range(CLIENTS)
        for host in _names()
        for number in range(5)
    ]
    with engine.begin() as connection:
        connection.execute(insert(tables.patch_pending), pending)
    engine.dispose()


def _run(seq: int, client: str, playbook: str, at: datetime) -> Row:
    return {
        "seq": seq,
        "id": f"{at:%Y%m%dT%H%MZ}-{client}-{playbook}-{seq & 0xFFFF:04x}",
        "client": client,
        "playbook": playbook,
        "check_mode": False,
        "digest": "p",
        "inventory_digest": "i",
        "started": time_text(at),
        "finished": time_text(at + timedelta(minutes=9)),
        "version": "0",
        "nonce": "n",
        "resumes": "",
        "planned": CLIENTS,
        "chain_head": "c",
        "outputs_pruned": False,
    }


def _names() -> Iterator[str]:
    for site in range(SITES):
        for index in range(HOSTS_PER_SITE):
            yield f"{('web', 'db', 'app')[index % 3]}{site}-{index}"


def _hosts(seq: int, client: int, day: int, at: datetime) -> Iterator[Row]:
    for position, name in enumerate(_names()):
        bad = (position + day + client) % 53 == 0
        yield {
            "run": seq,
            "position": position,
            "host": f"client{client:03}/{name}",
            "site": f"site{position // HOSTS_PER_SITE}",
            "bundle_digest": "b",
            "outline": digest(OUTLINE),
            "outcome": "failed" if bad else "changed",
            "reason": "dpkg was interrupted" if bad else "",
            "detail": "",
            "remedy": "",
            "started": time_text(at),
            "finished": time_text(at + timedelta(minutes=5)),
            "seconds": 60.0,
            "round_trips": 2,
            "attempt": 1,
            "fingerprint": "",
            "nonce": None,
            "spool": None,
            "boot_id": None,
            "first_step": None,
            "ended_as": position + 1,
            "chain": "c",
        }


def _pending(client: int, host: str, number: int) -> Row:
    slug = f"client{client:03}"
    return {
        "client": slug,
        "host": f"{slug}/{host}",
        "package": f"package{number}",
        "old_version": "1",
        "version": "2",
        "security": number == 0,
        "held": "hold" if number == 4 else "",
    }


def main() -> int:
    """Print a line per command; 1 if a bar is missed."""
    missed = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_tree(folder)
        database = f"sqlite:///{folder}/runs.db"
        fill(database, datetime.now(UTC))
        print(f"{CLIENTS * SITES * HOSTS_PER_SITE:,} hosts, {2 * DAYS * CLIENTS:,} runs, whole processes")
        build = ("site", "build", "--output", str(folder / "site"))
        commands = (
            (WHOLE, "site build", build),
            (UNCHANGED, "site build --if-changed", (*build, "--if-changed")),
            (DASHBOARD, "status", ("status",)),
        )
        for bar, words, arguments in commands:
            figure = measure(folder, "--database", database, *arguments)
            missed |= figure.processor > bar
            print(f"{words:<26}{figure.wall:>7.2f}s, processor {figure.processor:.2f}s, bar {bar:.0f}s")
        pages = [page.stat().st_size for page in (folder / "site").rglob("*.html")]
        print(f"{len(pages)} pages, {sum(pages) / 1e6:.1f} MB, the largest {max(pages) / 1e6:.1f} MB")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
