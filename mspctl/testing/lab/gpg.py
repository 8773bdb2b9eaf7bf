"""gpg of this machine, with a home of the lab's."""

from pathlib import Path

from mspctl.testing.lab.command import ENDS_WITH_US, run


def make_key(place: Path, user: str, *, algorithm: str = "ed25519") -> Path:
    """A gpg home in `place` with one signing key that has no passphrase.

    Its public half lies beside it: `lab.gpg`, and armoured `lab.asc`.
    """
    keys = place / "gpg"
    keys.mkdir(mode=0o700)
    gpg(keys, ["--passphrase", "", "--quick-generate-key", user, algorithm, "sign", "never"])
    gpg(keys, ["--output", "/mnt/lab.gpg", "--export"])
    (keys / "lab.gpg").rename(place / "lab.gpg")
    (place / "lab.gpg").chmod(0o644)
    (place / "lab.asc").write_text(gpg(keys, ["--armor", "--export"]), encoding="ascii")
    return keys


def gpg(keys: Path, arguments: list[str], *, stdin: str = "", reading: Path | None = None) -> str:
    """Run gpg in namespaces of its own: the agent it leaves behind ends with them.

    There its home is bound to /mnt, for the path of the agent's socket may have 107 letters, see unix(7).
    A file named `reading` takes the place of stdin.
    """
    program = 'mount --bind "$1" /mnt && shift && exec gpg --homedir /mnt --batch --quiet "$@"'
    argv = [*ENDS_WITH_US, "sh", "-c", program, "sh", str(keys), "--pinentry-mode", "loopback", *arguments]
    return run(argv, stdin=stdin if reading is None else reading.read_text("utf-8")).stdout
