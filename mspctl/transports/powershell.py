"""The command line that starts a Windows host's half of a bundle; the program itself travels on stdin."""

import base64

from mspctl.shipped import shipped_folder

LONGEST = 8000
"""What cmd.exe takes is 8191 characters; beyond that some hosts cut without a word."""


def command_line() -> str:
    """PowerShell with the bootstrap as -EncodedCommand, without the comments that are for readers.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    text = (shipped_folder("templates") / "bundle" / "windows" / "bootstrap.ps1").read_text("utf-8")
    lines = (line.strip() for line in text.splitlines())
    bare = "\n".join(line for line in lines if line and not line.startswith("#"))
    encoded = base64.b64encode(bare.encode("utf-16-le")).decode("ascii")
    options = "-NoProfile -NonInteractive -ExecutionPolicy Bypass"
    return f"powershell.exe {options} -EncodedCommand {encoded}"
