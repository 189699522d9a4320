"""A model's process as the program sees it: started when first needed, and again after it has died."""

import itertools
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

import app
from app.models.worker.protocol import Message, error_in, packed, unpacked
from graphs.errors import ModelError
from graphs.ports import Stop

ROOT: Final = Path(app.__file__).parent.parent
LOOK_AGAIN_S: Final = 0.01
"""How often somebody who waits looks at their own stop, which cannot wake them."""
LAST: Final = frozenset({"done", "error", "gone"})
GONE: Final[Message] = {"is": "gone", "id": -1}
Answers = SimpleQueue[Message]
log = logging.getLogger(__name__)


class WorkerLostError(ModelError):
    """The model's process died in the middle of a call."""


@dataclass(slots=True)
class _Running:
    """One life of the process."""

    process: "subprocess.Popen[bytes]"
    connection: Connection
    sending: threading.Lock = field(default_factory=threading.Lock)
    calls: "dict[int, Answers]" = field(default_factory=dict)
    last_words: "deque[str]" = field(default_factory=lambda: deque(maxlen=20))
    dead: bool = False


class WorkerProcess:
    """Starts `python -m app.models.worker` and passes calls to it. Any thread may call."""

    def __init__(self, name: str, arguments: Sequence[str], *, spins: bool = True) -> None:
        """`name` is the model's, for a person; `arguments` follow the connection's descriptor.

        `spins`: whether its threads may wait for each other spinning, as for a reply.
        """
        self._name = name
        self._arguments = list(arguments)
        self._spins = spins
        self._lock = threading.Lock()
        self._running: _Running | None = None
        self._numbers = itertools.count(1)
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process's id while it runs."""
        running = self._running
        return running.process.pid if running and not running.dead else None

    def call(self, order: Message, stop: Stop | None = None) -> Generator[Message, None, None]:
        """Do something there, and give what comes of it; the last message is `done`.

        A `stop` that is set is passed on. A caller who goes away early ends the call as well. Where the
        process turns out to have died before the call reached it, it is begun again in a new one.

        Raises what the model raises, WorkerLostError where its process dies.
        """
        begun = False
        while True:
            running, number, answers, fresh = self._begin()
            try:
                _send(running, order | {"id": number})
                for message in self._answers(running, number, answers, stop):
                    begun = True
                    yield message
            except WorkerLostError:
                if begun or fresh:
                    raise
            else:
                return
            finally:
                with self._lock:
                    running.calls.pop(number, None)

    def close(self) -> None:
        """End the process for good; what it was doing ends with it."""
        with self._lock:
            self._closed = True
            running, self._running = self._running, None
        if running:
            running.process.kill()
            running.process.wait()

    def _begin(self) -> "tuple[_Running, int, Answers, bool]":
        with self._lock:
            if self._closed:
                raise self._put_away()
            fresh = self._running is None or self._running.dead
            running = self._start() if fresh or self._running is None else self._running
            self._running = running
            number, answers = next(self._numbers), Answers()
            running.calls[number] = answers
            return running, number, answers, fresh

    def _answers(
        self, running: _Running, number: int, answers: "Answers", stop: Stop | None
    ) -> Iterator[Message]:
        stopping = ended = False
        try:
            while not ended:
                if stop and not stopping and stop.is_set():
                    stopping = _send(running, {"do": "stop", "id": number})
                message = _next(answers, LOOK_AGAIN_S if stop and not stopping else None)
                if message is None:
                    continue
                ended = message["is"] in LAST
                if message["is"] == "gone":
                    raise self._lost(running)
                if message["is"] == "error":
                    raise error_in(message)
                yield message
        finally:
            if not ended:  # the caller went away: the model must be free when this returns
                _send(running, {"do": "stop", "id": number})
                while answers.get()["is"] not in LAST:
                    pass

    def _start(self) -> _Running:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", "-m", "app.models.worker", str(theirs.fileno()), *self._arguments],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=environment(spins=self._spins),
            )
        running = _Running(process, Connection(ours.detach()))
        for work in (self._listen, _take_down):
            threading.Thread(target=work, args=(running,), daemon=True).start()
        return running

    def _listen(self, running: _Running) -> None:
        with running.connection:
            while True:
                try:
                    message = unpacked(running.connection.recv_bytes())
                except (EOFError, OSError):
                    break
                with self._lock:
                    answers = running.calls.get(message["id"])
                if answers:
                    answers.put(message)
        running.process.wait()
        with self._lock:
            running.dead = True
            waiting = list(running.calls.values())
        for answers in waiting:
            answers.put(GONE)

    def _lost(self, running: _Running) -> ModelError:
        with self._lock:
            if self._closed:
                return self._put_away()
        code = running.process.returncode
        log.error("the model's process ended (%s): %s", code, " | ".join(running.last_words))
        return WorkerLostError(
            f"The model broke down while it worked ({_how(code)}).",
            "Nothing that you wrote is lost, and the model starts again by itself: try again.",
        )

    def _put_away(self) -> ModelError:
        return ModelError(f"{self._name} was put away.", "Try again with the model chosen now.")


def _send(running: _Running, order: Message) -> bool:
    """Send an order; one that cannot arrive any more does not matter: all who wait hear of the end."""
    with running.sending, suppress(OSError):
        running.connection.send_bytes(packed(order))
    return True


def _next(answers: "Answers", wait: float | None) -> Message | None:
    try:
        return answers.get(timeout=wait)
    except Empty:
        return None


def _take_down(running: _Running) -> None:
    """Keep what the process last complained of."""
    assert running.process.stderr is not None
    with running.process.stderr as lines:
        for line in lines:
            running.last_words.append(line.decode("utf-8", errors="replace").rstrip())


def _how(code: int | None) -> str:
    if code is None or code >= 0:
        return f"it ended with code {code}"
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"


def environment(*, spins: bool = False) -> dict[str, str]:
    """So that the other process finds this very program, wherever it was started from.

    With `spins` its threads may spin for a while (libgomp's own default) where ours must not: a token is many
    short steps.
    """
    known = os.environ.get("PYTHONPATH", "")
    ours = {"PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), known]))}
    return ({"GOMP_SPINCOUNT": "300000"} if spins else {}) | os.environ | ours


def value_of(messages: Iterator[Message]) -> Any:
    """What a call came to."""
    return [message for message in messages if message["is"] == "done"][-1]["value"]
