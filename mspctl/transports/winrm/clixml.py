"""CLIXML, PowerShell's way on stderr: errors and warnings become text, progress becomes nothing."""

import re

_MARK = b"#< CLIXML"
_STRING = re.compile(r'<S S="(Error|Warning|Verbose|Debug)">(.*?)</S>', re.DOTALL)
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))


def plain(stderr: bytes) -> bytes:
    """Text as it is, CLIXML as the text in it; a cut document gives what is whole."""
    if _MARK not in stderr:
        return stderr
    before, *documents = stderr.split(_MARK)
    return before + b"".join(_text(document) for document in documents)


def _text(document: bytes) -> bytes:
    text = document.decode("utf-8", "replace")
    said = "".join(_string(match.group(2)) for match in _STRING.finditer(text))
    return said.encode("utf-8", "replace")


def _string(content: str) -> str:
    for entity, char in _ENTITIES:
        content = content.replace(entity, char)
    units = _ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), content)
    # characters beyond the first plane come as two escapes, one for each half
    joined = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return joined.replace("\r\n", "\n")
