"""HTTP and HTTPS: the status, the page, the certificate; redirects are followed a few times."""

import http.client
from collections.abc import Mapping
from contextlib import ExitStack
from urllib.parse import SplitResult, urljoin, urlsplit

from mspctl.model.monitoring import Probe, Sample, Seen
from mspctl.monitor.probing.certificate import certificate
from mspctl.monitor.probing.wire import Deadline, connected, encrypted, reason

_REDIRECTS = 5
_PAGE = 512 * 1024
"""So much of a page is looked at."""
_MOVED = frozenset({301, 302, 303, 307, 308})
_WRONG = 400
_HTTP, _HTTPS = 80, 443
_HEADERS: Mapping[str, str] = {"User-Agent": "mspctl", "Accept": "*/*", "Connection": "close"}


def web(probe: Probe, deadline: Deadline) -> tuple[Sample, ...]:
    """A status below 400, `expect` in the page, and for https how long the certificate still lasts."""
    url, shown = probe.target, list[Sample]()
    try:
        for _ in range(_REDIRECTS + 1):
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                return (Sample(probe.name, Seen.UNKNOWN, f"not a URL of the web: {url[:100]}"),)
            status, place, page = _get(parts, probe, deadline, shown)
            if status not in _MOVED or not place:
                return (_judged(probe, status, page), *shown[:1])
            url = urljoin(url, place)
    except http.client.HTTPException as error:
        return (Sample(probe.name, Seen.DOWN, f"no answer of HTTP: {type(error).__name__}"),)
    except (OSError, ValueError) as error:
        return (Sample(probe.name, Seen.DOWN, reason(error)),)
    return (Sample(probe.name, Seen.DOWN, f"redirected more than {_REDIRECTS} times"),)


def _get(parts: SplitResult, probe: Probe, deadline: Deadline, shown: list[Sample]) -> tuple[int, str, bytes]:
    """Status, where it leads to, and the page; the certificate goes into `shown`."""
    host, secure = parts.hostname or "", parts.scheme == "https"
    link = _link(parts)
    with connected(host, link.port, deadline) as wire, ExitStack() as stack:
        link.sock = wire
        if secure:
            channel = stack.enter_context(encrypted(wire, host, deadline))
            shown.append(certificate(probe, channel))
            link.sock = channel
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        link.request("GET", path, headers={"Host": parts.netloc.rpartition("@")[2], **_HEADERS})
        answer = link.getresponse()
        return answer.status, answer.getheader("Location") or "", answer.read(_PAGE)


def _link(parts: SplitResult) -> http.client.HTTPConnection:
    """Not connected yet. It is told a port: without one it takes the end of an IPv6 address for that."""
    port = parts.port or (_HTTPS if parts.scheme == "https" else _HTTP)
    return http.client.HTTPConnection(parts.hostname or "", port)


def _judged(probe: Probe, status: int, page: bytes) -> Sample:
    if status >= _WRONG:
        return Sample(probe.name, Seen.DOWN, f"status {status}")
    if probe.expect and probe.expect.encode() not in page:
        return Sample(probe.name, Seen.DOWN, f"status {status}, but `{probe.expect}` is not in the page")
    return Sample(probe.name, Seen.UP, f"status {status}, {len(page)} bytes")
