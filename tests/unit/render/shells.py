"""Runs shell text under each shell that a host may have."""

import subprocess

SHELLS = {"dash": ("dash",), "busybox": ("busybox", "sh"), "bash": ("bash", "--posix")}


def output(shell: str, script: str) -> bytes:
    """What the script prints when it is read from stdin, as on a host."""
    ended = subprocess.run(
        [*SHELLS[shell], "-s"],
        input=script.encode(),
        capture_output=True,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
        timeout=100,
        check=True,
    )
    assert ended.stderr == b""
    return ended.stdout
