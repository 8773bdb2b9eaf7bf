"""Completion scripts, as text and as a document."""

from pathlib import Path

from tests.e2e.cli import Cli


def test_a_script_is_one_document_with_json(tmp_path: Path) -> None:
    cli = Cli(tmp_path, tmp_path / "state")
    plain = cli("completion", "bash")
    assert (plain.returncode, plain.stderr) == (0, "")
    told = cli.json("completion", "bash")
    assert (told["shell"], told["script"] + "\n") == ("bash", plain.stdout)
