"""CLIXML, PowerShell's way on stderr: errors and warnings become text, progress becomes nothing."""

import re

MARK = b"#< CLIXML"
"""Stands before each document."""
_STRING = re.compile(r'<S S="(Error|Warning|Verbose|Debug)">(.*?)</S>', re.DOTALL)
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))


def plain(stderr: bytes, *, cut: bool = False) -> bytes:
    """Text as it is, CLIXML as the text in it; a cut document gives what is whole.

    `cut`: there was a document, and its beginning is gone.
    """
    before, *documents = stderr.split(MARK)
    if cut and (documents or b"</S>" in before or b"</Objs>" in before):
        before = _text(before)
    return before + b"".join(_text(document) for document in documents)


def _text(document: bytes) -> bytes:
    text, end, after = document.decode("utf-8", "replace").partition("</Objs>")
    said = "".join(_string(match.group(2)) for match in _STRING.finditer(text))
    # What a native program writes on stderr stands as it is, behind the document.
    return (said + (after.lstrip("\r\n") if end else "")).encode("utf-8", "replace")


def _string(content: str) -> str:
    for entity, char in _ENTITIES:
        content = content.replace(entity, char)
    units = _ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), content)
    # characters beyond the first plane come as two escapes, one for each half
    joined = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return joined.replace("\r\n", "\n")
