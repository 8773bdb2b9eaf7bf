"""A container registry on loopback: enough of the distribution protocol for podman to pull small images."""

import gzip
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from platform import machine

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine(), machine())


class Registry:
    """Images by name and tag; `address` is what podman calls the registry."""

    def __init__(self) -> None:
        self.address = ""
        self.blobs: dict[str, bytes] = {}
        self.tags: dict[str, tuple[str, str]] = {}

    def push(self, name: str, content: str, *, many: bool = False) -> str:
        """Publish an image `name:stable` that holds `content`; its id. `many`: as a list of architectures."""
        raw = io.BytesIO()
        with tarfile.open(fileobj=raw, mode="w") as tar:
            entry = tarfile.TarInfo("version")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content.encode()))
        layer = gzip.compress(raw.getvalue(), mtime=0)
        root = {"type": "layers", "diff_ids": [_digest(raw.getvalue())]}
        config = _json({"architecture": _ARCHITECTURE, "os": "linux", "rootfs": root, "config": {}})
        body = {"config": self._put(CONFIG, config), "layers": [self._put(LAYER, layer)]}
        manifest = _json({"schemaVersion": 2, "mediaType": MANIFEST, **body})
        entry_of = self._put(MANIFEST, manifest)
        self.tags[name] = (str(entry_of["digest"]), MANIFEST)
        if many:
            foreign = self._put(MANIFEST, manifest.replace(b"{", b"{ ", 1))
            listed = [
                {**foreign, "platform": {"architecture": "s390x", "os": "linux"}},
                {**entry_of, "platform": {"architecture": _ARCHITECTURE, "os": "linux"}},
            ]
            index = _json({"schemaVersion": 2, "mediaType": INDEX, "manifests": listed})
            self.tags[name] = (str(self._put(INDEX, index)["digest"]), INDEX)
        return _digest(config).removeprefix("sha256:")[:12]

    def answer(self, path: str) -> tuple[str, bytes] | None:
        """Media type and body for a path below `/v2/`."""
        name, _, reference = path.partition("/manifests/")
        if path == "":
            return "application/json", b"{}"
        if "/blobs/" in path:
            body = self.blobs.get(path.partition("/blobs/")[2])
            return None if body is None else ("application/octet-stream", body)
        digest, media = (
            (reference, MANIFEST) if reference.startswith("sha256:") else self.tags.get(name, ("", ""))
        )
        return (media, self.blobs[digest]) if digest in self.blobs else None

    def _put(self, media: str, content: bytes) -> dict[str, object]:
        self.blobs[_digest(content)] = content
        return {"mediaType": media, "digest": _digest(content), "size": len(content)}


@contextmanager
def serving() -> Iterator[Registry]:
    """A registry on a free port of loopback."""
    registry = Registry()

    class Desk(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(body=True)

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

        def _answer(self, *, body: bool) -> None:
            found = registry.answer(self.path.removeprefix("/v2/"))
            self.send_response(404 if found is None else 200)
            media, content = found or ("text/plain", b"")
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Docker-Content-Digest", _digest(content))
            self.end_headers()
            if body:
                self.wfile.write(content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        registry.address = f"127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield registry
        finally:
            server.shutdown()
            thread.join()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _json(value: dict[str, object]) -> bytes:
    return json.dumps(value).encode()
