"""SSH over paramiko: dial, handshake, pinned host key, login, one channel with the program on its stdin."""

from mspctl.transports.ssh.lean import import_paramiko

import_paramiko()
