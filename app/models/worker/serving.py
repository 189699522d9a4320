"""What runs in the model's process: one call at a time, while stops and counts are taken in beside it."""

import logging
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from app import allocator
from app.clock import SystemClock
from app.models.embedding import EmbedderSpec, LlamaEmbedder
from app.models.llama import LlamaChat
from app.models.worker.protocol import (
    EmbedOrders,
    Message,
    Orders,
    error_out,
    messages_in,
    orders_in,
    packed,
    unpacked,
    vectors_out,
)
from graphs.ports import Priority, Sampling

BESIDE: Final = frozenset({"count"})
"""What is answered while a call runs; it touches nothing that the call uses."""
log = logging.getLogger(__name__)


class Serving:
    """Answers calls over a connection, until the other end is gone."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._calls: SimpleQueue[Message] = SimpleQueue()
        self._beside: SimpleQueue[Message] = SimpleQueue()
        self._stops: dict[int, threading.Event] = {}
        self._does: dict[str, Callable[[Message], Any]] = {}

    def run(self) -> None:
        """Serve. Whoever listens for orders ends the process with the program, whatever else is under way."""
        for work in (self._calls, self._beside):
            threading.Thread(target=self._work, args=(work,), daemon=True).start()
        while True:
            try:
                order = unpacked(self._connection.recv_bytes())
            except (EOFError, OSError):
                os._exit(0)
            self._take(order)

    def _take(self, order: Message) -> None:
        number = order["id"]
        if order["do"] == "stop":
            if stop := self._stops.get(number):
                stop.set()
            return
        self._stops[number] = threading.Event()
        (self._beside if order["do"] in BESIDE else self._calls).put(order)

    def _work(self, calls: "SimpleQueue[Message]") -> None:
        while True:
            call = calls.get()
            number = call["id"]
            try:
                self._tell(number, "done", value=self._does[call["do"]](call))
            except BaseException as error:
                log.debug("a call failed", exc_info=error)
                self._tell(number, "error", **error_out(error))
            finally:
                self._stops.pop(number, None)

    def _progress(self, call: Message) -> Callable[[str, float], None]:
        number = call["id"]
        return lambda name, share: self._tell(number, "progress", name=name, share=share)

    def _tell(self, number: int, what: str, /, **fields: Any) -> None:
        with self._sending:
            self._connection.send_bytes(packed({"is": what, "id": number, **fields}))


class ChatServing(Serving):
    """Talks."""

    def __init__(self, model: LlamaChat, connection: Connection) -> None:
        super().__init__(connection)
        self._model = model
        self._does = {
            "load": self._load,
            "count": lambda call: self._model.count_tokens(messages_in(call["messages"])),
            "stream": self._stream,
            "structured": self._structured,
            "many": self._structured_many,
            "ahead": self._ahead,
            "keep": lambda _call: self._model.keep(),
            "forget": lambda _call: self._model.forget(),
        }

    def _load(self, call: Message) -> None:
        self._model.load(progress=self._progress(call), stop=self._stops[call["id"]])

    def _stream(self, call: Message) -> None:
        chunks = self._model.stream(
            messages_in(call["messages"]),
            Sampling(**call["sampling"]),
            stop=self._stops[call["id"]],
            priority=Priority(call["priority"]),
            progress=self._progress(call),
        )
        for chunk in chunks:
            self._tell(
                call["id"],
                "chunk",
                text=chunk.text,
                finish=chunk.finish,
                read=chunk.read,
                kind=chunk.kind,
            )

    def _structured(self, call: Message) -> dict[str, Any]:
        return self._model.structured(
            messages_in(call["messages"]),
            call["schema"],
            Sampling(**call["sampling"]),
            stop=self._stops[call["id"]],
            priority=Priority(call["priority"]),
        )

    def _structured_many(self, call: Message) -> list[dict[str, Any] | None]:
        return self._model.structured_many(
            [messages_in(prompt) for prompt in call["prompts"]],
            call["schema"],
            Sampling(**call["sampling"]),
            stop=self._stops[call["id"]],
            priority=Priority(call["priority"]),
        )

    def _ahead(self, call: Message) -> None:
        stop = self._stops[call["id"]]
        self._model.read_ahead(messages_in(call["messages"]), stop=stop, later=call["later"])


class EmbedServing(Serving):
    """Turns texts into vectors."""

    def __init__(self, embedder: LlamaEmbedder, connection: Connection) -> None:
        super().__init__(connection)
        self._does = {
            "load": lambda _call: embedder.load(),
            "embed": lambda call: vectors_out(embedder.embed(call["texts"], call["kind"])),
        }


def main(arguments: list[str]) -> None:
    """Serve a model: descriptor of the connection, file, and how it is to run."""
    allocator.be_sparing()
    descriptor, path, orders = arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the program, which then ends this one
    connection = Connection(int(descriptor))
    how = orders_in(orders)
    serving = _embedding(Path(path), how) if isinstance(how, EmbedOrders) else _talking(Path(path), how)
    serving(connection).run()


def _talking(path: Path, how: Orders) -> Callable[[Connection], Serving]:
    model = LlamaChat(
        path,
        now=SystemClock().now,
        name=how.name,
        context_tokens=how.context_tokens,
        threads=how.threads,
        states=Path(how.states) if how.states else None,
        thinking=how.thinking,
        gpu_layers=how.gpu_layers,
    )
    return lambda connection: ChatServing(model, connection)


def _embedding(path: Path, how: EmbedOrders) -> Callable[[Connection], Serving]:
    spec = EmbedderSpec(how.key, how.dimension, how.most_tokens, how.query_prefix, how.passage_prefix)
    embedder = LlamaEmbedder(lambda: path, spec, threads=how.threads)
    return lambda connection: EmbedServing(embedder, connection)
