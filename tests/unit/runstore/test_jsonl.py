import json
import os
import stat
from pathlib import Path

import pytest

from mspctl.errors import StorageError
from mspctl.model.event import Report, ReportKind, StepOutput
from mspctl.model.outcome import Outcome
from mspctl.runstore.jsonl import JsonLines
from mspctl.testing.contracts.runstore import CANARY, CanaryRedactor
from mspctl.testing.runs import START, ended, made_plan, made_run, story

RUN = made_run(made_plan("web1", "db1"))


def never(sentence: str) -> None:
    raise AssertionError(sentence)


def test_each_line_is_one_event_and_the_file_is_private(tmp_path: Path) -> None:
    log = JsonLines(tmp_path / "runs", RUN, warn=never)
    said = Report(ReportKind.CHANGE, "openssl\u2028\n", "\x1b[2J\0", (("old", "\ud800"),))
    log.record(story("acme/web1", reports=(said,), output=b"one\ntwo\xff\n"))
    log.record(
        [*story("acme/web1"), StepOutput("acme/db1", -1, b"y" * 300_000), ended("acme/db1", Outcome.LOST)]
    )
    log.finish(START)
    log.close()
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.path.parent.stat().st_mode) == 0o700
    lines = [json.loads(line) for line in log.path.read_bytes().split(b"\n")[:-1]]
    step = ["step-started", "output", "step-ended"]
    host = [
        "host-started",
        "connected",
        "bundle-started",
        *step,
        step[0],
        "reported",
        *step[1:],
        "host-ended",
    ]
    assert [line["event"] for line in lines] == ["planned", *host, "output", "host-ended", "finished"]
    assert {line["run"] for line in lines} == {RUN.id}
    assert lines[1]["at"] == "2026-11-23T23:26:00.123456Z"
    output = {"event": "output", "host": "acme/web1", "step": 0, "text": "one\ntwo\ufffd\n", "dropped": 0}
    assert lines[5] == {"run": RUN.id, **output}
    assert lines[8]["fields"] == [["old", "?"]]
    assert lines[12]["dropped"] == 300_000 - 128 * 1024
    assert lines[13]["outcome"] == "lost"


def test_a_secret_across_two_chunks_is_not_written(tmp_path: Path) -> None:
    log = JsonLines(tmp_path, RUN, warn=never, redactor=CanaryRedactor())
    half = len(CANARY) // 2
    first, second = (StepOutput("acme/web1", 0, part.encode()) for part in (CANARY[:half], CANARY[half:]))
    log.record([first])
    log.record([second, ended("acme/web1", Outcome.FAILED, reason=CANARY)])
    log.close()
    text = log.path.read_text()
    assert "***" in text
    assert CANARY[:half] not in text


@pytest.mark.parametrize("hindrance", ["folder", "link", "no reader"])
def test_a_file_that_cannot_be_written_is_an_error_before_the_run(tmp_path: Path, hindrance: str) -> None:
    path = tmp_path / f"{RUN.id}.jsonl"
    if hindrance == "folder":
        path.mkdir()
    elif hindrance == "link":
        path.symlink_to("/dev/null")
    else:
        os.mkfifo(path)
    with pytest.raises(StorageError, match="cannot be written"):
        JsonLines(tmp_path, RUN, warn=never)


def test_a_file_that_fails_in_the_middle_is_one_warning(tmp_path: Path) -> None:
    warnings: list[str] = []
    log = JsonLines(tmp_path, RUN, warn=warnings.append)
    full = os.open("/dev/full", os.O_WRONLY)
    assert log._file is not None
    os.dup2(full, log._file)
    os.close(full)
    log.record(story("acme/web1"))
    log.record(story("acme/db1"))
    log.finish(START)
    log.close()
    assert len(warnings) == 1
    assert "incomplete from here on: No space left" in warnings[0]
