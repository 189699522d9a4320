"""What kind of line a text is, whatever it is about: how long, a question, about oneself, with a time in it.

Once per text: the same lines come up as candidates again and again.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from graphs.memory.dating import MONTHS, WEEKDAYS

ONESELF: Final = re.compile(r"\b(?:i|me|my|mine|myself|we|us|our|ours)\b", re.IGNORECASE)
TIME: Final = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|ago|last|next|soon|since|recently|just"
    rf"|(?:week|month|year|weekend|{'|'.join([*MONTHS, *WEEKDAYS])})s?)\b",
    re.IGNORECASE,
)
"""Wider than the phrases that dating resolves: whatever tells roughly when."""
REMEMBERED: Final = 20_000
"""Texts; some megabytes."""


class Form(NamedTuple):
    """A text's outward features."""

    length: int
    """In words."""
    is_question: bool
    """Whether its last sentence is one."""
    about_oneself: bool
    """Whether the speaker speaks of themselves."""
    tells_when: bool
    """Whether a time is named in it."""


@lru_cache(maxsize=REMEMBERED)
def form_of(text: str) -> Form:
    """The features of a text."""
    return Form(
        length=text.count(" ") + 1,
        is_question=text.rstrip().endswith("?"),
        about_oneself=ONESELF.search(text) is not None,
        tells_when=TIME.search(text) is not None,
    )
