"""What a Windows step asked that is no command, as sections of an example: `com`, `net` and the like."""

from collections.abc import Mapping, Sequence

from mspctl.engine.capturing import Source
from mspctl.engine.examplefiles import files_of
from mspctl.engine.examplenetwork import NETWORK
from mspctl.engine.exampleobjects import Hide, Told, node_of, refusal_of
from mspctl.engine.exampleprograms import program_of


def sections_of(sources: Sequence[Source], hide: Hide) -> Mapping[str, Mapping[str, object]]:
    """The example's sections by name, what tells whose host it is taken out by `hide`."""
    found: dict[str, dict[str, list[object]]] = {}
    for source in sources:
        for section, name, answer in _told(source, hide):
            found.setdefault(section, {}).setdefault(hide(name), []).append(answer)
    return {
        section: {name: _in_turn(section, answers) for name, answers in sorted(names.items())}
        for section, names in found.items()
    }


def _told(source: Source, hide: Hide) -> Told:
    if source.kind in ("com", "adsi"):
        answer = refusal_of(source.node, hide) if "error" in source.node else node_of(source.node, hide)
        return [(source.kind, source.line, answer)]
    if source.kind == "environment":
        return [(source.kind, source.line, hide(str(source.node.get("Is") or "")))]
    if source.kind == "program":
        return program_of(source, hide)
    name = source.line.rpartition(".")[2]
    if name in ("File", "Directory"):
        return files_of(source, hide)
    return NETWORK[name](source, hide) if name in NETWORK else []


def _in_turn(section: str, answers: list[object]) -> object:
    """One answer stands for all if all are the same, and where the host is looked at but once."""
    if section in ("files", "net", "environment"):
        return next((answer for answer in answers if answer), answers[-1])
    if all(answer == answers[0] for answer in answers):
        return answers[0]
    if section == "programs":
        return [{"stdout": each} if isinstance(each, str) else each for each in answers]
    return [_marked(each) for each in answers]


def _marked(answer: object) -> object:
    """One of several answers, told from one that is a list."""
    return {"answer": 1, **answer} if isinstance(answer, Mapping) and "error" not in answer else answer
