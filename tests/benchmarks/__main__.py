"""`python -m tests.benchmarks [speed|winrm|inventory|runlog|monitor|report|staff …] [-- arguments]`."""

import subprocess
import sys

_BENCHES = {
    "speed": "tests.benchmarks.speed",
    "winrm": "tests.benchmarks.bench_winrm",
    "inventory": "tests.benchmarks.bench_inventory",
    "runlog": "tests.benchmarks.bench_runlog",
    "monitor": "tests.benchmarks.bench_monitor",
    "report": "tests.benchmarks.bench_report",
    "staff": "tests.benchmarks.bench_staff",
}


def main() -> int:
    """Run each in a process of its own; the exit status is that of the worst."""
    words = sys.argv[1:]
    names = [word for word in words if word in _BENCHES] or list(_BENCHES)
    rest = [word for word in words if word not in _BENCHES and word != "--"]
    worst = 0
    for name in names:
        print(f"== {name}", flush=True)
        arguments = rest if len(names) == 1 else []
        worst = max(
            worst, subprocess.run([sys.executable, "-m", _BENCHES[name], *arguments], check=False).returncode
        )
    return worst


if __name__ == "__main__":
    sys.exit(main())
