"""The messages of WS-Management, MS-WSMV 2.2.4 and 3.1.4, as far as remote shells need them."""

import base64
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
_NAMES: Mapping[str, str] = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "rsp": SHELL,
}
ABORTED = 995
TIMED_OUT = 2150858793
UNKNOWN_SHELL = 2150858843
MAX_SHELLS = 2150859173
MAX_OPERATIONS = 2150859174


class Fault(Exception):
    """A fault with its number."""

    def __init__(self, code: int, text: str, subcode: str = "w:InternalError") -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.subcode = subcode


@dataclass(frozen=True, slots=True)
class Request:
    """One message; `stdin` is what a Send carries, and `ends` whether it is the last."""

    action: str
    message_id: str
    shell: str = ""
    command: str = ""
    line: str = ""
    stdin: bytes = b""
    ends: bool = False
    timeout: float = 60.0
    identify: bool = False


def parse(content: bytes) -> Request:
    """Take a message apart. Raises Fault."""
    try:
        root = ET.fromstring(content)  # noqa: S314 - our own tests send it
    except ET.ParseError as error:
        raise Fault(2150858817, "not XML", "w:SchemaValidationError") from error
    if root.find(".//{http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd}Identify") is not None:
        return Request("Identify", "", identify=True)
    stream = root.find(".//rsp:Send/rsp:Stream", dict(_NAMES))
    aimed = [root.find(f".//rsp:{name}", dict(_NAMES)) for name in ("DesiredStream", "Signal")]
    command = next((node.get("CommandId", "") for node in (stream, *aimed) if node is not None), "")
    arguments = [node.text or "" for node in root.findall(".//rsp:Arguments", dict(_NAMES))]
    return Request(
        action=_text(root, ".//a:Action"),
        message_id=_text(root, ".//a:MessageID"),
        shell=_text(root, ".//w:Selector[@Name='ShellId']"),
        command=command,
        line=" ".join([_text(root, ".//rsp:CommandLine/rsp:Command"), *arguments]).strip(),
        stdin=base64.b64decode(stream.text or "") if stream is not None else b"",
        ends=stream is not None and stream.get("End", "").lower() in {"true", "1"},
        timeout=_seconds(_text(root, ".//w:OperationTimeout")),
    )


def _text(root: ET.Element, path: str) -> str:
    node = root.find(path, dict(_NAMES))
    return (node.text or "") if node is not None else ""


def _seconds(duration: str) -> float:
    number = duration.removeprefix("PT").removesuffix("S")
    try:
        return float(number)
    except ValueError:
        return 60.0


def envelope(request: Request, action: str, body: str) -> bytes:
    """An answer."""
    names = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in _NAMES.items())
    return (
        f"<s:Envelope {names}><s:Header><a:Action>{action}</a:Action>"
        f"<a:MessageID>uuid:{uuid.uuid4()}</a:MessageID><a:RelatesTo>{escape(request.message_id)}"
        f"</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def identity() -> bytes:
    """The answer to Identify."""
    space = "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
    return (
        f'<s:Envelope xmlns:s="{_NAMES["s"]}"><s:Header/><s:Body><i:IdentifyResponse xmlns:i="{space}">'
        "<i:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd</i:ProtocolVersion>"
        "<i:ProductVendor>Microsoft Corporation</i:ProductVendor>"
        "<i:ProductVersion>OS: 0.0.0 SP: 0.0 Stack: 3.0</i:ProductVersion>"
        "</i:IdentifyResponse></s:Body></s:Envelope>"
    ).encode()


def created(request: Request, shell: str) -> bytes:
    """A shell stands."""
    selector = f'<w:SelectorSet><w:Selector Name="ShellId">{shell}</w:Selector></w:SelectorSet>'
    body = (
        f'<x:ResourceCreated xmlns:x="{TRANSFER}"><a:Address>/wsman</a:Address><a:ReferenceParameters>'
        f"<w:ResourceURI>{SHELL}/cmd</w:ResourceURI>{selector}</a:ReferenceParameters></x:ResourceCreated>"
        f"<rsp:Shell><rsp:ShellId>{shell}</rsp:ShellId></rsp:Shell>"
    )
    return envelope(request, f"{TRANSFER}/CreateResponse", body)


def commanded(request: Request, command: str) -> bytes:
    """A command runs."""
    body = f"<rsp:CommandResponse><rsp:CommandId>{command}</rsp:CommandId></rsp:CommandResponse>"
    return envelope(request, f"{SHELL}/CommandResponse", body)


def received(request: Request, stdout: bytes, stderr: bytes, status: int | None) -> bytes:
    """What a command said since the last time, and its exit status if it is done."""
    given = f'CommandId="{request.command}"'
    streams = "".join(
        f'<rsp:Stream Name="{name}" {given}>{base64.b64encode(content).decode()}</rsp:Stream>'
        for name, content in (("stdout", stdout), ("stderr", stderr))
        if content
    )
    state = "Running" if status is None else "Done"
    code = "" if status is None else f"<rsp:ExitCode>{status}</rsp:ExitCode>"
    state = f'<rsp:CommandState {given} State="{SHELL}/CommandState/{state}">{code}</rsp:CommandState>'
    body = f"<rsp:ReceiveResponse>{streams}{state}</rsp:ReceiveResponse>"
    return envelope(request, f"{SHELL}/ReceiveResponse", body)


def fault(request: Request, told: Fault) -> bytes:
    """A fault."""
    detail = (
        '<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" '
        f'Code="{told.code}" Machine="emulated"><f:Message>{escape(told.text)}</f:Message></f:WSManFault>'
    )
    body = (
        f"<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>{told.subcode}</s:Value>"
        f'</s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">{escape(told.text)}</s:Text></s:Reason>'
        f"<s:Detail>{detail}</s:Detail></s:Fault>"
    )
    return envelope(request, "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault", body)
