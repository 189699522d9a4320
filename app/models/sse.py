"""A streamed answer over HTTP (server-sent events) that can be ended even while nothing comes."""

import contextlib
import functools
import queue
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from graphs.ports import Stop

_LOOK_AGAIN_S = 0.05
_END = object()


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes a tenth of a second, at each call if one lets it."""
    return ssl.create_default_context()


def client(timeout: httpx.Timeout) -> httpx.Client:
    """Goes straight to the server that the person named, through no proxy and no redirect."""
    return httpx.Client(timeout=timeout, verify=_certificates(), trust_env=False)


class EventStream:
    """Posts JSON and gives the data of each event; a thread of its own waits for the network.

    Iterating raises httpx.HTTPError where the network or the server fails; the response's body is read first.
    """

    def __init__(
        self,
        url: str,
        body: Mapping[str, Any],
        *,
        headers: Mapping[str, str],
        timeout: httpx.Timeout,
        stop: Stop,
    ) -> None:
        self._request = (url, body, headers)
        self._timeout = timeout
        self._stop = stop
        self._events: queue.Queue[Any] = queue.Queue()
        self._sockets: list[socket.socket] = []
        self._ended = threading.Event()

    def __iter__(self) -> Iterator[str]:
        """The data of each event, until the answer or `stop` ends it."""
        worker = threading.Thread(target=self._work, name="model-server", daemon=True)
        worker.start()
        try:
            while not self._stop.is_set():
                try:
                    event = self._events.get(timeout=_LOOK_AGAIN_S)
                except queue.Empty:
                    continue
                if event is _END:
                    return
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            self._hang_up()

    def _work(self) -> None:
        url, body, headers = self._request
        try:
            with (
                client(self._timeout) as http,
                http.stream(
                    "POST", url, json=body, headers=headers, extensions={"trace": self._remember}
                ) as response,
            ):
                if response.is_error:
                    response.read()
                    response.raise_for_status()
                for line in response.iter_lines():
                    if line.startswith("data:"):
                        self._events.put(line.removeprefix("data:").strip())
            self._events.put(_END)
        except Exception as error:  # noqa: BLE001 (it is raised again where somebody listens)
            self._events.put(error)

    def _remember(self, event: str, info: Mapping[str, Any]) -> None:
        """Keep the socket: closing a response does not wake a thread that reads from it, this does."""
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            self._sockets.append(info["return_value"].get_extra_info("socket"))
            if self._ended.is_set():
                self._hang_up()

    def _hang_up(self) -> None:
        self._ended.set()
        for connection in self._sockets:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
