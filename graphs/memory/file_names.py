"""Names of files and of speakers, which others chose, as they may stand in a prompt.

A name is as little to be trusted as what is in the file: "told by her.jsonl" or one with the program's own
marks must not pass for a word of the program. So it is cut to a few plain characters and stands in a place
of its own.
"""

import re
import unicodedata
from typing import Final

from graphs.memory.commanding import CONTROL

LONGEST: Final = 40
"""Characters of a name; of a longer one the middle goes, so that its ending still tells what it is."""
PLAIN: Final = re.compile(r"[^\w .&'+-]+")
GAP: Final = "…"


def plain_name(name: str) -> str:
    """A name without marks, brackets, quotes and line breaks, and not too long; may be empty."""
    text = unicodedata.normalize("NFC", name)
    bare = None
    while bare != text:  # taking one mark out may leave another
        bare = text
        text = CONTROL.sub(" ", text)
    flat = " ".join(PLAIN.sub(" ", text).split()).strip(" .-'")
    if len(flat) <= LONGEST:
        return flat
    half = (LONGEST - len(GAP)) // 2
    return f"{flat[:half].rstrip()}{GAP}{flat[-half:].lstrip()}"
