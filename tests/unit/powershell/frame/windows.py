"""A Windows host as the frame's scripts see it: processes, tasks, pipes, runspaces, who somebody is.

The scripts are their own texts, run by the interpreter; what they ask of Windows is answered here, as we
understand Windows.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tests.unit.powershell.engine.dotnet import FREQUENCY
from tests.unit.powershell.engine.host import RecordedHost
from tests.unit.powershell.engine.machine import tree
from tests.unit.powershell.engine.values import NOTHING, Hash, PsError, Thing, Val, thing, to_text, to_whole
from tests.unit.powershell.frame.files import Files, buffered, directory
from tests.unit.powershell.frame.machine import ExitError, FrameMachine, Lines, code_of
from tests.unit.powershell.frame.world import BOOT, Actor, Process, World

SYSTEM = "S-1-5-18"
ADMINISTRATORS = "S-1-5-32-544"
_VERSION = "hklm:\\software\\microsoft\\windows nt\\currentversion"


@dataclass(eq=False)
class Task:
    """A task of the Task Scheduler, and the process that it has begun."""

    line: str
    process: Process | None = None


@dataclass(eq=False)
class _Pipe:
    met: bool = False
    text: bytearray = field(default_factory=bytearray)
    closed: bool = False


@dataclass(eq=False)
class Windows:
    """The host: what outlives a process of it, and what is odd about it."""

    world: World = field(default_factory=World)
    files: Files = field(default_factory=Files)
    tasks: dict[str, Task] = field(default_factory=dict)
    volatile: dict[str, Val] = field(default_factory=dict)
    code: list[str] = field(default_factory=list)
    """Every text that became code, as Script Block Logging would have it."""
    administrator: bool = True
    root_owner: str = SYSTEM
    root_open_to: tuple[str, ...] = (SYSTEM, ADMINISTRATORS)
    scheduler: Callable[[], float | None] = lambda: 1.0
    """After how many seconds a task begins; None: never. May raise PsError."""
    slow: float = 0.0
    """Seconds for which a worker looks for itself, before it makes its mark."""
    written: dict[str, datetime] = field(default_factory=dict)
    """When somebody last wrote into a folder, where that was not just now."""
    shutdowns: list[str] = field(default_factory=list)
    shutdown_status: int = 0
    _pipes: dict[str, _Pipe] = field(default_factory=dict)

    def powershell(self, text: str, lines: Lines, out: Callable[[bytes], None], parent: int = 0) -> Process:
        """Begins a PowerShell on a text, as with -EncodedCommand."""
        process = self.world.process(parent)
        self.code.append(text)

        def work() -> None:
            host = _Host(self, process, out)
            machine = FrameMachine(host)
            machine.top.variables.update(input=lines, pid=process.number)
            code = 0
            try:
                machine.run(tree(text))
            except ExitError as error:
                code = error.code
            except PsError as error:
                out(f"{error.message}\n".encode())
                code = 1
            self.end(process, code)

        self.world.begin(process, work)
        return process

    def end(self, process: Process, code: int) -> None:
        """The process ends, and lets go of its files."""
        process.code = code if process.alive else process.code
        self.files.let_go(process)
        self.world.end(process, code)

    # The Task Scheduler.

    def scheduler_service(self) -> Thing:
        folder = thing(
            {
                "RegisterTaskDefinition()": self._registered,
                "GetTask()": self._task,
                "DeleteTask()": self._removed,
            }
        )
        return thing({"Connect()": None, "NewTask()": lambda _flags: _definition(), "GetFolder()": folder})

    def _registered(self, name: Val, definition: Thing, *_rest: Val) -> Thing:
        action = definition.get("Actions").get("Made")
        assert to_text(definition.get("Principal").get("UserId")) == SYSTEM
        self.tasks[to_text(name)] = Task(to_text(action.get("Arguments")))
        return self._task(name)

    def _task(self, name: Val) -> Thing:
        task = self.tasks.get(to_text(name))
        if task is None:
            raise PsError("The system cannot find the file specified.", hresult=-2147024894)
        running = task.process is not None and task.process.alive
        return thing(
            {
                "State": 4 if running else 3,
                "RunEx()": lambda *_given: self._run(task),
                "Stop()": lambda _flags: self._stopped(task),
            }
        )

    def _run(self, task: Task) -> Val:
        delay = self.scheduler()
        if delay is None:
            return NOTHING
        text = base64.b64decode(task.line.rpartition(" ")[2]).decode("utf-16-le")
        process = self.world.process()

        def begin() -> None:
            self.world.wait(bool, delay)
            task.process = self.powershell(text, Lines(lambda: None), lambda _said: None)

        self.world.begin(process, begin)
        return NOTHING

    def _stopped(self, task: Task) -> Val:
        if task.process is not None and task.process.alive:
            self.end(task.process, 1)
        return NOTHING

    def _removed(self, name: Val, _flags: Val) -> Val:
        self._task(name)
        del self.tasks[to_text(name)]
        return NOTHING

    # Pipes.

    def pipe_server(self, name: Val, *_rest: Val) -> Thing:
        pipe = self._pipes[to_text(name)] = _Pipe()

        def wait(milliseconds: Val) -> bool:
            return self.world.wait(lambda: pipe.met, to_whole(milliseconds) / 1000)

        def write(content: Val, *_rest: Val) -> Val:
            pipe.text.extend(bytes(content))
            return NOTHING

        def close() -> Val:
            pipe.closed = True
            return NOTHING

        waiting = thing({"AsyncWaitHandle": thing({"WaitOne()": wait})})
        return thing(
            {
                "BeginWaitForConnection()": lambda *_given: waiting,
                "EndWaitForConnection()": None,
                "Write()": write,
                "WaitForPipeDrain()": None,
                "Dispose()": close,
            }
        )

    def pipe_client(self, _server: Val, name: Val, _way: Val) -> Thing:
        word = to_text(name)

        def connect(milliseconds: Val) -> Val:
            if not self.world.wait(lambda: word in self._pipes, to_whole(milliseconds) / 1000):
                raise PsError("The operation has timed out.", kind="System.TimeoutException")
            self._pipes[word].met = True
            return NOTHING

        def read() -> str:
            pipe = self._pipes[word]
            self.world.wait(lambda: pipe.closed)
            return pipe.text.decode()

        return thing({"Connect()": connect, "ReadToEnd()": read, "Dispose()": None})


class _Host(RecordedHost):
    """One process of the host."""

    def __init__(self, windows: Windows, process: Process, out: Callable[[bytes], None]) -> None:
        self.windows, self.process, self.world = windows, process, windows.world
        super().__init__(com={"Schedule.Service": windows.scheduler_service()})
        self.files = windows.files.contents
        self.registry = {_VERSION: {"InstallationType": "Server", "CurrentBuild": "20348", "UBR": 2113}}
        self._out = out
        self.statics = self._statics()
        self.types = self._types()

    def sleep(self, seconds: float) -> None:
        self.world.wait(bool, seconds)

    @property
    def now(self) -> datetime:
        return self.world.now

    @now.setter
    def now(self, _value: datetime) -> None:
        """The clock is the host's."""

    @property
    def slept(self) -> float:
        return 600 + self.world.clock

    @slept.setter
    def slept(self, _value: float) -> None:
        """So is this."""

    def command(self, name: str, given: list[tuple[str, Val]], *, quiet: bool) -> list[Val]:
        words = {key.lower(): value for key, value in given}
        match name.lower(), to_text(words.get("classname")).lower():
            case "get-ciminstance", "win32_operatingsystem":
                return [thing({"LastBootUpTime": BOOT})]
            case "get-ciminstance", "win32_process":
                return [_process(each) for each in self.world.processes.values() if each.alive]
            case "get-process", _:
                found = self.world.processes.get(to_whole(words["id"]))
                if found is self.process:
                    self.sleep(self.windows.slow)
                return [thing({"StartTime": found.began})] if found is not None and found.alive else []
            case "stop-process", _:
                self.windows.end(self.world.processes[to_whole(words["id"])], 1)
                return []
            case "start-process", _:
                self.windows.shutdowns.append(to_text(words["argumentlist"]))
                return [thing({"ExitCode": self.windows.shutdown_status})]
        return super().command(name, given, quiet=quiet)

    def _statics(self) -> dict[str, Val]:
        windows = self.windows
        created = directory(windows.root_owner, open_to=windows.root_open_to)
        identity = thing({"Name": "ACME\\svc", "User": "S-1-5-21-1-2-3-1104"})
        return {
            **windows.files.statics(self.process),
            "io.directory::createdirectory": lambda path, *acl: self._folder(path, created, *acl),
            "io.directory::getlastwritetimeutc": lambda path: self.windows.written.get(
                to_text(path), self.now
            ),
            "scriptblock::create": self._coded,
            "console::openstandardoutput": lambda: thing({"Write()": self._say, "Flush()": None}),
            "environment::exit": lambda code: windows.end(self.process, to_whole(code)),
            "io.fileattributes::reparsepoint": 1024,
            "hashtable::synchronized": _synchronized,
            "threading.monitor::tryenter": lambda *_given: True,
            "security.principal.windowsidentity::getcurrent": lambda: identity,
            "microsoft.win32.registry::localmachine": thing({"CreateSubKey()": lambda *_g: self._key()}),
            "diagnostics.stopwatch::gettimestamp": lambda: int(self.slept * FREQUENCY),
            "management.automation.runspaces.runspacefactory::createrunspace": self._runspace,
            "management.automation.powershell::create": self._shell,
            "text.encoding::ascii": thing({"GetBytes()": lambda text: to_text(text).encode("ascii")}),
        }

    def _types(self) -> dict[str, Callable[..., Val]]:
        anything = dict.fromkeys(("SetAccessRuleProtection()", "AddAccessRule()", "SetOwner()"))
        principal = thing({"IsInRole()": lambda _role: self.windows.administrator})
        return {
            "text.stringbuilder": _builder,
            "io.bufferedstream": buffered,
            "io.streamreader": lambda stream: stream,
            "security.principal.windowsprincipal": lambda _identity: principal,
            "security.accesscontrol.directorysecurity": lambda *_g: thing(anything),
            "security.accesscontrol.filesystemaccessrule": lambda *_g: thing({}),
            "io.pipes.pipesecurity": lambda *_g: thing(anything),
            "io.pipes.pipeaccessrule": lambda *_g: thing({}),
            "io.pipes.namedpipeserverstream": self.windows.pipe_server,
            "io.pipes.namedpipeclientstream": self.windows.pipe_client,
        }

    def _say(self, content: Val, start: Val, length: Val) -> Val:
        self._out(bytes(content[to_whole(start) : to_whole(start) + to_whole(length)]))
        return NOTHING

    def _folder(self, path: Val, root: Thing, *acl: Val) -> Val:
        self.files.setdefault(to_text(path).lower() + "\\", b"")
        return root if acl else NOTHING

    def _coded(self, text: Val) -> Val:
        self.windows.code.append(to_text(text))
        return code_of(to_text(text))

    def _key(self) -> Thing:
        values = self.windows.volatile
        return thing(
            {
                "GetValue()": lambda name: values.get(to_text(name)),
                "SetValue()": lambda name, value: values.update({to_text(name): value}),
                "Close()": None,
            }
        )

    def _runspace(self) -> Thing:
        proxy = thing({"SetVariable()": lambda name, value: self._given.append((to_text(name), value))})
        self._given: list[tuple[str, Val]] = []
        return thing({"ThreadOptions": "", "Open()": None, "SessionStateProxy": proxy})

    def _shell(self) -> Thing:
        texts: list[str] = []
        begun: list[Actor] = []

        def add(text: Val) -> Val:
            texts.append(to_text(text))
            self.windows.code.append(to_text(text))
            return NOTHING

        def work() -> None:
            machine = FrameMachine(_Host(self.windows, self.process, self._out))
            machine.top.variables.update({name.lower(): value for name, value in self._given})
            machine.run(code_of(texts[0]).node)

        def begin() -> Thing:
            begun.append(self.world.begin(self.process, work, raises=False))
            return thing({"AsyncWaitHandle": thing({"WaitOne()": wait})})

        def wait(milliseconds: Val) -> bool:
            return self.world.wait(lambda: begun[0].done, to_whole(milliseconds) / 1000)

        def end(_running: Val) -> Val:
            error, begun[0].error = begun[0].error, None
            if isinstance(error, ExitError):
                return NOTHING
            if error is not None:
                raise error
            return NOTHING

        return thing({"Runspace": None, "AddScript()": add, "BeginInvoke()": begin, "EndInvoke()": end})


def _process(each: Process) -> Thing:
    return thing(
        {"ProcessId": each.number, "ParentProcessId": each.parent, "CreationDate": each.began},
        "Win32_Process",
    )


def _definition() -> Thing:
    settings = (
        *("AllowDemandStart", "DisallowStartIfOnBatteries", "StopIfGoingOnBatteries"),
        *("ExecutionTimeLimit", "Priority"),
    )
    actions = thing({"Made": None})

    def create(_kind: Val) -> Thing:
        made = thing({"Path": "", "Arguments": ""})
        actions.put("Made", made)
        return made

    actions.put("Create()", create)
    return thing(
        {
            "RegistrationInfo": thing({"Description": ""}),
            "Principal": thing({"UserId": "", "LogonType": 0, "RunLevel": 0}),
            "Settings": thing({**dict.fromkeys(settings), "IdleSettings": thing({"StopOnIdleEnd": True})}),
            "Actions": actions,
        }
    )


def _synchronized(table: Hash) -> Hash:
    table["SyncRoot"] = "the lock"
    return table


def _builder(*_given: Val) -> Thing:
    parts: list[str] = []

    def append(text: Val) -> Thing:
        parts.append(to_text(text))
        return made

    made = thing({"Append()": append, "ToString()": lambda: "".join(parts)})
    return made
