"""A web server on this machine that gives files, in parts where asked, and misbehaves where told to."""

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self


class FileServer:
    """Use as a context manager; fill `files` and the rest before or while it runs."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.etags: dict[str, str] = {}
        self.redirects: dict[str, str] = {}
        self.head_headers: dict[str, dict[str, str]] = {}
        """Headers that HEAD adds, such as the hub's X-Linked-Etag."""
        self.breaks: dict[str, list[int]] = {}
        """After how many bytes the next answers for a path break off."""
        self.knows_ranges = True
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self._server = _Server(self)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def gets(self, path: str) -> list[dict[str, str]]:
        """The headers of each GET for a path."""
        return [headers for method, asked, headers in self.requests if method == "GET" and asked == path]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, owner: FileServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner


class _Handler(BaseHTTPRequestHandler):
    @property
    def _owner(self) -> FileServer:
        assert isinstance(self.server, _Server)
        return self.server.owner

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet."""

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        self._owner.requests.append((self.command, self.path, dict(self.headers.items())))
        extra = self._owner.head_headers.get(self.path, {}) if self.command == "HEAD" else {}
        if self.path in self._owner.redirects:
            self._headers(
                HTTPStatus.FOUND,
                {"Location": self._owner.redirects[self.path], "Content-Length": "0", **extra},
            )
            return
        if self.path not in self._owner.files:
            self._headers(HTTPStatus.NOT_FOUND, {"Content-Length": "0"})
            return
        status, start, headers = self._part(self._owner.files[self.path])
        body = (
            self._owner.files[self.path][start:]
            if status != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
            else b""
        )
        self._headers(status, {"Content-Length": str(len(body)), **headers, **extra})
        if with_body:
            self._send(body)

    def _part(self, whole: bytes) -> tuple[HTTPStatus, int, dict[str, str]]:
        etag = self._owner.etags.get(self.path, "")
        headers = {"ETag": etag} if etag else {}
        asked = self.headers.get("Range", "")
        if not asked or not self._owner.knows_ranges or self.headers.get("If-Range", etag) != etag:
            return HTTPStatus.OK, 0, headers
        start = int(asked.removeprefix("bytes=").split("-")[0])
        if start >= len(whole):
            return HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, 0, headers
        headers["Content-Range"] = f"bytes {start}-{len(whole) - 1}/{len(whole)}"
        return HTTPStatus.PARTIAL_CONTENT, start, headers

    def _headers(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, body: bytes) -> None:
        breaks = self._owner.breaks.get(self.path, [])
        if breaks:
            self.wfile.write(body[: breaks.pop(0)])
            self.close_connection = True
            return
        try:
            self.wfile.write(body)
        except ConnectionError:
            self.close_connection = True
