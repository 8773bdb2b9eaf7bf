"""Lists of vulnerabilities from elsewhere: what they say is read, and what is not shaped so is refused."""

import json
import zipfile
from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError
from mspctl.model.advisory import Advisory, Span
from mspctl.parse.advisories import read_advisories, read_exploited

BOOKWORM, NOBLE = "debian|12|bookworm", "ubuntu|24.04|noble"


def write(folder: Path, document: object, name: str = "list.json") -> Path:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def tracked(**state: str) -> dict[str, object]:
    return {"description": "x", "releases": {"bookworm": state, "sid": {"status": "open", "urgency": "high"}}}


def record(
    name: str = "DEBIAN-CVE-2026-1", ecosystem: str = "Debian:12", **more: object
) -> dict[str, object]:
    events = [{"introduced": "0"}, {"fixed": "1.2-1"}]
    affected = {
        "package": {"ecosystem": ecosystem, "name": "openssl"},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
        "ecosystem_specific": {"urgency": "high"},
    }
    return {"id": name, "affected": [affected], **more}


def test_the_trackers_states_become_spans(tmp_path: Path) -> None:
    entries = {
        "CVE-2026-1": tracked(status="resolved", fixed_version="1.2-1", urgency="high"),
        "CVE-2026-2": tracked(status="open", urgency="unimportant"),
        "CVE-2026-3": tracked(status="undetermined", urgency="not yet assigned"),
        "CVE-2026-4": tracked(status="resolved", fixed_version="0"),
        "CVE-2026-5": {"releases": {"sid": {"status": "open", "urgency": "high"}}},
    }
    (found,) = read_advisories(write(tmp_path, {"openssl": entries}), [BOOKWORM, NOBLE]).items()
    assert found[0] == BOOKWORM
    assert found[1]["openssl"] == (
        Advisory("CVE-2026-1", "openssl", (Span(fixed="1.2-1"),), "high", names=frozenset({"CVE-2026-1"})),
        Advisory("CVE-2026-2", "openssl", (Span(),), "unimportant", names=frozenset({"CVE-2026-2"})),
        Advisory(
            "CVE-2026-3",
            "openssl",
            (Span(),),
            "not yet assigned",
            undecided=True,
            names=frozenset({"CVE-2026-3"}),
        ),
    )


def test_records_of_osv_are_read_for_the_asked_releases(tmp_path: Path) -> None:
    records = [
        record(upstream=["CVE-2026-1"]),
        record("UBUNTU-CVE-2026-1", "Ubuntu:24.04:LTS"),
        record("DEBIAN-CVE-2026-9", "Debian:11"),
        record("DEBIAN-CVE-2026-8", withdrawn="2026-01-01T00:00:00Z"),
    ]
    for document in (records, {"vulns": records}):
        found = read_advisories(write(tmp_path, document), [BOOKWORM, NOBLE])
        assert {release: [each.id for each in known["openssl"]] for release, known in found.items()} == {
            BOOKWORM: ["DEBIAN-CVE-2026-1"],
            NOBLE: ["UBUNTU-CVE-2026-1"],
        }
    (one,) = found[BOOKWORM]["openssl"]
    assert (one.spans, one.urgency) == ((Span("", "1.2-1"),), "high")
    assert one.names == {"DEBIAN-CVE-2026-1", "CVE-2026-1"}
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for each in records:
            made.writestr(f"{each['id']}.json", json.dumps(each))
    assert read_advisories(archive, [BOOKWORM, NOBLE]) == found


def test_ranges_may_begin_again_end_with_the_last_bad_one_or_be_single_versions(tmp_path: Path) -> None:
    def spans(events: list[dict[str, str]], versions: list[str] | None = None) -> tuple[Span, ...]:
        kinds = [{"type": "ECOSYSTEM", "events": events}] if events else []
        affected = {"package": {"ecosystem": "Debian:12", "name": "a"}, "ranges": kinds, "versions": versions}
        path = write(tmp_path, {"id": "X", "affected": [affected]})
        return read_advisories(path, [BOOKWORM])[BOOKWORM]["a"][0].spans

    again = [
        {"introduced": "0"},
        {"fixed": "1"},
        {"introduced": "2"},
        {"last_affected": "3"},
        {"introduced": "4"},
    ]
    assert spans(again) == (Span(fixed="1"), Span("2", last="3"), Span("4"))
    assert spans([], ["1-1", "1-2"]) == (Span("1-1", last="1-1"), Span("1-2", last="1-2"))


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("{", "this is no JSON"),
        ("[" * 100_000, "this is no JSON"),
        ({"a": 1}, "neither a list of OSV records nor the Debian tracker"),
        ([1], "neither a list of OSV records nor the Debian tracker"),
        ({"openssl": {"CVE-2026-1": tracked(status="odd")}}, "openssl, CVE-2026-1: no entry of the tracker"),
        (
            {"openssl": {"CVE-2026-1": tracked(status="resolved")}},
            "openssl, CVE-2026-1: no entry of the tracker",
        ),
        ([{"id": "X", "affected": [{}]}], "X: no OSV record looks so"),
        (
            [{"id": "X", "affected": [{"package": {"ecosystem": "Debian:12", "name": "a"}}]}],
            "X: no OSV record",
        ),
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, document: object, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        read_advisories(write(tmp_path, document), [BOOKWORM])


def test_archives_and_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no ZIP archive"):
        read_advisories(write(tmp_path, "x", "all.zip"), [BOOKWORM])
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_advisories(tmp_path / "gone.json", [BOOKWORM])


def test_the_list_of_exploited_ones_is_read(tmp_path: Path) -> None:
    known = {"vulnerabilities": [{"cveID": "CVE-2026-1"}, {"cveID": "CVE-2026-2"}]}
    assert read_exploited(write(tmp_path, known)) == {"CVE-2026-1", "CVE-2026-2"}
    wrongs: tuple[object, ...] = ({"vulnerabilities": []}, {"vulnerabilities": [{"cve": "CVE-1"}]}, [], {})
    for wrong in wrongs:
        with pytest.raises(ConfigurationError):
            read_exploited(write(tmp_path, wrong))
