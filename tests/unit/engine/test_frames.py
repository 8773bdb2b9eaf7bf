"""The frame reader over any cutting of the stream."""

from hypothesis import given
from hypothesis import strategies as st

from mspctl.engine.frames import Frame, FrameReader

NONCE = "0123456789abcdef" * 2
MARK = b"\x1e" + NONCE.encode() + b"\x1f"


def read(chunks: list[bytes]) -> tuple[list[tuple[str, tuple[str, ...]]], bytes, int]:
    reader = FrameReader(NONCE)
    frames, output, size = [], b"", 0
    for chunk in chunks:
        for item in reader.feed(chunk):
            if isinstance(item, Frame):
                frames.append((item.verb, item.fields))
                size += item.size
            else:
                output += item
                size += len(item)
    return frames, output, size


pieces = st.one_of(
    st.binary(max_size=60),
    st.just(MARK[:20]),
    st.just(b"\x1e"),
    st.sampled_from([MARK + b"S\x1f1\x1f2.5\n", MARK + b"E\x1f%0A%25\n", MARK + b"Z\n"]),
)


@given(st.lists(pieces, max_size=12), st.lists(st.integers(1, 40), max_size=40))
def test_the_cutting_of_the_stream_changes_nothing(parts: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(parts) + b"\n"
    chunks, rest = [], stream
    for cut in cuts:
        chunks.append(rest[:cut])
        rest = rest[cut:]
    whole, pieced = read([stream]), read([*chunks, rest])
    assert whole == pieced


def test_a_frame_among_output() -> None:
    frames, output, size = read([b"before" + MARK + b"E\x1f0\x1fa%0Ab%250A\nafter"])
    assert frames == [("E", ("0", "a\nb%0A"))]
    assert output == b"beforeafter"
    assert size == len(b"before" + MARK + b"E\x1f0\x1fa%0Ab%250A\nafter")


def test_a_frame_without_end_stays_output_and_memory_is_bounded() -> None:
    reader = FrameReader(NONCE)
    seen = 0
    for _ in range(100):
        for item in reader.feed(MARK + b"x" * 65536):
            assert not isinstance(item, Frame)
            seen += len(item)
    assert seen > 90 * 65536
    assert len(reader.close()) < 2 * 65536 + 200
