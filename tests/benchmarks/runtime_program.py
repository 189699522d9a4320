"""Rows about the whole program: `keepsake run` in a process of its own, with its pages, jobs and model.

    python -m tests.benchmarks.runtime_program FOLDER MODEL TURNS CRASHES

serves as `keepsake run` does, takes some turns, and says what it measured in lines of JSON: first where the
time of a turn goes, then, after a line on its input, what became of crashes in the middle of a reply.
"""

import functools
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from app.instance import InstanceLock
from app.paths import Paths
from tests.benchmarks.chatter import remark
from tests.benchmarks.runtime_figures import GO, Row, middle
from tests.benchmarks.runtime_memory import beyond
from tests.benchmarks.runtime_store import fill

HERE: Final = "tests.benchmarks.runtime_program"
STAGES: Final = (
    *("embed", "recall", "rank", "guard_light", "compose", "first_token", "rest", "attribute", "record"),
)
WARM_UP: Final = 2
"""Turns that are not counted."""
A_TALK, A_PERSONA = 2, 10
"""Crashes in one conversation, and with one persona: so that little has to be read each time."""
WORDS: Final = 8
"""A reply after a crash is stopped after so many pieces."""
QUIET_S: Final = 20.0
log = logging.getLogger(__name__)


def measure(
    folder: Path, model: Path, *, memories: int, turns: int, crashes: int
) -> tuple[dict[str, float], dict[str, Any]]:
    """Megabytes by part, and what the program said of itself."""
    fill(Paths(folder), memories)
    told: dict[str, Any] = {}
    with _running(folder, model, turns, crashes) as (process, lines):
        told |= next(lines)
        megabytes = beyond(process.pid, told["worker"], model)
        if crashes:
            assert process.stdin is not None
            process.stdin.write("crash\n")
            process.stdin.flush()
            told |= next(lines)
    return megabytes, told


def rows(told: dict[str, Any], crashes: int, *, quick: bool) -> dict[str, Row]:
    """The rows of what the program said of itself."""
    fewest = min(told["clear"], told["kept"], told["fine"])
    beside = {name: told[name] for name in ("clear", "lost", "fine")}
    note = f"{crashes} tries; a full run makes 100" if quick else ""
    return {
        "crashes": Row(fewest, crashes, at_most=False, beside=beside, note=note),
        "before_first_token_ms": Row(told["before"], 60, at_most=True),
    }


@contextmanager
def _running(
    folder: Path, model: Path, turns: int, crashes: int
) -> Iterator[tuple["subprocess.Popen[str]", Iterator[dict[str, Any]]]]:
    child = subprocess.Popen(
        [sys.executable, "-m", HERE, str(folder), str(model), str(turns), str(crashes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    try:
        yield child, (json.loads(line) for line in child.stdout if line.startswith("{"))
    finally:
        child.send_signal(signal.SIGINT)
        child.wait()


class Watch:
    """Times the stages of turns, and when the model's process is asked to begin."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        """Milliseconds of the turn under way, by stage."""
        self.asked_at = 0.0
        self._here = threading.local()
        """Each thread's stage."""

    def over_the_graph(self) -> None:
        """Have the nodes of the turn's graph, and the embedding of what was said, timed."""
        from app.services.finder import Finder
        from graphs import turn

        for name in ("recall", "rank", "guard", "compose", "reply", "attribute", "record"):
            setattr(turn, name, self._timed(getattr(turn, name), name))
        embed = self._timed(Finder.embed, "embed")
        plain = Finder.embed

        def embedding(*given: Any, **named: Any) -> Any:
            in_recall = getattr(self._here, "stage", "") == "recall"
            return (embed if in_recall else plain)(*given, **named)

        Finder.embed = embedding  # type: ignore[method-assign]

    def over_the_model(self, model: Any) -> None:
        """Have it noted when the model begins."""
        stream = model.stream

        def noting(*given: Any, **named: Any) -> Any:
            self.asked_at = time.perf_counter()
            return stream(*given, **named)

        model.stream = noting

    def stages(self, first_token: float) -> dict[str, float]:
        """Milliseconds of the turn that is over."""
        spent = dict(self.spent)
        spent["recall"] -= spent.get("embed", 0.0)
        spent["first_token"], spent["guard_light"] = first_token, spent.pop("guard")
        spent["rest"] = spent.pop("reply") - first_token
        return {name: spent.get(name, 0.0) for name in STAGES}

    def _timed(self, work: Callable[..., Any], name: str) -> Callable[..., Any]:
        @functools.wraps(work)
        def timed(*given: Any, **named: Any) -> Any:
            before, self._here.stage = getattr(self._here, "stage", ""), name
            begun = time.perf_counter()
            try:
                return work(*given, **named)
            finally:
                self._here.stage = before
                self.spent[name] += 1000 * (time.perf_counter() - begun)

        return timed


def main(folder: str, model: str, turns: str, crashes: str) -> None:
    """Serve, and talk from within."""
    from app import server, wiring

    build, watch = wiring.build_services, Watch()
    watch.over_the_graph()

    def building(*given: Any, **named: Any) -> wiring.Services:
        services = build(*given, **named)
        talking = threading.Thread(
            target=_talk, args=(services, watch, int(turns), int(crashes)), daemon=True
        )
        talking.start()
        return services

    wiring.build_services = building
    server.serve(Paths(Path(folder)), host="127.0.0.1", port=None, browser=False, model=model)


def _talk(services: Any, watch: Watch, turns: int, crashes: int) -> None:
    try:
        while services.index.state().state != "ready" or services.models.current().state != "ready":
            time.sleep(0.1)
        watch.over_the_model(services.models.model()._model)
        _say(**_turns(services, watch, turns), worker=services.models.model()._model.pid)
        sys.stdin.readline()
        logging.disable(logging.ERROR)  # crashes are meant here
        _say(**_crashes(services, crashes))
    except BaseException:
        log.exception("the run broke off")
        os._exit(1)


def _say(**fields: Any) -> None:
    print(json.dumps(fields), flush=True)


def _turns(services: Any, watch: Watch, turns: int) -> dict[str, Any]:
    """Median milliseconds by stage, and from the sending until the model is asked."""
    holder = InstanceLock(services.paths.lock).holder()
    assert holder is not None
    urllib.request.urlopen(holder.url).read()
    for persona in services.personas.list():
        services.personas.save(replace(persona, reply_length="short"))
    conversation = services.chat.start(services.personas.list()[0].id).id
    stages: list[dict[str, float]] = []
    before: list[float] = []
    for number in range(turns):
        _quiet(services)
        watch.spent.clear()
        begun = time.perf_counter()
        list(services.chat.send(conversation, remark(number)))
        reply = services.chat.open(conversation)[-1]
        if number >= WARM_UP:
            before.append(1000 * (watch.asked_at - begun))
            stages.append(watch.stages(services.chat.why(reply.id).timing["first_token"]))
    median = {name: round(middle([one[name] for one in stages]), 1) for name in STAGES}
    return {"stages": median, "before": round(middle(before), 1), "before_most": round(max(before), 1)}


def _quiet(services: Any) -> None:
    """Wait as somebody who reads and types: what is new is taken in, and read ahead."""
    end = time.monotonic() + QUIET_S
    while services.index.state().pending and time.monotonic() < end:
        time.sleep(0.05)
    services.models.model().keep(GO)


def _crashes(services: Any, count: int) -> dict[str, int]:
    """Say something and kill the model's process at the first word; then try again."""
    found = dict.fromkeys(("clear", "kept", "fine"), 0)
    conversation = ""
    for number in range(count):
        if number % A_PERSONA == 0:
            persona = services.personas.create(f"Wick {number}", reply_length="short")
        if number % A_TALK == 0:
            conversation = services.chat.start(persona.id).id
        said = f"{remark(number)} ({number})"
        found["clear"] += "broke down" in _crash(services, conversation, said)
        found["kept"] += any(view.text == said for view in services.chat.open(conversation))
        found["fine"] += _fine(services, conversation)
    return found | {"lost": count - found["kept"]}


def _crash(services: Any, conversation: str, said: str) -> str:
    """What the person is told."""
    killed = told = ""
    for event in services.chat.send(conversation, said):
        kind = type(event).__name__
        if kind == "Token" and not killed:
            killed = "yes"
            os.kill(services.models.model()._model.pid, signal.SIGSEGV)
        if kind == "Failed":
            told = str(event.message)
    return told


def _fine(services: Any, conversation: str) -> bool:
    """Whether the next try gives words, which are kept."""
    words = 0
    for event in services.chat.retry(conversation):
        kind = type(event).__name__
        words += kind == "Token"
        if words == WORDS:
            services.chat.stop(conversation)
        if kind == "Failed":
            return False
    return words > 0 and bool(services.chat.open(conversation)[-1].text)


if __name__ == "__main__":
    main(*sys.argv[1:])
