"""One program per host, in the language that the host understands."""

from mspctl.engine.assemble_posix import posix_program
from mspctl.engine.sending import Sending


def program(sending: Sending) -> bytes:
    """The bytes for the stdin of `/bin/sh -s`, or of PowerShell where the host is a Windows one."""
    if sending.bundle.host.windows:
        from mspctl.engine.assemble_windows import windows_program  # noqa: PLC0415 - few runs need it

        return windows_program(sending)
    return posix_program(sending)
