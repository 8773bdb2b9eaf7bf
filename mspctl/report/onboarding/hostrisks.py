"""Risks that hosts told of in the first runs: who backs them up, and how safe they are."""

from collections.abc import Iterable, Iterator, Mapping

from mspctl.model.event import ReportKind
from mspctl.model.playbook import Severity
from mspctl.report.facts.backups import BackupState, HostBackup
from mspctl.report.onboarding.risk import Looked, Risk, facts, reports, short, told

DATABASES = frozenset({"postgresql", "mariadb"})
_STANDS_BADLY = frozenset({BackupState.FAILED, BackupState.LATE, BackupState.UNKNOWN})


def backup_risks(looked: Looked) -> Iterator[Risk]:
    """Agreed backups that are not good, and hosts without one: a backup of others proves nothing."""
    agreed = {short(each.host): each for each in looked.backups if each.policy.expected}
    bad = {host: each.state.value for host, each in agreed.items() if each.state in _STANDS_BADLY}
    if bad:
        yield Risk(
            "unproven-backup",
            Severity.HIGH,
            "Agreed backups that are not good",
            tuple(bad),
            told(bad),
            "Run `mspctl backup`, and prove a restore; see `mspctl backup status`.",
        )
    yield from _never_proven({host: each for host, each in agreed.items() if host not in bad})
    found = {
        host: (facts(row), run)
        for host, row, run in looked.rows("backup-programs")
        if host not in agreed and "backup.programs" in facts(row)
    }
    runs = " ".join(dict.fromkeys(run for _, run in found.values()))
    somebody = {host: backed_up_by(said) for host, (said, _) in found.items()}
    nobody = tuple(host for host, by in somebody.items() if not by)
    databases = {host: ", ".join(DATABASES & set(found[host][0].get("roles", "").split())) for host in nobody}
    yield from _nobody(nobody, {host: names for host, names in databases.items() if names}, runs)
    unproven = {host: by for host, by in somebody.items() if by}
    if unproven:
        yield Risk(
            "unproven-backup",
            Severity.MEDIUM,
            "Backups of others that nobody has proven",
            tuple(unproven),
            told(unproven),
            "Have a restore shown; write into the client's file what is adopted and what is replaced.",
            runs,
        )


def _never_proven(agreed: Mapping[str, HostBackup]) -> Iterator[Risk]:
    """That a backup ended well is no proof of it."""
    found = {
        host: "the proof is due" if each.proof else "no restore was proven"
        for host, each in agreed.items()
        if each.proof_due or each.proof is None
    }
    if found:
        yield Risk(
            "unproven-backup",
            Severity.MEDIUM,
            "Agreed backups without a proven restore",
            tuple(found),
            told(found),
            "Run `mspctl backup prove`; of backups of others, have a restore shown.",
        )


def _nobody(hosts: tuple[str, ...], databases: Mapping[str, str], runs: str) -> Iterator[Risk]:
    if databases:
        yield Risk(
            "database-without-backup",
            Severity.HIGH,
            "Databases that nothing seems to back up",
            tuple(databases),
            told(databases),
            "Name them under `backup.databases`, back up, and prove a restore.",
            runs,
        )
    if hosts:
        yield Risk(
            "no-backup",
            Severity.HIGH,
            "Hosts that nothing seems to back up",
            hosts,
            "neither an agent nor a scheduled job for it was found",
            "Agree on a backup, write it into the client's file, back up, and prove a restore.",
            runs,
        )


def backed_up_by(said: Mapping[str, str]) -> str:
    """The agents and scheduled jobs that a host told of; a tool alone backs up nothing."""
    return " ".join(filter(None, (said.get("backup.programs", ""), said.get("backup.jobs", ""))))


def security_risks(looked: Looked) -> Iterator[Risk]:
    """One risk for each question that is bad somewhere; one for all that could not be measured."""
    bad: dict[str, list[tuple[str, Mapping[str, str], str]]] = {}
    unseen: dict[str, int] = {}
    why = run = ""
    for run_ in looked.runs:
        for row in run_.hosts:
            for report in reports(row, ReportKind.FINDING):
                if not report.name.startswith("check:"):
                    continue
                fields = dict(report.fields)
                if fields.get("waived") == "yes":  # somebody answers for it
                    continue
                host = short(row.host)
                if fields.get("state") == "bad":
                    bad.setdefault(report.name, []).append((host, fields, run_.id))
                else:
                    unseen[host] = unseen.get(host, 0) + 1
                    why, run = why or fields.get("reason", ""), run_.id
    yield from (_check(found) for found in bad.values())
    if unseen:
        counts = told({host: f"{count} questions" for host, count in unseen.items()})
        yield Risk(
            "not-measured",
            Severity.MEDIUM,
            "Questions about security that nobody could answer",
            tuple(unseen),
            f"{counts}, such as: {why}",
            "Tell mspctl what it cannot know, give it root, or look by hand: see the page on security.",
            run,
        )


def _check(found: Iterable[tuple[str, Mapping[str, str], str]]) -> Risk:
    hosts, fields, runs = zip(*found, strict=True)
    first = fields[0]
    severity = next((each for each in Severity if each.value == first.get("severity")), Severity.MEDIUM)
    evidence = first.get("evidence", "")
    title = first.get("title") or first.get("reason", "").removesuffix(f": {evidence}")
    return Risk(
        f"security-{severity.value}", severity, title, hosts, evidence, first.get("remedy", ""), runs[0]
    )
