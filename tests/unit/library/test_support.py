import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError
from mspctl.library.support import support_table
from mspctl.model.support import SupportState

TODAY = date(2026, 11, 24)
DEBIAN = "version,codename,series,created,release,eol,eol-lts,eol-elts\n"


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    return tmp_path / "no-distro-info"


@pytest.mark.parametrize(
    "release",
    [
        "debian 12", "ubuntu 24.04", "rhel 9", "rocky 9", "almalinux 9", "centos 7", "fedora 43",
        "opensuse-leap 16.0", "sles 15.7", "alpine 3.22", "arch ", "amzn 2023",
    ],
)  # fmt: skip
def test_the_systems_of_the_field_are_in_the_shipped_file(release: str, nowhere: Path) -> None:
    system, _, version = release.partition(" ")
    support = support_table(None, distro_dates=nowhere).look(system, version, TODAY)
    assert support.state is not SupportState.UNKNOWN
    assert support.term is not None
    assert support.term.source
    assert date(2025, 1, 1) < support.term.checked <= date.today()  # noqa: DTZ011 - a day, in any zone


def test_a_projects_own_rows_stand_in_for_ours(tmp_path: Path, nowhere: Path) -> None:
    (tmp_path / "support.yml").write_text(
        'releases: [{os: debian, version: "12", until: 2031-01-01, source: we, checked: 2020-01-01}]'
    )
    table = support_table(tmp_path, distro_dates=nowhere)
    assert table.look("debian", "12", date(2030, 12, 31)).state is SupportState.SUPPORTED
    assert table.look("debian", "13", TODAY).state is SupportState.SUPPORTED
    (tmp_path / "support.yml").write_text("releases: [{os: debian}]")
    with pytest.raises(ConfigurationError, match=r"support\.yml:1:12: releases\[0\]\.version"):
        support_table(tmp_path, distro_dates=nowhere)


@pytest.mark.parametrize(("year", "until"), [(2020, date(2026, 7, 11)), (2030, date(2027, 1, 1))])
def test_the_controllers_distro_info_counts_if_it_is_newer(tmp_path: Path, year: int, until: date) -> None:
    file = tmp_path / "debian.csv"
    file.write_text(DEBIAN + "12,Bookworm,bookworm,2021-08-14,2023-06-10,2027-01-01\n")
    stamp = datetime(year, 1, 1, tzinfo=UTC).timestamp()
    os.utime(file, (stamp, stamp))
    term = support_table(None, distro_dates=tmp_path).look("debian", "12", TODAY).term
    assert term is not None
    assert term.until == until
