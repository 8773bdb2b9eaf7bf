"""Programs that answer as recorded: a folder for PATH, so that no module reaches the machine's own tools."""

import shlex
import shutil
from collections.abc import Mapping
from itertools import count
from pathlib import Path

from mspctl.engine.capturing import HARMLESS
from tests.unit.modules.example import Answer


def make_path(folder: Path, commands: Mapping[str, tuple[Answer, ...]]) -> str:
    """Fill a folder with recorded programs and links to harmless tools; returns what to put into PATH."""
    folder.mkdir()
    by_program: dict[str, dict[str, tuple[Answer, ...]]] = {}
    for line, answers in commands.items():
        program, _, arguments = line.partition(" ")
        by_program.setdefault(program, {})[arguments.strip()] = answers
    for program, recorded in by_program.items():
        file = folder / program  # a program that is called by its path stands there
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_program(folder, program, recorded))
        file.chmod(0o755)
    for tool in HARMLESS:
        found = shutil.which(tool, path="/usr/bin:/bin")
        if found and tool not in by_program:
            (folder / tool).symlink_to(found)
    return str(folder)


def calls(folder: Path) -> tuple[str, ...]:
    """The recorded programs' calls, in order."""
    return _lines(folder / ".calls")


def surprises(folder: Path) -> tuple[str, ...]:
    """Calls with arguments that nobody recorded, and stdin that was not as recorded."""
    return _lines(folder / ".surprises")


def _program(folder: Path, program: str, recorded: Mapping[str, tuple[Answer, ...]]) -> str:
    numbers = count()
    # A pattern with * must not hide an exact line.
    ordered = sorted(recorded.items(), key=lambda item: "*" in item[0])
    cases = "".join(f"{_pattern(arguments)}) _case={next(numbers)} ;;\n" for arguments, _ in ordered)
    bodies = "".join(
        f"{number}) {_pick(folder, program, number, answers)} ;;\n"
        for number, (_, answers) in enumerate(ordered)
    )
    place = shlex.quote(str(folder))
    return (
        f"#!/bin/sh\nPATH=/usr/bin:/bin\n"
        f"printf '%s\\n' {shlex.quote(program)}\"${{*:+ $*}}\" >>{place}/.calls\n"
        f'case "$*" in\n{cases}*) printf \'%s\\n\' {shlex.quote(program)}" $*" >>{place}/.surprises\n'
        f'echo "no recording for this call" >&2; exit 127 ;;\nesac\n'
        f"case $_case in\n{bodies}esac\n"
    )


def _pattern(arguments: str) -> str:
    return "*".join(shlex.quote(part) if part else "" for part in arguments.split("*")) or "''"


def _pick(folder: Path, program: str, number: int, answers: tuple[Answer, ...]) -> str:
    """Shell text that answers the n-th call with the n-th answer, and every later one with the last."""
    counter = shlex.quote(str(folder / f".count-{program.replace('/', '_')}-{number}"))
    place = shlex.quote(str(folder / ".surprises"))
    cases = []
    for index, answer in enumerate(answers):
        pattern = "*" if index == len(answers) - 1 else str(index + 1)
        check = ""
        if answer.stdin is not None:
            wanted = shlex.quote(answer.stdin.rstrip("\n"))
            check = f"[ \"$(cat)\" = {wanted} ] || echo {shlex.quote(program)}' got other stdin' >>{place}\n"
        cases.append(
            f"{pattern})\n{check}printf %s {shlex.quote(answer.stdout)}\n"
            f"printf %s {shlex.quote(answer.stderr)} >&2\nexit {answer.status} ;;\n"
        )
    return f"echo x >>{counter}; case $(($(wc -l <{counter}))) in\n{''.join(cases)}esac"


def _lines(file: Path) -> tuple[str, ...]:
    return tuple(file.read_text().splitlines()) if file.exists() else ()
