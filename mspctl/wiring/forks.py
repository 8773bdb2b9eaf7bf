"""How many hosts at once this machine can carry."""

import os
import resource
from dataclasses import dataclass

PER_CPU = 16
LEAST, MOST = 4, 64
FILES_PER_HOST = 8
"""A socket, an agent connection, a key being read; and sockets to silent hosts that wait beside it."""
FILES_KEPT = 40
"""For the run log, the locks, the standard streams and the libraries."""
THREADS_PER_HOST = 10
THREADS_KEPT = 16


@dataclass(frozen=True, slots=True)
class Limits:
    """What this process may have: processors, open files, threads of its user; None for no limit."""

    cpus: int
    files: int | None
    threads: int | None


@dataclass(frozen=True, slots=True)
class Forks:
    """How many hosts at once, and a word on it if it is fewer than asked for."""

    count: int
    warning: str = ""


def read_limits() -> Limits:
    """The limits of this process; the soft limit of open files is raised as far as the hard one allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST * FILES_PER_HOST + FILES_KEPT
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    threads, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    return Limits(
        len(os.sched_getaffinity(0)),
        None if soft == resource.RLIM_INFINITY else soft,
        None if threads == resource.RLIM_INFINITY else threads,
    )


def fitting_forks(asked: int | None, hosts: int, limits: Limits) -> Forks:
    """`asked`, or what suits the processors; never more than hosts, files and threads allow."""
    wanted = min(hosts, asked or max(LEAST, min(MOST, PER_CPU * limits.cpus)))
    ceilings = {}
    if limits.files is not None:
        ceilings[f"open files are limited to {limits.files}"] = (limits.files - FILES_KEPT) // FILES_PER_HOST
    if limits.threads is not None:
        ceilings[f"processes are limited to {limits.threads}"] = (
            limits.threads - THREADS_KEPT
        ) // THREADS_PER_HOST
    reason, ceiling = min(ceilings.items(), key=lambda item: item[1], default=("", wanted))
    if ceiling >= wanted:
        return Forks(wanted)
    count = max(1, ceiling)
    return Forks(count, f"only {count} hosts at once: {reason} (ulimit)")
