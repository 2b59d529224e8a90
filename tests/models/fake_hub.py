"""A hub on the loopback interface, with as much of the real one's protocol as fetching a model needs."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "a" * 40


class Hub:
    """Folders by the names of their repositories; `asked` lists the paths of the requests that came."""

    def __init__(self, repositories: dict[str, Path], *, lie: bool = False) -> None:
        self.repositories, self.lie, self.asked = repositories, lie, list[str]()
        self.endpoint = ""

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of one request."""
        self.asked.append(path)
        for name, folder in self.repositories.items():
            if path.startswith(f"/api/models/{name}"):
                return 200, {"Content-Type": "application/json"}, json.dumps(self._info(name, folder)).encode()
            prefix = f"/{name}/resolve/"
            file = folder / path.removeprefix(prefix).partition("/")[2]
            if path.startswith(prefix) and file.is_file():
                return 200, _headers(file), file.read_bytes()
        if path == "/":
            return 200, {}, b""
        return 404, {"X-Error-Code": "RepoNotFound"}, b"{}"

    def _info(self, name: str, folder: Path) -> dict[str, Any]:
        return {"id": name, "sha": COMMIT, "siblings": [self._sibling(file) for file in sorted(folder.iterdir())]}

    def _sibling(self, file: Path) -> dict[str, Any]:
        found: dict[str, Any] = {"rfilename": file.name, "size": file.stat().st_size, "blobId": _hash(file)[:40]}
        if file.suffix in (".safetensors", ".bin"):
            claimed = "0" * 64 if self.lie else _hash(file)
            found["lfs"] = {"sha256": claimed, "size": file.stat().st_size, "pointerSize": 134}
        return found


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
            status, headers, body = hub.answer(self.path.partition("?")[0])
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(key, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

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
