import re
from datetime import date

import pytest

from mspctl.errors import ConfigurationError
from mspctl.parse.source import source_of
from mspctl.parse.support import parse_distro_dates, parse_support

FILE = "inventory/support.yml"
UBUNTU = """\
version,codename,series,created,release,eol,eol-server,eol-esm,eol-legacy
22.04 LTS,Jammy Jellyfish,jammy,2021-10-14,2022-04-21,2027-06-01,2027-06-01,2032-04-21,2034-04-25
25.10,Questing Quokka,questing,2025-04-17,2025-10-09,2026-07-09
27.04,Not Yet,notyet,2026-10-01
28.04 LTS,Torn,torn,2026-10-01,2028-04-01,2028-13-99
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        parse_support(source_of(text.encode(), FILE))
    return [str(problem) for problem in caught.value.problems]


def test_a_row_says_until_when_who_says_so_and_when_it_was_checked() -> None:
    text = (
        "releases:\n"
        '  - {os: rhel, version: "8", until: 2029-05-31, extended: 2033-05-31, extended_by: ELS,\n'
        "     source: our contract, checked: 2026-11-01}\n"
        "  - {os: arch, rolling: true, source: Arch, checked: 2026-11-01}\n"
    )
    red_hat, arch = parse_support(source_of(text.encode(), FILE))
    assert (red_hat.until, red_hat.extended, red_hat.extended_by) == (
        date(2029, 5, 31),
        date(2033, 5, 31),
        "ELS",
    )
    assert (red_hat.source, red_hat.checked) == ("our contract", date(2026, 11, 1))
    assert (arch.version, arch.until) == ("", None)


def test_everything_that_is_wrong_is_told_at_once_with_its_place() -> None:
    text = (
        "releases:\n"
        "  - {os: a, version: 1, until: 2026-02-30, source: x, checked: yesterday}\n"
        "  - {os: b, version: 1, until: 2026-02-01, extended: 2026-02-01, source: x, checked: 2026-01-01}\n"
        "  - {os: c, rolling: true, until: 2026-02-01, source: x, checked: 2026-01-01}\n"
        "  - {os: b, version: 1, until: 2026-02-01, source: x, checked: 2026-01-01, untill: 1}\n"
        "  - {os: d, version: 2}\n"
    )
    told = [problem.replace(FILE, "") for problem in problems(text)]
    assert [re.sub(r"^(:\d+):\d+|\(.*\)$", r"\1", problem).strip() for problem in told] == [
        ":2: releases[0].until: `2026-02-30` is not a day",
        ":2: releases[0].checked: `yesterday` is not a day",
        ":3: releases[1].extended: 2026-02-01 is not after 2026-02-01",
        ":4: releases[2].rolling: a rolling release has no version and no dates",
        ":5: releases[3]: the key `untill` is not known here",
        ":5: releases[3].os: b 1 is there twice",
        ":6: releases[4].until: `until` is missing",
        ":6: releases[4].source: `source` is missing",
        ":6: releases[4].checked: `checked` is missing",
    ]


def test_distro_info_gives_what_has_an_end_and_what_cannot_be_read_says_nothing() -> None:
    long, short = parse_distro_dates(UBUNTU, "ubuntu", date(2026, 10, 1))
    assert (long.version, long.until, long.extended) == ("22.04", date(2027, 6, 1), date(2032, 4, 21))
    assert (short.version, short.until, short.extended) == ("25.10", date(2026, 7, 9), None)
    assert parse_distro_dates("", "debian", date(2026, 10, 1)) == ()
    assert parse_distro_dates("\ufffd;;\n\n", "debian", date(2026, 10, 1)) == ()
