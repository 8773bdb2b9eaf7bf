"""What others say, as a line that people can be shown: a greeting or a page may try to steer a terminal."""

LIMIT = 300


def one_line(text: str) -> str:
    """Only what can be seen, blanks in place of the rest, not endless."""
    seen = "".join(char if char.isprintable() else " " for char in text[: 4 * LIMIT])
    return " ".join(seen.split())[:LIMIT]
