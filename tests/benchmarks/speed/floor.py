"""The floor: bare paramiko, one connection and one script per host.

Usage: floor.py HOSTS_FILE SCRIPT KEY FORKS. HOSTS_FILE holds `address port` lines. Nothing is checked but the
exit status: this is the least that can be done.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import paramiko


def main() -> int:
    """Run the script everywhere; the exit status is the number of hosts that failed."""
    hosts_file, script_file, key_file, forks = sys.argv[1:]
    hosts = [line.split() for line in Path(hosts_file).read_text().splitlines()]
    script = Path(script_file).read_bytes()
    key = paramiko.Ed25519Key.from_private_key_file(key_file)

    def one(host: list[str]) -> int:
        transport = paramiko.Transport((host[0], int(host[1])))
        transport.connect(username="ops", pkey=key)
        channel = transport.open_session()
        channel.exec_command("sudo -n /bin/sh -s")
        channel.sendall(script)
        channel.shutdown_write()
        while channel.recv(65536):
            pass
        status = channel.recv_exit_status()
        transport.close()
        return int(status != 0)

    with ThreadPoolExecutor(int(forks)) as pool:
        return sum(pool.map(one, hosts))


if __name__ == "__main__":
    sys.exit(main())
