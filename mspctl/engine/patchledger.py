"""What holds for one client: the newest word on a version counts, whether for the client or for all."""

from collections.abc import Iterable, Sequence

from mspctl.model.ledger import EVERY_VERSION, Decision, Ledger, PatchFailure, Seen, Verdict


def ledger_of(
    client: str, seen: Sequence[Seen], decisions: Iterable[Decision], failures: Iterable[PatchFailure]
) -> Ledger:
    """The ledger of a client. `decisions` are everybody's, the oldest first; so are `failures`.

    What failed at another client is quarantined until somebody releases it, for all or for this client,
    after it failed. At the client itself it is tried again.
    """
    said = [each for each in decisions if each.client in {"", client}]
    standing: dict[tuple[str, str], Decision] = {}
    for each in said:
        if each.verdict is Verdict.RELEASE:
            for key in [key for key in standing if _releases(each, *key)]:
                del standing[key]
        else:
            standing[each.package, each.version] = each
    quarantined = dict.fromkeys(
        (each.package, each.version)
        for each in failures
        if each.client != client and not _released(each, said)
    )
    return Ledger(
        tuple(seen),
        tuple(key for key, word in standing.items() if word.verdict is Verdict.APPROVE),
        tuple((*key, word.reason) for key, word in standing.items() if word.verdict is Verdict.REJECT),
        tuple(quarantined),
    )


def _releases(decision: Decision, package: str, version: str) -> bool:
    return decision.package == package and decision.version in {EVERY_VERSION, version}


def _released(failure: PatchFailure, said: Iterable[Decision]) -> bool:
    return any(
        each.verdict is Verdict.RELEASE
        and each.at > failure.at
        and _releases(each, failure.package, failure.version)
        for each in said
    )
