"""A small file server on this machine that can misbehave as real ones do."""

from __future__ import annotations

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from convbook.data import fetch
from convbook.data.sources import File


class Shop(ThreadingHTTPServer):
    """Serve `files` by name. `cuts`: after how many bytes to hang up, one entry per request; `refusals`: HTTP codes
    to answer first; `ranges`: whether to honour a Range header; `lengths`: whether to announce a length.
    `asked` lists (name, Range header) of every request."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Counter)
        self.files: dict[str, bytes] = {}
        self.cuts: list[int] = []
        self.refusals: list[int] = []
        self.ranges = self.lengths = True
        self.asked: list[tuple[str, str | None]] = []

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{name}"

    def offer(self, name: str, content: bytes) -> File:
        """Put a file on the shelf and return its true description."""
        self.files[name] = content
        return File(name, len(content), hashlib.sha256(content).hexdigest(), (self.address(name),))


class Counter(BaseHTTPRequestHandler):
    def do_GET(self):
        name, wanted = self.path.lstrip("/"), self.headers.get("Range")
        shop = self.server
        shop.asked.append((name, wanted))
        if shop.refusals:
            self.send_error(shop.refusals.pop(0))
        elif name not in shop.files:
            self.send_error(404)
        else:
            self.hand_over(shop.files[name], wanted)

    def hand_over(self, content: bytes, wanted: str | None):
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.server.ranges else 0
        if start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if self.server.lengths:
            self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        cut = self.server.cuts.pop(0) if self.server.cuts else None
        self.wfile.write(content[start:] if cut is None else content[start : start + cut])

    def log_message(self, *_):
        """Stay silent."""


@pytest.fixture
def shop(monkeypatch):
    monkeypatch.setattr(fetch, "PAUSE", 0.0)
    for proxy in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    server = Shop()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def bare_machine(monkeypatch, tmp_path):
    """Pretend that no data set lies on this machine, and that the home is an empty folder, which is returned."""
    from convbook.data import places

    monkeypatch.setattr(places, "DEBIAN", tmp_path / "debian")
    monkeypatch.delenv(places.VARIABLE, raising=False)
    monkeypatch.setattr(places, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path
