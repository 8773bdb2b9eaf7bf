"""The real oscap and debsecan: what they write is read, and what they have not measured is not well."""

import zlib
from pathlib import Path

import pytest

from mspctl.model.outcome import StepStatus
from tests.integration.modules.here import Here, needs
from tests.integration.modules.runner import Result, run_one
from tests.integration.modules.samples import Use

pytestmark = pytest.mark.timeout(240)

OVAL = "http://oval.mitre.org/XMLSchema/oval-definitions-5"
RULES = {"there": ("medium", "/etc/passwd", True), "gone": ("high", "/etc/hosts", False)}


def document(folder: Path) -> Path:
    """Two rules: a file that must be there and is, and one that must not be there and is."""
    rules, definitions, tests, objects = "", "", "", ""
    for number, (name, (severity, path, wanted)) in enumerate(RULES.items(), 1):
        rules += (
            f'<Rule id="xccdf_x_rule_{name}" selected="true" severity="{severity}"><title>{name}</title>'
            f'<check system="{OVAL}"><check-content-ref href="oval.xml" name="oval:x:def:{number}"/></check>'
            "</Rule>"
        )
        definitions += (
            f'<definition class="compliance" id="oval:x:def:{number}" version="1">'
            "<metadata><title>t</title><description>d</description></metadata>"
            f'<criteria><criterion test_ref="oval:x:tst:{number}"/></criteria></definition>'
        )
        exists = "at_least_one_exists" if wanted else "none_exist"
        tests += (
            f'<u:file_test check="all" check_existence="{exists}" id="oval:x:tst:{number}" version="1" '
            f'comment="c"><u:object object_ref="oval:x:obj:{number}"/></u:file_test>'
        )
        objects += (
            f'<u:file_object id="oval:x:obj:{number}" version="1"><u:filepath>{path}</u:filepath>'
            "</u:file_object>"
        )
    # oscap reads only every other element where nothing stands between them.
    none = "".join(f'<select idref="xccdf_x_rule_{name}" selected="false"/>\n' for name in RULES)
    (folder / "guide.xml").write_text(
        '<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2" id="xccdf_x_benchmark_b" xml:lang="en">'
        "<status>accepted</status><version>1</version>"
        f'<Profile id="xccdf_x_profile_none"><title>None</title>{none}</Profile>{rules}</Benchmark>'
    )
    (folder / "oval.xml").write_text(
        f'<oval_definitions xmlns="{OVAL}" xmlns:u="{OVAL}#unix" '
        'xmlns:c="http://oval.mitre.org/XMLSchema/oval-common-5"><generator>'
        "<c:schema_version>5.11</c:schema_version><c:timestamp>2026-01-01T00:00:00</c:timestamp></generator>"
        f"<definitions>{definitions}</definitions><tests>{tests}</tests><objects>{objects}</objects>"
        "</oval_definitions>"
    )
    return folder / "guide.xml"


def test_oscap_is_read_and_its_exit_status_is_not(tmp_path: Path) -> None:
    needs("oscap")
    here, guide = Here(tmp_path, {}), document(tmp_path)

    def oscap(**values: str) -> Result:
        return run_one(here, Use("openscap", {"content": str(guide), **values}))

    found = oscap()
    assert found.status is StepStatus.FAILED
    assert "1 passed, 1 failed, 0 not measured" in found.reason
    assert found.findings["openscap:xccdf_x_rule_gone"]["severity"] == "high"
    assert oscap(fail_on="never").status is StepStatus.OK
    nothing = oscap(profile="xccdf_x_profile_none", fail_on="never")
    assert nothing.status is StepStatus.FAILED, "oscap itself ends with 0 here"
    assert "not measured: oscap has checked nothing" in nothing.reason
    (tmp_path / "oval.xml").unlink()
    blind = oscap(fail_on="low")
    assert blind.status is StepStatus.FAILED
    assert "not measured" in blind.reason
    guide.write_text("<Benchmark")
    assert "not measured: oscap wrote no results" in oscap(fail_on="never").reason


def test_debsecan_is_read_and_silence_is_not_well(tmp_path: Path) -> None:
    needs("debsecan")
    here, source = Here(tmp_path, {}), f"file://{tmp_path}/"

    def debsecan(fail_on: str = "fixed", suite: str = "bookworm") -> Result:
        return run_one(here, Use("debsecan", {"source": source, "suite": suite, "fail_on": fail_on}))

    def publish(*lines: str) -> None:
        text = "\n".join(("VERSION 1", "CVE-2026-1,,A hole", "CVE-2026-2,,Another", "", *lines, "", "", ""))
        (tmp_path / "bookworm").write_bytes(zlib.compress(text.encode()))

    assert "not measured: debsecan: error" in debsecan("never").reason
    publish("dpkg,0,SHRF,999:1,", "dpkg,1,SLR ,,")
    found = debsecan()
    assert found.status is StepStatus.FAILED
    assert found.metrics == {
        "debsecan.vulnerabilities": "2",
        "debsecan.fixed": "1",
        "debsecan.urgent": "1",
    }
    assert found.findings["cve:CVE-2026-1"]["packages"].split()[0] == "dpkg"
    assert (
        found.findings["cve:CVE-2026-2"] | {"severity": "low", "fixed": "no"}
        == found.findings["cve:CVE-2026-2"]
    )
    assert debsecan("never").status is StepStatus.OK
    publish()
    empty = debsecan("never")
    assert empty.status is StepStatus.FAILED
    assert "debsecan named nothing" in empty.reason
