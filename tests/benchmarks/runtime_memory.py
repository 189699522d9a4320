"""The memory of the whole program: `keepsake run` with its pages, its index and its model's process.

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
    """Megabytes of the two processes beyond the model's file and its context."""
    (mine, _), (other, mapped) = held(program, model), held(worker, model)
    file, context = model.stat().st_size, context_bytes(model)
    return {
        "program": mine / MB,
        "model_process": (other + mapped) / MB,
        "file": file / MB,
        "context": context / MB,
        "whole": (mine + other + mapped - file - context) / MB,
    }


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
