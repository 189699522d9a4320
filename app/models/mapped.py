"""The mapped pages of a model's file, let go of once it is loaded.

llama.cpp reads all of the file, and keeps a copy of many weights in an order of its own that is quicker to
reckon with. The pages that it reads again come back by themselves; the others only made the process of a
model of 1.1 GB hold 2 GB.
"""

import ctypes
import re
from pathlib import Path
from typing import Final

DONT_NEED: Final = 4
"""MADV_DONTNEED on Linux: a page of a file that nobody has written to is read anew where it is asked for."""
LINE: Final = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) r-.. \S+ \S+ \S+ +(.*)$", re.MULTILINE)
"""Of /proc/self/maps: what may be read and not written."""


def let_go(path: Path) -> int:
    """Unmap a file's pages for now, and say how many bytes of it are mapped; 0 where there is no /proc."""
    try:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="surrogateescape")
        name = str(path.resolve())
    except OSError:
        return 0
    ranges = [(int(found[1], 16), int(found[2], 16)) for found in LINE.finditer(maps) if found[3] == name]
    library = ctypes.CDLL(None)
    for start, end in ranges:
        library.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), DONT_NEED)
    return sum(end - start for start, end in ranges)
