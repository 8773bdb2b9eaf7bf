"""Each secret is resolved once, and known to every sink from then on."""

from mspctl.model.secret import Secret, SecretRef
from mspctl.wiring.secretbook import SecretBook


class Counting:
    """A source that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def resolve(self, ref: SecretRef) -> Secret:
        self.asked.append(str(ref))
        return Secret(f"secret-of-{ref.path}")


def test_asked_once_and_blotted_out_from_then_on() -> None:
    source = Counting()
    book = SecretBook(source)
    assert book.text("secret-of-a") == "secret-of-a"
    ref = SecretRef("env", "a")
    assert book.resolve(ref) == book.resolve(ref)
    assert source.asked == ["env:a"]
    assert "secret-of-a" not in book.text("it is secret-of-a")
    assert b"secret-of-a" not in book.blob(b"it is secret-of-a")
    book.resolve(SecretRef("env", "b"))
    assert "secret-of" not in book.text("secret-of-a secret-of-b")
