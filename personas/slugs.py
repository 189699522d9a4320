"""Ids for personas: short, plain, fit for a file name and for an index collection's name."""

import re
import unicodedata
from collections.abc import Collection

LONGEST = 40
NAMELESS = "persona"


def slug(name: str, taken: Collection[str] = ()) -> str:
    """An id like `mira` or `mira-2` that is not among `taken`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST].strip("-") or NAMELESS
    number, candidate = 1, base
    while candidate in taken:
        number += 1
        candidate = f"{base}-{number}"
    return candidate
