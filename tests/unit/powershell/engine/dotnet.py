"""What scripts of ours use of .NET: static members, constructors, casts."""

import base64
import hashlib
import math
import ntpath
import re
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from tests.unit.powershell.engine.host import RecordedHost
from tests.unit.powershell.engine.processes import start_info, started
from tests.unit.powershell.engine.values import (
    NOTHING,
    ArrayList,
    Code,
    PsError,
    Thing,
    TypeName,
    Val,
    is_null,
    recorded,
    thing,
    to_number,
    to_text,
    to_whole,
    truth,
)

_Static = Callable[..., Val]
FREQUENCY = 10_000_000
LINK = b"@link@"
"""What an example gives as the content of a folder that leads to another place."""
_INT32 = 0x7FFFFFFF
_NTP_BEGIN = datetime(1900, 1, 1)  # noqa: DTZ001 - the host's time has no zone here


def cast(name: str, value: Val, host: RecordedHost) -> Val:
    """The value as the type. Raises PsError if it cannot be one."""
    word = name.lower().removeprefix("system.")
    if word.endswith("[]"):
        items = value if isinstance(value, list) else [] if is_null(value) else [value]
        return [cast(word.removesuffix("[]"), item, host) for item in items]
    if word in ("int", "int32", "long", "int64", "uint32", "uint64", "byte"):
        return _bounded(word, to_whole(value))
    simple: dict[str, Callable[[Val], Val]] = {
        "string": to_text,
        "bool": truth,
        "switch": truth,
        "double": lambda v: float(to_number(v)),
        "char": lambda v: chr(v) if isinstance(v, int) else to_text(v),
        "datetime": _date,
        "void": lambda _v: NOTHING,
        "adsi": lambda v: host.answered(host.adsi, to_text(v)),
        "version": lambda v: tuple(map(int, to_text(v).split("."))),
        "xml": lambda v: v,
    }
    return simple[word](value) if word in simple else value


def _date(value: Val) -> Val:
    if isinstance(value, datetime):
        return value
    try:
        found = datetime.fromisoformat(to_text(value))
    except ValueError:
        raise PsError(f"{to_text(value)} is no date") from None
    # The host's time has no zone here.
    return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)


def _bounded(word: str, number: int) -> int:
    bits = {"long": 63, "int64": 63, "uint32": 32, "uint64": 64, "byte": 8}.get(word, 31)
    low = 0 if word[0] in "ub" else -(1 << bits)
    if not low <= number < (1 << bits):
        raise PsError(f"Value {number} was either too large or too small for {word}")
    return number


def _alike(first: Val, second: Val) -> tuple[float, float]:
    """Two numbers. The type of the first decides which Max is meant: after an Int32 none larger will do."""
    one, other = to_number(first), to_number(second)
    if abs(one) <= _INT32 < abs(other):
        raise PsError(f'Cannot convert argument "val2", with value: "{other}", to type "System.Int32"')
    return one, other


def static(type_name: str, name: str, host: RecordedHost) -> Val:
    """A static property, or a function."""
    word = f"{type_name.lower().removeprefix('system.')}::{name.lower()}"
    found = host.statics.get(word, _STATICS.get(word))
    if found is not None:
        return found
    bound = {
        "datetime::now": lambda: host.now,
        "datetime::utcnow": lambda: host.now,
        "environment::systemdirectory": lambda: "C:\\Windows\\system32",
        "environment::getenvironmentvariable": lambda: lambda name: _variable(host, name),
        "net.networkinformation.ipglobalproperties::getipglobalproperties": lambda: lambda: _listeners(host),
        "net.webrequest::create": lambda: lambda url: _request(host, url),
        "net.servicepointmanager::securityprotocol": lambda: 192,
        "timezoneinfo::local": lambda: thing({"Id": _variable(host, "TZ") or "W. Europe Standard Time"}),
        "diagnostics.stopwatch::gettimestamp": lambda: lambda: int(host.slept * FREQUENCY),
        "diagnostics.stopwatch::startnew": lambda: lambda: _Stopwatch(host),
        "diagnostics.process::start": lambda: lambda start: started(host, start),
        "environment::getfolderpath": lambda: lambda _what: "C:\\ProgramData",
        **_files(host),
    }.get(word)
    if bound is None:
        # An enumeration's value is its name.
        return name if type_name[:1].isupper() or "." in type_name else _unknown(word)
    return bound()


def _unknown(word: str) -> Val:
    raise PsError(f"the interpreter of the tests has no [{word}]")


def _variable(host: RecordedHost, name: Val) -> Val:
    found = {key.lower(): value for key, value in host.environment.items()}
    return found.get(to_text(name).lower())


class _Stopwatch(Thing):
    def __init__(self, host: RecordedHost) -> None:
        super().__init__({}, "System.Diagnostics.Stopwatch")
        self._host, self._begun = host, host.slept

    def has(self, name: str) -> bool:
        return name.lower() == "elapsed"

    def get(self, name: str) -> Val:
        del name
        return thing({"TotalSeconds": self._host.slept - self._begun})


def _listeners(host: RecordedHost) -> Thing:
    ports = [thing({"Port": port}) for port in recorded(host.net.get("listening", []))]
    return thing({"GetActiveTcpListeners()": ports})


def _request(host: RecordedHost, url: str) -> Thing:
    def answer() -> Val:
        host.answered(host.net, url)
        return thing({"Close()": None})

    return thing({"Timeout": 0, "UserAgent": "", "GetResponse()": answer})


class _Disk:
    """The files of the example, by name in lower case; an empty folder ends with a backslash."""

    def __init__(self, files: dict[str, bytes], locked: list[str]) -> None:
        self._files = files
        # What is read-only, and so is not deleted.
        self._locked = locked

    def free(self, path: Val, _attributes: Val) -> Val:
        self._locked[:] = [name for name in self._locked if name.lower() != to_text(path).lower()]
        return NOTHING

    def exists(self, path: Val) -> bool:
        return to_text(path).lower() in self._files

    def folder(self, path: Val) -> bool:
        return any(name.startswith(self._inside(path)) for name in self._files)

    def attributes(self, path: Val) -> int:
        link = self._files.get(self._inside(path)) == LINK
        return (16 if self.folder(path) else 32) | (1024 if link else 0)

    def read(self, path: Val) -> bytes:
        if not self.exists(path):
            raise PsError(f"Could not find file '{path}'.", kind="System.IO.FileNotFoundException")
        return self._files[to_text(path).lower()]

    def read_text(self, path: Val) -> str:
        return self.read(path).decode()

    def write(self, path: Val, content: Val) -> Val:
        made = content.encode() if isinstance(content, str) else bytes(content)
        self._files[to_text(path).lower()] = made
        return NOTHING

    def make(self, path: Val, *_acl: Val) -> Val:
        return self.write(self._inside(path), "")

    def open(self, path: Val, mode: Val, access: Val, *_share: Val) -> Thing:
        reads = (to_text(mode).lower(), to_text(access).lower()) == ("open", "read")
        content = self.read(path.removeprefix("\\\\?\\")) if reads else b""
        return thing(
            {"Content": content, "SetLength()": None, "Write()": None, "Flush()": None, "Dispose()": None}
        )

    def folders(self, path: Val, pattern: Val) -> Val:
        inside, begin = self._inside(path), to_text(pattern).lower().rstrip("*")
        names = {k[len(inside) :].partition("\\")[0] for k in self._files if k.startswith(inside)}
        return [f"{path}\\{name}" for name in sorted(names) if name.startswith(begin)]

    def below(self, path: Val, *_how: Val) -> Val:
        inside = self._inside(path)
        return [name for name in self._files if name.startswith(inside) and name != inside]

    def replace(self, source: Val, target: Val, *_rest: Val) -> Val:
        self.read(target)
        return self.write(target, self._files.pop(to_text(source).lower()))

    def move(self, source: Val, target: Val) -> Val:
        if self.exists(target):
            raise PsError("Cannot create a file when that file already exists.", kind="System.IO.IOException")
        return self.write(target, self._files.pop(to_text(source).lower()))

    def copy(self, source: Val, target: Val, *_rest: Val) -> Val:
        return self.write(target, self.read(source))

    def delete(self, path: Val) -> Val:
        self._files.pop(to_text(path).lower(), None)
        return NOTHING

    def remove(self, path: Val, recursive: Val = False) -> Val:  # noqa: FBT002 - as .NET has it
        inside = self._inside(path)
        below = [name for name in self._files if name.startswith(inside)]
        if any(name != inside for name in below) and not truth(recursive):
            raise PsError("The directory is not empty.", kind="System.IO.IOException")
        if any(name.lower() in below for name in self._locked):
            raise PsError("Access to the path is denied.", kind="System.UnauthorizedAccessException")
        for name in below:
            del self._files[name]
        return NOTHING

    def _inside(self, path: Val) -> str:
        return to_text(path).lower().rstrip("\\") + "\\"


def _files(host: RecordedHost) -> dict[str, Callable[[], Val]]:
    disk = _Disk(host.files, host.read_only)
    methods: dict[str, Val] = {
        "io.file::exists": disk.exists,
        "io.file::writealltext": disk.write,
        "io.file::writeallbytes": disk.write,
        "io.file::readalltext": disk.read_text,
        "io.file::readallbytes": disk.read,
        "io.file::delete": disk.delete,
        "io.file::move": disk.move,
        "io.file::replace": disk.replace,
        "io.file::copy": disk.copy,
        "io.file::getattributes": disk.attributes,
        "io.file::setattributes": disk.free,
        "io.directory::exists": disk.folder,
        "io.directory::createdirectory": disk.make,
        "io.directory::delete": disk.remove,
        "io.file::open": disk.open,
        "io.file::getlastwritetimeutc": lambda path: _written(host, path),
        "io.directory::getdirectories": disk.folders,
        "io.directory::getfilesystementries": disk.below,
        "io.directory::getfiles": disk.below,
    }
    return {name: partial(_same, method) for name, method in methods.items()}


def _written(host: RecordedHost, path: Val) -> Val:
    r"""When a file was last written: as `net: {"written:C:\\x": …}` says, else a day ago."""
    given = host.net.get(f"written:{to_text(path)}")
    return host.now - timedelta(days=1) if given is None else recorded(given)


def _same(value: Val) -> Val:
    return value


def new_object(name: str, given: list[Val], host: RecordedHost) -> Val:
    """New-Object -TypeName. Raises PsError for a type that is not known here."""
    word = name.lower().removeprefix("system.")
    makers: dict[str, Callable[[], Val]] = {
        "collections.arraylist": ArrayList,
        "text.utf8encoding": lambda: _encoding("utf-8"),
        "security.principal.securityidentifier": lambda: _identifier(given[0], host),
        "diagnostics.processstartinfo": start_info,
        "byte[]": lambda: [0] * to_whole(given[0]),
        "net.ipendpoint": lambda: thing({"Address": given[0], "Port": given[1]}),
        "net.sockets.udpclient": lambda: _time_asker(host),
        "net.sockets.tcpclient": lambda: _client(host),
        "random": lambda: thing({"Next()": lambda _most: 0}),
        "io.fileinfo": lambda: thing({"Length": len(host.files[to_text(given[0]).lower()])}),
        "io.directoryinfo": lambda: _owned(host, given[0]),
        "security.accesscontrol.directorysecurity": lambda: thing(
            {"SetAccessRuleProtection()": None, "AddAccessRule()": None}
        ),
        "security.accesscontrol.filesystemaccessrule": lambda: thing({}),
    }
    if word in host.types:
        return host.types[word](*given)
    return makers[word]() if word in makers else _unknown(name)


def _owned(host: RecordedHost, path: Val) -> Thing:
    """A folder of the system account, unless `net: {"owner:PATH": SID}` says otherwise."""
    owner = thing({"Value": host.net.get(f"owner:{to_text(path)}", "S-1-5-18")})
    return thing({"GetAccessControl()": thing({"GetOwner()": owner})})


def _identifier(sid: Val, host: RecordedHost) -> Thing:
    def translate(_kind: Val) -> Val:
        return thing({"Value": host.answered(host.net, to_text(sid))})

    return thing({"Value": sid, "Translate()": translate})


def _client(host: RecordedHost) -> Thing:
    asked: list[str] = []

    def begin(name: Val, port: Val, *_rest: Val) -> Val:
        asked.append(f"{to_text(name)}:{to_text(port)}")
        silent = host.net.get(asked[0]) == "silent"
        return thing({"AsyncWaitHandle": thing({"WaitOne()": not silent})})

    def end(_waiting: Val) -> Val:
        host.answered(host.net, asked[0])
        return NOTHING

    return thing({"BeginConnect()": begin, "EndConnect()": end, "Close()": None})


def _time_asker(host: RecordedHost) -> Thing:
    """An SNTP server that is as far off as the example says, or unset: `net: {"ntp:NAME": seconds}`.

    A list of `{answer: seconds}` is one for each time that it is asked.
    """
    asked: list[str] = []

    def connect(name: Val, _port: Val) -> Val:
        asked.append(f"ntp:{to_text(name)}")
        return NOTHING

    def receive(_from: Val) -> Val:
        said = host.answered(host.net, asked[0])
        said = said.get("answer") if isinstance(said, Thing) else said
        if said == "unset":
            return list(b"\xdc" + bytes(47))
        ahead = timedelta(seconds=float(said))
        stamp = struct.pack(">Q", round((host.now + ahead - _NTP_BEGIN).total_seconds() * (1 << 32)))
        return list(b"\x1c\x02" + bytes(30) + stamp + stamp)

    settings = thing({"ReceiveTimeout": 0})
    return thing(
        {"Client": settings, "Connect()": connect, "Send()": 48, "Receive()": receive, "Close()": None}
    )


def _decoded(name: str, content: Val) -> str:
    try:
        return bytes(content).decode(name)
    except UnicodeDecodeError as error:
        raise PsError(str(error), kind="System.Text.DecoderFallbackException") from None


def _encoding(name: str) -> Thing:
    return thing(
        {
            "GetBytes()": lambda text: to_text(text).encode(name),
            "GetString()": lambda content: _decoded(name, content),
        },
        "System.Text.Encoding",
    )


def _signed(shape: str) -> _Static:
    return lambda content, _at: struct.unpack(shape, content)[0]


def _bytes_of(content: Val) -> bytes:
    return bytes(content.get("Content") if isinstance(content, Thing) else content)


_STATICS: dict[str, Val] = {
    "long::maxvalue": (1 << 63) - 1,
    "math::max": lambda a, b: max(_alike(a, b)),
    "math::min": lambda a, b: min(_alike(a, b)),
    "math::abs": lambda a: abs(to_number(a)),
    "math::floor": lambda a: math.floor(to_number(a)),
    "math::ceiling": lambda a: math.ceil(to_number(a)),
    "math::round": lambda a, *digits: round(to_number(a), *map(int, digits)),
    # .NET takes dots and blanks from the end of a name.
    "io.path::getfullpath": lambda path: re.sub(r"(?<=[^.\\])[. ]+(?=\\|$)", "", ntpath.normpath(path)),
    "string::equals": lambda a, b: to_text(a) == to_text(b),
    "string::isnullorempty": lambda a: not to_text(a),
    "convert::tobase64string": lambda content: base64.b64encode(bytes(content)).decode(),
    "convert::frombase64string": lambda text: base64.b64decode(to_text(text)),
    "regex::matches": lambda text, pattern: [
        thing({"Value": found[0]}) for found in re.finditer(pattern, text)
    ],
    "bitconverter::tostring": lambda content: "-".join(f"{each:02X}" for each in content),
    "guid::newguid": lambda: thing({"ToString()": lambda _how: "0" * 32}),
    "bitconverter::getbytes": lambda number: struct.pack("<Q" if number >= 1 << 32 else "<I", number),
    "bitconverter::toint32": _signed("<i"),
    "bitconverter::toint64": lambda content, _at: struct.unpack("<q", bytes(content).ljust(8, b"\0"))[0],
    "security.cryptography.sha256::create": lambda: thing(
        {"ComputeHash()": lambda content: list(hashlib.sha256(_bytes_of(content)).digest())}
    ),
    "text.encoding::utf8": _encoding("utf-8"),
    "text.encoding::unicode": _encoding("utf-16-le"),
    "threading.monitor::enter": lambda _what: NOTHING,
    "threading.monitor::exit": lambda _what: NOTHING,
    "threading.thread::currentthread": thing({"CurrentCulture": "", "CurrentUICulture": ""}),
    "globalization.cultureinfo::invariantculture": "invariant",
    "globalization.cultureinfo::getcultureinfo": lambda name: name,
    "diagnostics.stopwatch::frequency": FREQUENCY,
    "nullstring::value": None,
    "scriptblock::create": lambda _text: Code(None),
    "net.securityprotocoltype::tls12": 3072,
    "type::gettypefromprogid": lambda name: name,
}


def type_of(value: Val) -> TypeName:
    return TypeName(value.kind if isinstance(value, Thing) else type(value).__name__)
