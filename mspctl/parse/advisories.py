"""Reads lists of vulnerabilities that the user supplies: OSV, the Debian security tracker, and CISA's KEV.

The lists are large and come from elsewhere: what is not shaped as it should be is refused with its place in
the list, never left out in silence. Only what is about the asked releases is kept.
"""

import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mspctl.errors import ConfigurationError
from mspctl.model.advisory import Advisories, Advisory, Span
from mspctl.model.place import Place
from mspctl.parse.ecosystems import by_ecosystem, ecosystem

MAX_BYTES = 512 * 1024 * 1024
"""Of one file, and of what is packed in an archive."""
_STATUSES = frozenset({"open", "resolved", "undetermined"})
_MENDS_NO_HOLE = re.compile(r"AL[BE]A-|(?:open)?SUSE-[RFO]U-")
"""Updates that mend or add other things; some of them mend holes as well, and then they name those."""


def read_advisories(file: Path, releases: Iterable[str]) -> Mapping[str, Advisories]:
    """Release (`debian|12|bookworm`) → what the list knows of its packages; not there: it knows nothing.

    Raises:
        ConfigurationError: the file cannot be read, or is no list that we know.
    """
    wanted = frozenset(releases)
    documents = list(_documents(file))
    tracker = len(documents) == 1 and _is_tracker(documents[0])
    made = _tracker(documents[0], wanted, file) if tracker else _osv(documents, wanted, file)
    found: dict[str, dict[str, list[Advisory]]] = {}
    for release, advisory in made:
        found.setdefault(release, {}).setdefault(advisory.package, []).append(advisory)
    return {
        release: {name: tuple(each) for name, each in packages.items()} for release, packages in found.items()
    }


def read_exploited(file: Path) -> frozenset[str]:
    """The ids of CISA's list of known exploited vulnerabilities, as JSON. Raises ConfigurationError."""
    (document,) = _documents(file)
    entries = document.get("vulnerabilities") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise _wrong(file, "there is no list `vulnerabilities`", "take known_exploited_vulnerabilities.json")
    ids = [entry.get("cveID") if isinstance(entry, dict) else None for entry in entries]
    if not ids or not all(isinstance(each, str) and each for each in ids):
        raise _wrong(file, "an entry of `vulnerabilities` has no `cveID`, or there is none")
    return frozenset(map(str, ids))


def _documents(file: Path) -> Iterator[Any]:
    try:
        if file.suffix == ".zip":
            with zipfile.ZipFile(file) as archive:
                members = [each for each in archive.infolist() if each.filename.endswith(".json")]
                if sum(each.file_size for each in members) > MAX_BYTES:
                    raise _wrong(file, f"it holds more than {MAX_BYTES} bytes")
                for member in members:
                    yield json.loads(archive.read(member))
            return
        if file.stat().st_size > MAX_BYTES:
            raise _wrong(file, f"it has more than {MAX_BYTES} bytes")
        yield json.loads(file.read_bytes())
    except OSError as error:
        raise _wrong(file, f"it cannot be read: {error.strerror or error}") from None
    except zipfile.BadZipFile:
        raise _wrong(file, "this is no ZIP archive") from None
    except (ValueError, RecursionError):
        raise _wrong(file, "this is no JSON") from None


def _wrong(file: Path, problem: str, hint: str = "") -> ConfigurationError:
    return ConfigurationError(problem, place=Place(str(file)), hint=hint)


# ------------------------------------------------------------------------------------------- Debian's tracker


def _is_tracker(document: Any) -> bool:  # noqa: ANN401 - JSON
    if not isinstance(document, dict) or not document:
        return False
    first = next(iter(document.values()))
    return isinstance(first, dict) and all(
        isinstance(each, dict) and "releases" in each for each in first.values()
    )


def _tracker(document: Any, wanted: frozenset[str], file: Path) -> Iterator[tuple[str, Advisory]]:  # noqa: ANN401 - JSON
    by_codename = {release.split("|")[-1]: release for release in wanted if release.startswith("debian|")}
    for package, entries in document.items():
        for name, entry in entries.items():
            try:
                yield from _tracked(package, name, entry["releases"], by_codename)
            except (AttributeError, KeyError, TypeError, ValueError):
                raise _wrong(file, f"{package}, {name}: no entry of the tracker looks so") from None


def _tracked(
    package: str, name: str, releases: Mapping[str, Any], by_codename: Mapping[str, str]
) -> Iterator[tuple[str, Advisory]]:
    for codename, release in by_codename.items():
        state = releases.get(codename)
        if state is None:
            continue
        status, fixed = state["status"], state.get("fixed_version", "")
        if status not in _STATUSES or (status == "resolved" and not fixed):
            message = f"unknown status {status}"
            raise ValueError(message)
        if fixed == "0":  # the release never had it
            continue
        span = Span(fixed=fixed if status == "resolved" else "")
        urgency = str(state.get("urgency", ""))
        yield release, Advisory(name, package, (span,), urgency, status == "undetermined", frozenset({name}))


# ------------------------------------------------------------------------------------------------------- OSV


def _osv(documents: Iterable[Any], wanted: frozenset[str], file: Path) -> Iterator[tuple[str, Advisory]]:
    asked = by_ecosystem(wanted)
    for record in _records(documents):
        if not isinstance(record, dict) or "id" not in record or "affected" not in record:
            raise _wrong(
                file,
                "this is neither a list of OSV records nor the Debian tracker's JSON",
                "take all.zip of osv.dev, or the JSON of security-tracker.debian.org",
            )
        if record.get("withdrawn"):
            continue
        try:
            yield from _recorded(record, asked)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise _wrong(file, f"{record['id']}: no OSV record looks so") from None


def _records(documents: Iterable[Any]) -> Iterator[Any]:
    for document in documents:
        if isinstance(document, list):
            yield from document
        elif isinstance(document, dict) and isinstance(document.get("vulns"), list):
            yield from document["vulns"]
        else:
            yield document


def _recorded(
    record: Mapping[str, Any], asked: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, Advisory]]:
    name = str(record["id"])
    names = frozenset(map(str, (name, *record.get("aliases", ()), *record.get("upstream", ()))))
    # What a list of updates calls related is what the update mends.
    names |= {each for each in map(str, record.get("related", ())) if each.startswith("CVE-")}
    if _MENDS_NO_HOLE.match(name) and not any(each.startswith("CVE-") for each in names):
        return
    # One record may name a package of a release more than once: for each of SUSE's modules that has it.
    found: dict[tuple[str, Advisory], None] = {}
    for affected in record["affected"]:
        package = affected["package"]
        for release in asked.get(ecosystem(package["ecosystem"]), ()):
            told = affected.get("ecosystem_specific") or {}
            urgency = str(told.get("urgency", ""))
            advisory = Advisory(name, package["name"], _affected(affected), urgency, names=names)
            found[release, advisory] = None
    yield from found


def _affected(affected: Mapping[str, Any]) -> tuple[Span, ...]:
    ranges = [each for each in affected.get("ranges", ()) if each["type"] == "ECOSYSTEM"]
    spans = tuple(span for each in ranges for span in _spans(each["events"]))
    # Single versions alone: each of them is a span of its own.
    return spans or tuple(Span(version, last=version) for version in affected["versions"])


def _spans(events: Iterable[Mapping[str, str]]) -> Iterator[Span]:
    introduced: str | None = None
    for event in events:
        ((word, version),) = event.items()
        match word:
            case "introduced":
                introduced = "" if version == "0" else version
            case "fixed" if introduced is not None:
                yield Span(introduced, fixed=version)
                introduced = None
            case "last_affected" if introduced is not None:
                yield Span(introduced, last=version)
                introduced = None
    if introduced is not None:
        yield Span(introduced)
