"""What a host may answer: XML without a DTD, of bounded size and depth. Checked before it is parsed."""

from xml.parsers import expat

MAX_ANSWER = 4 * 1024 * 1024
"""Bytes in one HTTP answer; Windows' own limit (MaxEnvelopeSizekb) is 500 KB by default."""
MAX_DEPTH = 64


class BadAnswer(Exception):
    """The answer is not taken; `reason` is the failure's reason."""

    def __init__(self, reason: str, seen: str) -> None:
        super().__init__(seen)
        self.reason = reason
        self.seen = seen


def checked(answer: bytes) -> bytes:
    """The answer, if it is XML that may be parsed.

    Raises:
        BadAnswer: it is a web page, no XML, or XML of a kind that no WinRM service sends.
    """
    if not answer.strip():
        return answer
    head = answer[:512].lstrip().lower()
    if head.startswith((b"<html", b"<!doctype html")):
        raise BadAnswer("proxy-page", "a web page came instead of an answer of WinRM")
    _Inspection().inspect(answer)
    return answer


class _Inspection:
    """Goes through the text once, with an entity-free parser, and builds nothing."""

    def __init__(self) -> None:
        self._depth = 0
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._open
        self._parser.EndElementHandler = self._close

    def inspect(self, answer: bytes) -> None:
        """Raises BadAnswer."""
        try:
            self._parser.Parse(answer, True)  # noqa: FBT003 - expat's own signature
        except expat.ExpatError as error:
            raise BadAnswer("not-winrm", f"the answer is no XML: {error}") from error

    def _doctype(self, *_names: object) -> None:
        raise BadAnswer("hostile-answer", "the answer has a document type, which no WinRM service sends")

    def _open(self, _name: str, _attributes: object) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BadAnswer("hostile-answer", f"the answer is nested more than {MAX_DEPTH} deep")

    def _close(self, _name: str) -> None:
        self._depth -= 1
