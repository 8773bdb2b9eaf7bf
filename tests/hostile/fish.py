"""fish as the login shell of a lab host: its files come from this machine's own."""

import re
import subprocess

from mspctl.testing.lab import Host


def give_fish(host: Host, account: str = "ops") -> None:
    """Its language is not sh's, and its configuration prints."""
    linked = subprocess.run(
        ["ldd", "/usr/bin/fish"], capture_output=True, text=True, check=True, timeout=100
    ).stdout
    libraries = re.findall(r"=> (/\S+) ", linked)
    assert libraries
    files = ["/usr/bin/fish", "/usr/share/fish/config.fish", "/usr/share/fish/functions", *libraries]
    packed = subprocess.run(["tar", "-chP", *files], capture_output=True, check=True, timeout=100).stdout
    unpack = host.inside(["tar", "-xP", "--skip-old-files"])
    subprocess.run(unpack, input=packed, capture_output=True, check=True, timeout=100)
    host.run_inside(["usermod", "--shell", "/usr/bin/fish", account])
    host.run_inside(["mkdir", "-p", f"/home/{account}/.config/fish"])
    host.write_file(f"/home/{account}/.config/fish/config.fish", "echo welcome; set -x LC_ALL tlh\n")
