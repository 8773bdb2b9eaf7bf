"""Imports paramiko without invoke: a third of its import time, for `Match exec` lines of an ssh_config alone.

paramiko.config takes a missing invoke as an answer. Hosts with an ssh_config load fabric, which brings it;
`give_invoke` then hands it over.
"""

import importlib
import sys


def import_paramiko() -> None:
    """Import paramiko, before anybody else does, and leave invoke to who needs it."""
    if "paramiko" in sys.modules or "invoke" in sys.modules:
        return
    sys.modules["invoke"] = None  # type: ignore[assignment]
    try:
        importlib.import_module("paramiko")
    finally:
        del sys.modules["invoke"]


def give_invoke() -> None:
    """Let paramiko run `Match exec` commands after all."""
    config = importlib.import_module("paramiko.config")
    vars(config)["invoke"] = importlib.import_module("invoke")
