from tests.e2e.fixtures import cli, half_cli, sshd

__all__ = ["cli", "half_cli", "sshd"]
