"""What a look asks for at once: `attributes` and `has_line` answer from it as they would by themselves."""

import subprocess
from pathlib import Path

import pytest

from mspctl.shipped import shipped_folder
from tests.unit.modules.runner import SHELLS

FILES = shipped_folder("templates") / "bundle" / "posix" / "lib" / "files.sh"
WORKER = shipped_folder("templates") / "bundle" / "posix" / "worker.sh"
LINE = "a line with \\ and 'quotes'  "
CASES = {
    "there": f"first\n{LINE}\nlast\n".encode(),
    "last, unfinished": f"first\n{LINE}".encode(),
    "only a part": f"x{LINE}\n{LINE}x\n".encode(),
    "not there": b"first\nlast\n",
    "empty": b"",
    "beside a NUL": b"\0\n" + f"{LINE}\n".encode(),
    "not UTF-8": b"\xff\xfe\n" + f"{LINE}\n".encode(),
    "long": b"x" * 5000 + f"\n{LINE}\n".encode(),
}


def _function(text: str, name: str) -> str:
    start = text.index(f"\n{name}() {{\n") + 1
    return text[start : text.index("\n}\n", start) + 3]


def _run(shell: str, body: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    see = _function(WORKER.read_text(), "see")
    text = f"set -u\nLC_ALL=C\nexport LC_ALL\nNL='\n'\nUS='\x1f'\nseen=''\n{FILES.read_text()}\n{see}\n{body}"
    argv = [*SHELLS[shell], "-s", "--", *arguments]
    return subprocess.run(argv, input=text, capture_output=True, text=True, check=False, timeout=100)


@pytest.mark.parametrize("shell", sorted(SHELLS))
@pytest.mark.parametrize("case", sorted(CASES))
def test_a_line_is_found_with_and_without_a_look(shell: str, case: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(CASES[case])
    ask = 'has_line "$2" "$1"; printf \'%s \' $?\n'
    look = "terms() { paths=$path; }\npath=$1\nsee 0 0\n"
    answers = _run(shell, f'{ask}p=$1 t=$2\n{look}set -- "$p" "$t"\n{ask}', str(path), LINE)
    alone, seen = answers.stdout.split()
    wanted = any(line == LINE.encode() for line in CASES[case].split(b"\n"))
    assert (alone == "0") is wanted
    assert seen == alone
    assert answers.stderr == ""


@pytest.mark.parametrize("shell", sorted(SHELLS))
def test_one_program_tells_of_all_paths(shell: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("12345")
    (tmp_path / "a").chmod(0o640)
    (tmp_path / "b").mkdir(mode=0o755)
    body = """
terms() { case $1 in 0) paths="$dir/a" ;; 1) paths="$dir/b $dir/none" ;; esac; }
dir=$1
see 0 1
stat() { echo "started again"; return 1; }
for _p in a b none; do attributes "$dir/$_p"; echo "$_p $is_mode $is_size"; done
"""
    said = _run(shell, body, str(tmp_path)).stdout.splitlines()
    assert said[0] == "a 640 5"
    assert said[1].startswith("b 755 ")
    assert said[2] == "none  ", "a path that was not there is asked for again, by itself"
