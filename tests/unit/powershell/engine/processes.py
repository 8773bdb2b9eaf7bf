"""System.Diagnostics.Process: programs answer as the example says."""

from tests.unit.powershell.engine.host import RecordedHost, decoded_lines
from tests.unit.powershell.engine.values import NOTHING, Hash, Thing, Val, recorded, thing, to_text


def start_info() -> Thing:
    """System.Diagnostics.ProcessStartInfo."""
    names = (
        "FileName", "Arguments", "UseShellExecute", "CreateNoWindow", "RedirectStandardInput",
        "RedirectStandardOutput", "RedirectStandardError", "WorkingDirectory", "StandardOutputEncoding",
        "StandardErrorEncoding",
    )  # fmt: skip
    return thing({**dict.fromkeys(names, ""), "EnvironmentVariables": Hash()}, "ProcessStartInfo")


def started(host: RecordedHost, start: Thing) -> Thing:
    """The process: it has run once its stdin is closed."""
    given = bytearray()

    def write(content: bytes, *_rest: Val) -> Val:
        given.extend(content)
        return NOTHING

    arguments = to_text(start.get("Arguments"))
    process = thing({"ExitCode": 0, "WaitForExit()": None, "Kill()": None}, "System.Diagnostics.Process")

    def close() -> Val:
        stdin = decoded_lines(bytes(given)) if "-EncodedCommand" in arguments else given.decode()
        status, output, errors = host.program(to_text(start.get("FileName")), arguments, stdin)
        lines = [*output.splitlines(), None]
        process.put("ExitCode", status)
        process.put(
            "StandardOutput",
            thing(
                {
                    "ReadLine()": lambda: lines.pop(0),
                    "ReadToEnd()": output,
                    "ReadToEndAsync()": thing({"Result": output}),
                }
            ),
        )
        process.put("StandardError", thing({"ReadToEndAsync()": thing({"Result": errors})}))
        return NOTHING

    later: dict[str, Thing] = {
        name: thing({"ReadToEndAsync()": lambda name=name: _Later(process, name)})
        for name in ("StandardOutput", "StandardError")
    }
    for name, stream in later.items():
        process.put(name, stream)
    base = thing({"Write()": write})
    process.put(
        "StandardInput",
        thing(
            {
                "BaseStream": base,
                "Close()": close,
                "Write()": lambda t: write(to_text(t).encode()),
                "Encoding": thing({"GetPreamble()": recorded(host.net.get("preamble", []))}),
            }
        ),
    )
    return process


class _Later(Thing):
    """A value that is known once the program has ended."""

    def __init__(self, process: Thing, stream: str) -> None:
        super().__init__({}, "Task")
        self._process, self._stream = process, stream

    def has(self, name: str) -> bool:
        return name.lower() == "result"

    def get(self, name: str) -> Val:
        del name
        return self._process.get(self._stream).get("ReadToEndAsync()").get("Result")
