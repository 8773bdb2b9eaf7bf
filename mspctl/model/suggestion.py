"""Did-you-mean: the nearest known word, for hints."""

from collections.abc import Iterable
from difflib import get_close_matches

_LISTED = 12


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint for a word that is not known: the nearest known one, else the known ones if they are few."""
    words = sorted(known)
    near = get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]}?"
    if not words:
        return ""
    rest = ", …" if len(words) > _LISTED else ""
    return f"known: {', '.join(words[:_LISTED])}{rest}"
