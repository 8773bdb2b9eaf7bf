"""Every fault of a host, or of who stands in its place: the outcome that it ends in, and how soon."""

import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.model.failure import Failure
from mspctl.model.inventory import Host
from mspctl.model.outcome import Outcome
from mspctl.testing.kerberos import KerberosRealm, missing_kerberos
from mspctl.testing.winrm import troubles
from mspctl.testing.winrm.endpoint import WinrmEndpoint
from tests.integration.winrm.faulty import (
    IN_PLACE,
    QUICK,
    Fault,
    Room,
    at_the_door,
    clock_moved,
    endless_timeouts,
    full,
    midway,
    over_tls,
    passing,
    power_cut,
    sent_elsewhere,
    shells_killed,
    unheard,
    wrong_password,
)
from tests.integration.winrm.talking import MEMBER, SERVICE, WORD, member, windows

UNREACHABLE, FAILED, LOST, OK = Outcome.UNREACHABLE, Outcome.FAILED, Outcome.LOST, Outcome.OK
GONE = (LOST, "link-lost", "resume")
HURRIED = replace(QUICK, connect=1, auth=0.5)
DOOR: Mapping[str, tuple[Outcome, str, str]] = {
    "a dropped connection": (UNREACHABLE, "dropped", "firewall"),
    "a login page": (UNREACHABLE, "proxy-page", "proxy"),
    "a login page that calls itself XML": (UNREACHABLE, "proxy-page", "proxy"),
    "a bomb of entities": (UNREACHABLE, "hostile-answer", "do not trust"),
    "an answer nested too deep": (UNREACHABLE, "hostile-answer", "do not trust"),
    "no XML": (UNREACHABLE, "not-winrm", "does WinRM listen"),
    "an answer in the clear": (UNREACHABLE, "hostile-answer", "do not trust"),
    "401": (UNREACHABLE, "auth", "password right"),
    "403": (UNREACHABLE, "forbidden", "IPv4Filter"),
    "404": (UNREACHABLE, "not-winrm", "does WinRM listen"),
    "500": (UNREACHABLE, "server-error", "overloaded"),
    "503, WinRM stopped": (UNREACHABLE, "server-error", "running there"),
    "502, a proxy's page": (UNREACHABLE, "proxy-page", "proxy"),
    "407, a proxy's login": (UNREACHABLE, "proxy-page", "proxy"),
    "a redirect": (UNREACHABLE, "redirected", "nothing was sent there"),
    "100 MB": (UNREACHABLE, "max-answer", "do not trust"),
    "no such shell": (UNREACHABLE, "shell-gone", "WinRM restarted"),
    "aborted": (UNREACHABLE, "winrm-fault", "winrm helpmsg"),
    "quota of operations": (FAILED, "quota", "MaxConcurrentOperationsPerUser"),
    "access denied": (FAILED, "privilege", "LocalAccountTokenFilterPolicy"),
}
TABLE: dict[str, Fault] = {
    "wrong password": Fault(wrong_password, UNREACHABLE, "auth", "password right"),
    "Kerberos with a moved clock": Fault(clock_moved, UNREACHABLE, "clock-skew", "clock"),
    "TLS that nobody vouches for": Fault(over_tls(None), UNREACHABLE, "tls", "tls_ca"),
    "TLS that is not the pinned": Fault(over_tls("00" * 32), UNREACHABLE, "host-key-changed", "find out why"),
    "a redirect with credentials": Fault(sent_elsewhere, UNREACHABLE, "redirected", "nothing was sent"),
    "no shell left": Fault(full(0, 1500), FAILED, "quota", "MaxShellsPerUser"),
    "no operation left": Fault(full(30, 0), FAILED, "quota", "MaxShellsPerUser"),
    "a slow drip at the door": Fault(
        at_the_door(troubles.drip, HURRIED), UNREACHABLE, "timeout-auth", "overloaded"
    ),
    "a slow drip midway": Fault(midway(troubles.drip, HURRIED, poll_within=1), *GONE),
    "timeouts without end": Fault(endless_timeouts(1, 40), Outcome.TIMED_OUT, "run-timeout", "frozen"),
    "timeouts from the start": Fault(endless_timeouts(0, 600), FAILED, "silent"),
    "a reboot before a word": Fault(power_cut(0), FAILED, "interrupted", "rerun"),
    "a reboot midway": Fault(power_cut(8), FAILED, "interrupted", "rerun"),
    "shells killed once": Fault(passing(None), OK, ""),
    "shells killed again and again": Fault(shells_killed, *GONE),
    **{f"{name}, before a word": Fault(unheard(answer), *GONE) for name, answer in IN_PLACE.items()},
    **{f"{name}, midway": Fault(midway(answer), *GONE) for name, answer in IN_PLACE.items()},
    **{f"{name}, once": Fault(passing(answer), OK, "") for name, answer in IN_PLACE.items()},
    **{
        f"{name}, at the door": Fault(at_the_door(IN_PLACE[name]), outcome, reason, remedy)
        for name, (outcome, reason, remedy) in DOOR.items()
    },
}


@pytest.fixture(scope="module")
def skewed(request: pytest.FixtureRequest) -> Iterator[tuple[WinrmEndpoint, Host] | None]:
    """A member of a domain, and us with a clock that is two hours off; None where there is no KDC."""
    if missing := missing_kerberos():
        assert not os.environ.get("CI"), missing
        yield None
        return
    realm: KerberosRealm = request.getfixturevalue("realm")
    with pytest.MonkeyPatch.context() as here:
        here.setenv("KRB5CCNAME", realm.clock_moved(realm.ticket(MEMBER, WORD, "skewed"), 7200))
        served = WinrmEndpoint(windows(), kinds=("Negotiate",), keytab=realm.keytab_of(SERVICE))
        yield served, member(served.port)


@pytest.fixture(scope="module")
def ends(
    certificate: tuple[Path, str], skewed: tuple[WinrmEndpoint, Host] | None
) -> Mapping[str, tuple[Failure, float]]:
    """All rows at the same time, as most of it is waiting: how each ended, and after how many seconds."""

    def one(name: str) -> tuple[Failure, float]:
        began = time.monotonic()
        word = TABLE[name].play(Room(certificate, skewed))
        return word, time.monotonic() - began

    with ThreadPoolExecutor(len(TABLE)) as pool:
        futures = {name: pool.submit(one, name) for name in TABLE}
    return {name: _result(future) for name, future in futures.items()}


def _result(future: "Future[tuple[Failure, float]]") -> tuple[Failure, float]:
    error = future.exception()
    return (Failure(Outcome.BROKEN, repr(error)), 0.0) if error else future.result()


@pytest.mark.parametrize("name", TABLE)
def test_a_fault_ends_in_its_outcome_in_bounded_time(
    name: str, ends: Mapping[str, tuple[Failure, float]]
) -> None:
    if name == "Kerberos with a moved clock" and missing_kerberos():
        pytest.skip("this machine has no KDC")
    fault, (word, seconds) = TABLE[name], ends[name]
    assert (word.outcome, word.reason) == (fault.outcome, fault.reason), word
    assert fault.remedy in word.remedy, word
    assert seconds < fault.within
