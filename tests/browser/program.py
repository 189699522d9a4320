"""The program as a process, and a browser that looks at it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READY = "Keepsake is at "
PATIENCE_MS = 90_000
"""A reply of the starter on a busy machine."""


class Program:
    """`keepsake run` over one data folder, on one port, to be started again and again."""

    def __init__(self, data: Path, model: str | None = None) -> None:
        self.data = data
        self.model = model
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> "Program":
        """Returns as soon as it says that it answers."""
        command = [sys.executable, "-m", "app", "run", "--no-browser", "--port", str(self.port)]
        command += ["--data", str(self.data), *(["--model", self.model] if self.model else [])]
        self._process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if READY in line:
                return self
        raise AssertionError("".join(said))

    def end(self) -> None:
        """As Ctrl+C ends it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.communicate(timeout=60)
            self._process = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Visitor:
    """A person at the pages. Notes each request that leaves the machine and each error of the page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.elsewhere: list[str] = []
        self.errors: list[str] = []
        self.dialogs: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", self._dismiss)

    def _note(self, request: object) -> None:
        address: str = getattr(request, "url", "")
        if not address.startswith((self.url, "data:", "blob:")):
            self.elsewhere.append(address)

    def _dismiss(self, dialog: object) -> None:
        self.dialogs.append(str(getattr(dialog, "message", "")))
        getattr(dialog, "dismiss")()  # noqa: B009 - playwright's types are not checked here

    def go(self, path: str = "/", ready: str = "") -> None:
        """Open a page and wait until it is filled."""
        self.page.goto(self.url + path)
        page = path.split("?", maxsplit=1)[0].strip("/")
        self.page.locator(ready or FILLED[page]).first.wait_for()

    def say(self, text: str) -> None:
        """Say something, and see that the reply begins."""
        self.box.fill(text)
        self.box.press("Enter")
        expect(self.page.locator("#live .bubble, #talk .bubble").last).to_have_text(text)

    def hear(self) -> str:
        """Wait for the end of the reply."""
        expect(self.page.locator("#live [data-busy]")).to_have_count(0)
        self.page.locator("#talk .under").last.wait_for()
        return self.page.locator("#talk .msg .text").last.inner_text()

    def new(self) -> None:
        """Begin a new conversation."""
        before = self.page.url
        self.page.keyboard.press("Control+k")
        self.page.wait_for_url(lambda url: url != before)

    @property
    def box(self) -> Locator:
        """The message box."""
        return self.page.locator("#composer textarea")

    def notice(self, text: str) -> None:
        """See a message."""
        expect(self.page.locator("#notice .said")).to_contain_text(text)


FILLED = {
    "": "#talk .msg",
    "memory": "#listing .memories, #listing .nothing",
    "personas": "#persona form",
    "model": "#catalogue .models",
    "settings": "#data .path",
}


@contextmanager
def visit(browser: Browser, url: str, *, phone: bool = False, dark: bool = False) -> Iterator[Visitor]:
    """A fresh visitor, with nothing kept from another."""
    context: BrowserContext = browser.new_context(
        viewport={"width": 390, "height": 844} if phone else {"width": 1440, "height": 900},
        color_scheme="dark" if dark else "light",
        has_touch=phone,
    )
    try:
        yield Visitor(context.new_page(), url)
    finally:
        context.close()
