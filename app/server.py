"""`keepsake run`: takes the folder and the port, serves the pages, and ends without losing anything."""

import logging
import os
import signal
import socket
import sys
import time
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app import allocator
from app.instance import InstanceLock
from app.passwords import PasswordGate, hashed
from app.paths import Paths
from app.settings import Settings, load_settings
from personas.errors import SetupError

if TYPE_CHECKING:
    import uvicorn


FIRST_PORT, PORTS = 7860, 40
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
INTERRUPTED = 130
log = logging.getLogger(__name__)


def serve(paths: Paths, *, host: str, port: int | None, browser: bool, model: str | None) -> int:
    """Serve until told to end; gives the exit code.

    Raises SetupError where the folder or the port is taken, or a password is missing.
    """
    allocator.be_sparing()
    settings = load_settings(paths.settings)
    gate = password_gate(settings, host)
    lock = InstanceLock(paths.lock)
    claim(lock)
    try:
        listener = listen(host, port)
        with listener:
            return _serve(paths, settings, lock, listener, host=host, gate=gate, browser=browser, model=model)
    finally:
        lock.release()


def _serve(
    paths: Paths,
    settings: Settings,
    lock: InstanceLock,
    listener: socket.socket,
    *,
    host: str,
    gate: PasswordGate | None,
    browser: bool,
    model: str | None,
) -> int:
    from app.wiring import build_services

    _quiet_gradio(paths.temp)
    services = build_services(paths, settings, model=model, lock=lock)
    try:
        from app.web import build_app, clear_temp

        clear_temp(paths.temp)
        app = build_app(services, lock, host=host, gate=gate)
        url = address(host, listener)

        def ready() -> None:
            lock.announce(url)
            click.echo(f"Keepsake is at {url}  (Ctrl+C ends it)")
            services.start_background()
            if browser and _has_browser():
                webbrowser.open(url)

        return _run(_server(app, ready, services.stop_work), listener)
    finally:
        services.close()


def claim(lock: InstanceLock) -> None:
    """Take the data folder, or say who has it. Raises SetupError."""
    if lock.acquire("run"):
        return
    holder = lock.holder()
    if holder and holder.url:
        raise SetupError(
            f"Keepsake is already running with this data folder, at {holder.url}.", "Open that address."
        )
    who = f"keepsake {holder.command} (process {holder.pid})" if holder else "another Keepsake"
    raise SetupError(f"The data folder is in use by {who}.", "Let it finish, or choose another with --data.")


def password_gate(settings: Settings, host: str) -> PasswordGate | None:
    """What asks for the password; needed beyond this machine. Raises SetupError where it is missing."""
    given = os.environ.get("KEEPSAKE_PASSWORD", "")
    kept = hashed(given) if given else settings.server.password_hash
    if not kept and host not in LOOPBACK:
        raise SetupError(
            f"Keepsake is only served beyond this machine (--host {host}) with a password.",
            "Set one in KEEPSAKE_PASSWORD or on the Settings page.",
        )
    return PasswordGate(kept, time.monotonic) if kept else None


def listen(host: str, port: int | None) -> socket.socket:
    """A socket on the port, or on the first free one from 7860. Raises SetupError."""
    tried = [port] if port else list(range(FIRST_PORT, FIRST_PORT + PORTS))
    problem: OSError | None = None
    for number in tried:
        try:
            return _bind(host, number)
        except OSError as error:
            problem = error
    which = f"Port {port} is" if port else f"The ports {tried[0]} to {tried[-1]} are"
    detail = (problem.strerror or str(problem)).lower() if problem else ""
    raise SetupError(f"{which} not to be had on {host}: {detail}.", "Choose another with --port.")


def _bind(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(place)
        bound.listen(128)  # so that a second program finds the port taken before this one is ready
    except OSError:
        bound.close()
        raise
    return bound


def address(host: str, listener: socket.socket) -> str:
    """Where to point a browser."""
    port = listener.getsockname()[1]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)  # noqa: S104
    return f"http://{shown}:{port}"


def _server(app: object, ready: Callable[[], None], stop_work: Callable[[], None]) -> "uvicorn.Server":
    import uvicorn

    class Server(uvicorn.Server):
        """Says when it answers, and stops work under way before it waits for open connections."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            stop_work()
            logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # pages still open are cut off
            await super().shutdown(sockets)

    return Server(
        uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2, ws="none")  # type: ignore[arg-type]
    )


def _run(server: "uvicorn.Server", listener: socket.socket) -> int:
    """Serve, and leave by the front door whichever signal came."""
    came: list[int] = []
    before = {
        number: signal.signal(number, lambda got, _frame: came.append(got))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        server.run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return INTERRUPTED if signal.SIGINT in came else 0


def _quiet_gradio(temp: Path) -> None:
    """Gradio fetches nothing, tells nobody, and keeps uploads inside the data folder."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_TEMP_DIR"] = str(temp)
    os.environ["GRADIO_SHARE"] = "False"


def _has_browser() -> bool:
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True
