"""The memory of the whole program: `keepsake run` with its pages, its index and its models' processes.

Counted is what Linux calls PSS (each page by its share of the processes that map it), but the mapped pages of
the model's file count whole, also where other programs map them; from the sum go the bytes of the file and
those of the context, computed from the file's own dimensions.
"""

from pathlib import Path
from typing import Final

from app.models.engine import SIDE_TOKENS
from app.models.gguf_file import read_info
from app.models.llama import DEFAULT_CONTEXT

MB: Final = 2**20


def beyond(program: int, worker: int, model: Path) -> dict[str, float]:
    """Megabytes of the program and all its processes beyond the model's file and its context."""
    sizes = {process: sum(held(process, model)) for process in family(program)}
    file, context = model.stat().st_size, context_bytes(model)
    others = sum(size for process, size in sizes.items() if process not in {program, worker})
    return {
        "program": sizes[program] / MB,
        "model_process": sizes[worker] / MB,
        "other_processes": others / MB,
        "file": file / MB,
        "context": context / MB,
        "whole": (sum(sizes.values()) - file - context) / MB,
    }


def family(process: int) -> list[int]:
    """A process and all that come of it."""
    lines = [file.read_text(encoding="ascii") for file in Path(f"/proc/{process}/task").glob("*/children")]
    return [process, *(one for line in lines for child in line.split() for one in family(int(child)))]


def held(process: int, model: Path) -> tuple[int, int]:
    """Bytes of a process without those of a file, and those of the file that it has mapped."""
    own = file = 0
    of_file = False
    for line in Path(f"/proc/{process}/smaps").read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition(":")
        if "-" in name and " " in name:
            of_file = line.endswith(str(model.resolve()))
        elif name == "Rss" and of_file:
            file += 1024 * int(rest.split()[0])
        elif name == "Pss" and not of_file:
            own += 1024 * int(rest.split()[0])
    return own, file


def context_bytes(model: Path) -> int:
    """Of keys and values, as the model's process makes room for them."""
    info = read_info(model)
    return info.memory_bytes(min(DEFAULT_CONTEXT, info.context_tokens) + SIDE_TOKENS) - info.size_bytes
