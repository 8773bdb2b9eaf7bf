"""What the disk of a Windows host answered, as `files` of an example."""

from mspctl.engine.capturing import Source
from mspctl.engine.exampleobjects import Hide, Told, content_of

_LINK = 1024
"""The attribute of a folder that stands for another place."""


def files_of(source: Source, hide: Hide) -> Told:
    """Of what was looked for only that which is there."""
    found: dict[str, str] = {}
    told: Told = []
    for method, calls in source.node.items():
        for call in calls:
            path, answer = (str(call["words"][0]) if call["words"] else "", call.get("answer"))
            folder = path.rstrip("\\") + "\\"
            if method in ("ReadAllText()", "ReadAllBytes()") and answer is not None:
                text = hide(answer) if isinstance(answer, str) else content_of(answer["bytes"], hide)
                found[path] = text
            elif method == "Exists()" and answer:
                found.setdefault(folder if source.line.endswith("Directory") else path, "")
            elif method == "GetAttributes()" and isinstance(answer, int) and answer & _LINK:
                found[folder] = "@link@"
            elif method == "GetLastWriteTimeUtc()" and answer is not None:
                told.append(("net", f"written:{path}", answer))
            elif method.startswith("Get") and isinstance(answer, list):
                for name in map(str, answer):
                    found.setdefault(name + "\\" * method.startswith("GetDirectories"), "")
    return [*told, *(("files", path, text) for path, text in found.items())]
