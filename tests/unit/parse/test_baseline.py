"""The words of the security baseline: each check names a section or says why not, and who can mend it."""

import re
from pathlib import Path

import pytest

from mspctl.model.playbook import Check, Module
from mspctl.parse.module import parse_module
from mspctl.parse.source import read_source
from mspctl.shipped import shipped_folder

FOLDERS = sorted((shipped_folder("templates") / "modules").glob("security-*"))
FORMS = (
    r"CIS Debian 12 [1-7](\.[0-9]+)+",
    r"CIS Docker [1-7]\.[0-9]+",
    r"BSI (APP|CON|DER|NET|OPS|ORP|SYS)(\.[0-9]+)+\.A[0-9]+",
    r"STIG (RHEL-09|UBTU-22|WN19-(00|AC|AU|CC|DC|MS|SO|UR))-[0-9]{6}",
    r"(ADV|KB)[0-9]+",
    r"MS[0-9]{2}-[0-9]{3}",
    r"(CVE-[0-9]{4}|CWE|RFC)[- ][0-9]+",
)
SECTION = re.compile("|".join(f"({form})" for form in FORMS))
STANDARDS = ("BSI ", "CIS ", "STIG ")


def _module(folder: Path) -> Module:
    scripts = {
        name: (folder / file).read_text(encoding="utf-8") if (folder / file).exists() else None
        for name, file in (("posix", "posix.sh.j2"), ("windows", "windows.ps1.j2"))
    }
    source = read_source(folder / "module.yml")
    return parse_module(source, folder.name, posix=scripts["posix"], windows=scripts["windows"])


CHECKS = tuple(check for folder in FOLDERS for check in _module(folder).checks)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_each_check_names_a_section_and_says_who_can_mend_it(check: Check) -> None:
    assert check.reference
    assert bool(check.person) is not check.mends
    if check.sections:
        assert [each for each in check.sections.split(", ") if not SECTION.fullmatch(each)] == []
    else:
        assert re.fullmatch(r"none: \S.*", check.reference)


def test_sections_of_a_standard_are_missing_only_where_it_is_known() -> None:
    linux = {check.name for check in CHECKS if not check.name.startswith("win-")}
    without = {check.name for check in CHECKS if not check.sections.startswith(STANDARDS)}
    assert len(linux) == len(CHECKS) - 75 == 114
    assert without & linux == set()
    # What these have is a weakness or an advisory of Microsoft's.
    assert without == {
        "win-ldap-binding", "win-lsa-protection", "win-printer-drivers", "win-service-path",
        "win-service-place", "win-signature-padding",
    }  # fmt: skip
