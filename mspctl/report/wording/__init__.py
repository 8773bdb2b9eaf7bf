"""Facts in the words of a language."""
