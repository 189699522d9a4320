"""What kind of line a text is, whatever it is about: how long, a question, about oneself, with a time in it.

By whole words, since a hundred texts are looked at in each search; and once per text, since the same lines
come up as candidates again and again.
"""

from functools import lru_cache
from string import punctuation
from typing import Final, NamedTuple

from graphs.memory.dating import MONTHS, WEEKDAYS
from graphs.memory.lexis import APOSTROPHES, word_set

ONESELF: Final = word_set("i me my mine myself we us our ours")
_PERIODS: Final = ["week", "month", "year", "weekend", *(name.lower() for name in [*MONTHS, *WEEKDAYS])]
TIME: Final = word_set("yesterday today tonight tomorrow ago last next soon since recently just").union(
    _PERIODS, (f"{period}s" for period in _PERIODS)
)
"""Wider than the phrases that dating resolves: whatever tells roughly when."""
APART: Final = str.maketrans(dict.fromkeys([*punctuation, *map(chr, APOSTROPHES)], " "))
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
    words = text.lower().translate(APART).split()
    return Form(
        text.count(" ") + 1,
        text.rstrip().endswith("?"),
        not ONESELF.isdisjoint(words),
        not TIME.isdisjoint(words),
    )
