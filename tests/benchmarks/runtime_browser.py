"""How long until the first word in the browser, over a conversation of forty turns, drawn as a picture.

    .venv/bin/python -m tests.benchmarks.runtime_browser --model FILE [--turns N] [--json OUT] [--svg OUT]

A real Chromium talks with the real program, once as it is and once with the memories in the system prompt. It
says the same in both; what it is answered may differ. After each reply it waits for `--pause` seconds as
somebody who reads and types, in which the program reads ahead. The clock runs in the page: from Enter until
there is text in the reply.

    .venv/bin/python -m tests.benchmarks.runtime_browser --draw OUT.json --svg OUT.svg
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from app.paths import Paths
from graphs.ports import ChatMessage
from tests.benchmarks.chatter import remark
from tests.benchmarks.runtime_plot import drawing
from tests.benchmarks.runtime_store import fill

HERE: Final = "tests.benchmarks.runtime_browser"
WAYS: Final = ("newest", "top")
"""Memories in the newest message, as the program has them, and in the system prompt."""
MEMORIES: Final = 200
PATIENCE_MS: Final = 600_000
CLOCK: Final = """
() => new Promise(done => {
  const begun = performance.now();
  const look = () => document.querySelector('#live .text')
    ? done((performance.now() - begun) / 1000) : requestAnimationFrame(look);
  look();
})
"""


def talk(folder: Path, model: Path, way: str, turns: int, pause: float) -> list[float]:
    """Seconds until the first word of each turn."""
    from playwright.sync_api import sync_playwright

    from tests.browser.program import CHROMIUM, FLAGS, visit

    fill(Paths(folder), MEMORIES)
    with _running(folder, model, way) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            with visit(browser, url) as ida:
                ida.page.set_default_timeout(PATIENCE_MS)
                ida.go("/")
                ida.new()
                return list(_turns(ida, turns, pause))
        finally:
            browser.close()


def _turns(ida: Any, turns: int, pause: float) -> Iterator[float]:
    page = ida.page
    for turn in range(turns):
        ida.box.fill(remark(turn))
        page.wait_for_timeout(1000 * pause)
        page.evaluate(f"() => {{ window.first = ({CLOCK.strip()})() }}")
        ida.box.press("Enter")
        taken = page.evaluate("window.first")
        page.locator("#live [data-busy]").wait_for(state="detached", timeout=PATIENCE_MS)
        print(f"  turn {turn + 1}: {taken:.2f} s, load {os.getloadavg()[0]:.1f}", flush=True)
        yield round(taken, 3)


@contextmanager
def _running(folder: Path, model: Path, way: str) -> Iterator[str]:
    from tests.browser.program import READY

    child = subprocess.Popen(
        [sys.executable, "-m", HERE, "--serve", way, "--model", str(model), "--data", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert child.stdout is not None
    try:
        yield next(line.partition(READY)[2].split()[0] for line in child.stdout if READY in line)
    finally:
        child.terminate()
        child.communicate()


def serve(folder: Path, model: Path, way: str) -> None:
    """The program; for `top` the memories are moved, and nothing is read ahead that would not serve."""
    from app import server
    from app.services.ahead import ReadAhead
    from graphs import turn

    if way == "top":
        plain = turn.compose

        def compose(state: turn.TurnState, runtime: Any) -> dict[str, Any]:
            found = plain(state, runtime)
            said = runtime.context.messages.get(state["message_id"]).text
            return found | {"prompt": at_top(found["prompt"], said)}

        compose.__annotations__ = dict(plain.__annotations__)
        turn.compose = compose
        ReadAhead.soon = lambda self, conversation_id: None  # type: ignore[method-assign]
    server.serve(Paths(folder), host="127.0.0.1", port=None, browser=False, model=str(model))


def at_top(prompt: list[ChatMessage], said: str) -> list[ChatMessage]:
    """A prompt with what stands around the newest words at the end of the system prompt."""
    system, *history, newest = prompt
    notes = newest.content.replace(said, "").strip()
    content = f"{system.content}\n\n{notes}" if notes else system.content
    return [replace(system, content=content), *history, replace(newest, content=said)]


def measure(model: Path, turns: int, pause: float) -> dict[str, Any]:
    """Both ways, one after the other."""
    found: dict[str, Any] = {"model": model.stem, "turns": turns, "pause_s": pause}
    for way in WAYS:
        print(f"memories in {'the newest message' if way == 'newest' else 'the system prompt'}", flush=True)
        with TemporaryDirectory() as folder:
            found[way] = talk(Path(folder), model, way, turns, pause)
    return found


def main() -> None:
    """Read the arguments, run, draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, help="a GGUF file")
    parser.add_argument("--turns", type=int, default=40)
    parser.add_argument("--pause", type=float, default=8.0, help="seconds of reading and typing")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--svg", type=Path, help="draw the picture here")
    parser.add_argument("--draw", type=Path, help="only draw figures that were written before")
    parser.add_argument("--serve", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.data, arguments.model, arguments.serve)
        return
    found: Mapping[str, Any]
    if arguments.draw:
        found = json.loads(arguments.draw.read_text(encoding="utf-8"))
    else:
        found = measure(arguments.model, arguments.turns, arguments.pause)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    if arguments.svg:
        arguments.svg.write_text(drawing(found), encoding="utf-8")


if __name__ == "__main__":
    main()
