"""The security baseline on a real host: planted faults are found, and gone when they are mended."""

import pytest

from mspctl.testing import lab
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.modules.runner import Result, run
from tests.integration.modules.samples import NAMES, Use, load

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]

MODULES = tuple(name for name in NAMES if name.startswith("security-"))


def states(results: list[Result]) -> dict[str, str]:
    return {name.removeprefix("check:"): pairs["state"] for result in results for name, pairs in result.findings.items()}


def test_x(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("patient"))
    import time
    for sh in (("/bin/sh",), ("/bin/bash",), ("busybox", "sh")):
        t=time.time()
        results = run(host, *(Use(name, {"fail_on": "never"}) for name in MODULES), shell=sh)
        print(sh, time.time()-t)
        for r in results:
            print(r.status, r.reason, r.output)
            for k,v in r.findings.items(): print("  ", k, v["state"], v["severity"], v["evidence"])
    assert 0
