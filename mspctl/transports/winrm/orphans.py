"""Shells that a lost link has left behind on a host: each counts against its quota until it is closed."""

import threading
from collections import defaultdict


class Orphans:
    """Host → shells that nobody uses any more. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shells: defaultdict[str, set[str]] = defaultdict(set)

    def add(self, host: str, shell: str) -> None:
        """To be closed by the next link to that host."""
        with self._lock:
            self._shells[host].add(shell)

    def take(self, host: str) -> frozenset[str]:
        """Those of a host; whoever takes them closes them, or adds them again."""
        with self._lock:
            return frozenset(self._shells.pop(host, ()))
