"""CLIXML on stderr: what was said becomes text, whatever is noise or cut becomes nothing."""

import pytest

from mspctl.transports.winrm.clixml import plain

HEAD = b'#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
PROGRESS = b'<Obj S="progress" RefId="0"><MS><AV>Preparing modules for first use.</AV></MS></Obj>'


@pytest.mark.parametrize(
    ("stderr", "text"),
    [
        (b"", ""),
        (b"plain words\r\n", "plain words\r\n"),
        (HEAD + PROGRESS + b"</Objs>", ""),
        (HEAD + b'<S S="Error">one_x000D__x000A_</S><S S="Warning">two</S></Objs>', "one\ntwo"),
        (HEAD + b'<S S="Error">&lt;a&gt; &amp;amp; &quot;b&quot;</S></Objs>', '<a> &amp; "b"'),
        (HEAD + b'<S S="Error">_x005F_x000A_ _xD83D__xDE00_</S></Objs>', "_x000A_ \U0001f600"),
        (HEAD + b'<S S="Error">_xD83D_ alone</S></Objs>', "\ufffd alone"),
        (HEAD + '<S S="Error">grüße</S></Objs>'.encode(), "grüße"),
        (HEAD + b'<S S="Error">whole</S><S S="Error">cut off in the mid', "whole"),
        (HEAD + b'<S S="Error">one</S></Objs>' + HEAD + b'<S S="Error">two</S></Objs>', "onetwo"),
        (b"native\r\n" + HEAD + b'<S S="Error">said</S></Objs>\r\nmore', "native\r\nsaidmore"),
    ],
)
def test_plain(stderr: bytes, text: str) -> None:
    assert plain(stderr).decode() == text


def test_a_document_whose_beginning_is_gone() -> None:
    """Only the last 64 KiB of stderr are kept."""
    tail = b'half a line</S><S S="Error">the end</S></Objs>'
    assert plain(tail, cut=True) == b"the end"
    assert (
        plain(b"native words, long after the document", cut=True) == b"native words, long after the document"
    )
