"""The memory of the whole program: `keepsake run` with its pages, its index and its model's process.

Counted is what Linux calls PSS (each page by its share of the processes that map it), without the mapped
pages of the model's file and without the bytes of the context, computed from the file's own dimensions.
"""

from pathlib import Path
from typing import Final

from app.models.engine import SIDE_TOKENS
from app.models.gguf_file import read_info
from app.models.llama import DEFAULT_CONTEXT

MB: Final = 2**20


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
