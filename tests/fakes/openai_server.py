"""An OpenAI-compatible model server on this machine that answers what the test told it to."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self


@dataclass
class Answer:
    """What one call gets."""

    words: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    """Sent before the words, in a field of their own."""
    hold_thoughts: Event | None = None
    """After each thought it waits for this."""
    thought_field: str = "reasoning_content"
    first: list[dict[str, Any]] = field(default_factory=list)
    """Events before everything else."""
    last: dict[str, Any] = field(default_factory=dict)
    """Goes along with the end."""
    finish: str | None = "stop"
    """None: it breaks off without an end."""
    status: int = 200
    body: Any = None
    """The body of a refusal, or of a call that is to get something odd."""
    hold: Event | None = None
    """After the words it waits for this, however long."""
    hold_before: Event | None = None
    """It waits for this before it says anything at all."""


class OpenAIServer:
    """Use as a context manager; queue answers with `say`."""

    def __init__(self) -> None:
        self.models = ["tiny-1.5b"]
        self.owned_by = "somebody"
        self.props: dict[str, Any] | None = None
        """What it tells at /props; None where it knows no such address."""
        self.erased: list[str] = []
        self.vectors: Callable[[list[str]], tuple[int, Any]] | None = None
        """Status and body for /v1/embeddings; None where it knows no such address."""
        self.embedded: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.answers: deque[Answer] = deque()
        self.arrived = Event()
        """Set when a chat call has come in."""
        self.hung_up = Event()
        """Set when the caller left in the middle."""
        self._server = _Server(self)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def say(self, *words: str, **how: Any) -> Self:
        """Queue an answer of these words."""
        self.answers.append(Answer(list(words), **how))
        return self

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

    def __init__(self, owner: OpenAIServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner


class _Handler(BaseHTTPRequestHandler):
    @property
    def _owner(self) -> OpenAIServer:
        assert isinstance(self.server, _Server)
        return self.server.owner

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet."""

    def do_GET(self) -> None:
        self._owner.keys.append(self.headers.get("Authorization", ""))
        if self.path == "/props":
            known = self._owner.props is not None
            self._json(200 if known else 404, self._owner.props if known else {"error": "unknown"})
            return
        entries = [{"id": name, "owned_by": self._owner.owned_by} for name in self._owner.models]
        self._json(200, {"object": "list", "data": entries})

    def do_POST(self) -> None:
        owner = self._owner
        owner.keys.append(self.headers.get("Authorization", ""))
        if self.path.startswith("/slots/"):
            owner.erased.append(self.path)
            self._json(200, {})
            return
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/embeddings"):
            owner.embedded.append(asked)
            self._json(*(owner.vectors(asked["input"]) if owner.vectors else (404, {"error": "unknown"})))
            return
        owner.requests.append(asked)
        owner.arrived.set()
        answer = owner.answers.popleft()
        if answer.status != 200 or answer.body is not None:
            self._json(answer.status, answer.body)
            return
        try:
            self._stream(answer)
        except (ConnectionError, ValueError):
            owner.hung_up.set()
            self.close_connection = True

    def _stream(self, answer: Answer) -> None:
        self._hold(answer.hold_before)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self._event({"choices": [{"delta": {"role": "assistant"}}]})
        for event in answer.first:
            self._event(event)
        for thought in answer.thoughts:
            self._event({"choices": [{"delta": {answer.thought_field: thought, "content": None}}]})
            self._hold(answer.hold_thoughts)
        for word in answer.words:
            self._event({"choices": [{"delta": {"content": word}, "finish_reason": None}]})
        self._hold(answer.hold)
        if answer.finish:
            self._event({"choices": [{"delta": {}, "finish_reason": answer.finish}], **answer.last})
            self.wfile.write(b"data: [DONE]\n\n")

    def _hold(self, until: Event | None) -> None:
        """Wait, looking now and then whether the caller is still there."""
        if until is None:
            return
        self.connection.settimeout(0.01)
        while not until.is_set():
            if _left(lambda: self.connection.recv(1)):
                raise ConnectionError
        self.connection.settimeout(None)

    def _event(self, event: dict[str, Any]) -> None:
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        self.wfile.flush()

    def _json(self, status: int, body: Any) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


def _left(receive: Callable[[], bytes]) -> bool:
    try:
        return receive() == b""
    except TimeoutError:
        return False


def embeddings(vectors: Any) -> tuple[int, Any]:
    """A good answer of /v1/embeddings, the last vector first, as servers may."""
    data = [
        {"object": "embedding", "index": index, "embedding": list(map(float, vector))}
        for index, vector in enumerate(vectors)
    ]
    return 200, {"object": "list", "data": data[::-1]}
