"""A hub on the loopback interface, with as much of the real one's protocol as fetching a model needs."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

COMMIT = "a" * 40
LARGE = (".safetensors", ".bin")


class Answer(NamedTuple):
    """Status, headers and body; with `cut`, the connection ends after that many bytes of the body."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    cut: int | None = None


class Hub:
    """Folders by the names of their repositories; `asked` lists the paths of the requests that came.

    Large files are somewhere else, as they are on the real hub: the answer is a redirect, and the place that it names
    knows nothing of repositories. With `lie` their hash is said to be another; with `gated` nobody may have any file;
    `broken` are how many times a large file breaks off in the middle. `ranges` lists the parts that were asked for.
    """

    def __init__(
        self, repositories: dict[str, Path], *, lie: bool = False, gated: bool = False, broken: int = 0
    ) -> None:
        self.repositories, self.lie, self.gated, self.broken = repositories, lie, gated, broken
        self.asked, self.ranges = list[str](), list[str]()
        self.endpoint = ""

    def answer(self, path: str, wanted: str = "") -> Answer:
        """The answer to one request, for the part of the file that is `wanted` where it says so."""
        self.asked.append(path)
        for name, folder in self.repositories.items():
            if path.startswith(f"/api/models/{name}"):
                return Answer(200, {"Content-Type": "application/json"}, json.dumps(self._info(name, folder)).encode())
            prefix = f"/{name}/resolve/"
            file = folder / path.removeprefix(prefix).partition("/")[2]
            if path.startswith(prefix) and self.gated:
                return Answer(403, {"X-Error-Code": "GatedRepo"}, b"{}")
            if path.startswith(prefix) and file.is_file():
                return self._file(file)
            if path.startswith("/large/") and (folder / path.removeprefix("/large/")).is_file():
                return self._part(folder / path.removeprefix("/large/"), wanted)
        return Answer(200, {}) if path == "/" else Answer(404, {"X-Error-Code": "RepoNotFound"}, b"{}")

    def _file(self, file: Path) -> Answer:
        if file.suffix not in LARGE:
            return Answer(200, _headers(file), file.read_bytes())
        claimed = self._hash(file)
        linked = {"X-Linked-ETag": f'"{claimed}"', "X-Linked-Size": str(file.stat().st_size)}
        elsewhere = self.endpoint.replace("127.0.0.1", "localhost")  # another host, as the real hub's store is
        return Answer(302, {"X-Repo-Commit": COMMIT, "Location": f"{elsewhere}/large/{file.name}", **linked})

    def _part(self, file: Path, wanted: str) -> Answer:
        body, start = file.read_bytes(), 0
        self.ranges.append(wanted)
        headers = {"ETag": f'"{_hash(file)}"', "Accept-Ranges": "bytes"}
        if wanted:
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        cut = None
        if self.broken:
            self.broken -= 1
            cut = (len(body) - start) // 2
        return Answer(206 if wanted else 200, headers, body[start:], cut)

    def _info(self, name: str, folder: Path) -> dict[str, Any]:
        return {"id": name, "sha": COMMIT, "siblings": [self._sibling(file) for file in sorted(folder.iterdir())]}

    def _sibling(self, file: Path) -> dict[str, Any]:
        found: dict[str, Any] = {"rfilename": file.name, "size": file.stat().st_size, "blobId": _hash(file)[:40]}
        if file.suffix in LARGE:
            found["lfs"] = {"sha256": self._hash(file), "size": file.stat().st_size, "pointerSize": 134}
        return found

    def _hash(self, file: Path) -> str:
        return "0" * 64 if self.lie else _hash(file)


def _headers(file: Path) -> dict[str, str]:
    return {"ETag": f'"{_hash(file)}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@contextmanager
def serve(hub: Hub) -> Iterator[Hub]:
    """Answer requests until the block ends; `hub.endpoint` is the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found = hub.answer(self.path.partition("?")[0], self.headers.get("Range") or "")
            self.send_response(found.status)
            for key, value in {**found.headers, "Content-Length": str(len(found.body))}.items():
                self.send_header(key, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(found.body[: found.cut])
            if found.cut is not None:
                self.close_connection = True

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the test's output for the test."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
