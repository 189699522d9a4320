"""The memory of the whole program: `keepsake run` with its pages, its index and its model's process.

Counted is what Linux calls PSS (each page by its share of the processes that map it), without the mapped
pages of the model's file and without the bytes of the context, computed from the file's own dimensions.
"""

import json
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any, Final

from app.instance import InstanceLock
from app.models.engine import SIDE_TOKENS
from app.models.gguf_file import read_info
from app.models.llama import DEFAULT_CONTEXT
from app.paths import Paths
from tests.benchmarks.chatter import remark

MB: Final = 2**20
TURNS: Final = 6
HERE: Final = "tests.benchmarks.runtime_memory"


def measure(folder: Path, model: Path) -> dict[str, float]:
    """Megabytes by part after some turns, with a page asked for."""
    child = subprocess.Popen(
        [sys.executable, "-m", HERE, str(folder), str(model)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith("{"):
                return beyond(child.pid, json.loads(line)["worker"], model)
        raise RuntimeError("The program ended before it had been measured.")
    finally:
        child.kill()
        child.wait()


def beyond(program: int, worker: int, model: Path) -> dict[str, float]:
    """Megabytes of the two processes beyond the model's file and its context."""
    mine, _ = pss(program, model)
    other, file = pss(worker, model)
    context = context_bytes(model)
    return {
        "program": mine / MB,
        "model_process": (other - context) / MB,
        "file": file / MB,
        "context": context / MB,
        "whole": (mine + other - context) / MB,
    }


def pss(process: int, model: Path) -> tuple[int, int]:
    """Bytes of a process without those of a file, and those of the file."""
    own = file = 0
    of_file = False
    for line in Path(f"/proc/{process}/smaps").read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition(":")
        if "-" in name and " " in name:
            of_file = line.endswith(str(model.resolve()))
        elif name == "Pss":
            kilobytes = int(rest.split()[0])
            file += kilobytes * 1024 * of_file
            own += kilobytes * 1024 * (not of_file)
    return own, file


def context_bytes(model: Path) -> int:
    """Of keys and values, as the model's process makes room for them."""
    info = read_info(model)
    return info.memory_bytes(min(DEFAULT_CONTEXT, info.context_tokens) + SIDE_TOKENS) - info.size_bytes


def main(folder: str, model: str) -> None:
    """Serve as `keepsake run` does, take some turns, say the id of the model's process, and wait."""
    from app import server, wiring

    build = wiring.build_services

    def building(*given: Any, **named: Any) -> wiring.Services:
        services = build(*given, **named)
        threading.Thread(target=_talk, args=(services,), daemon=True).start()
        return services

    wiring.build_services = building  # type: ignore[assignment]
    server.serve(Paths(Path(folder)), host="127.0.0.1", port=None, browser=False, model=model)


def _talk(services: Any) -> None:
    persona = services.personas.list()[0]
    while services.index.state().state != "ready" or services.models.current().state != "ready":
        time.sleep(0.2)
    conversation = services.chat.start(persona.id)
    for number in range(TURNS):
        ended = [type(event).__name__ for event in services.chat.send(conversation.id, remark(number))][-1]
    holder = InstanceLock(services.paths.lock).holder()
    assert holder is not None
    urllib.request.urlopen(holder.url).read()
    print(json.dumps({"worker": services.models.model()._model.pid, "ended": ended}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
