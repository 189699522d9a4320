"""Whether a message brings up something that had faded, so that it comes back.

The bar is high: what faded did so since nothing had needed it, and what comes back for a single common word
would never stay away. Words alone are enough only where the shorter text is wholly in the other one;
otherwise the two must be near in meaning as well as share a word.
"""

from typing import Final

from graphs.memory.lexis import content_words, stems

SHARED: Final = 2
"""Telling words that both must have: one alone, such as a name, stands in too much."""
ENOUGH: Final = 3
"""Telling words of the shorter text that are enough without knowing its meaning."""
NEAR: Final = 0.6
"""Cosine from which all-MiniLM-L6-v2 finds the same thing said in other words (also reconcile.ALIKE)."""
LONGEST: Final = 60
"""Different telling words of a message; a longer one is pasted text, which has a word for everything."""


def brings_up(message: str, memory: str, cosine: float | None = None) -> bool:
    """Whether a message speaks of what a memory says; `cosine` is how near they are, None if unknown."""
    if not shares_enough(message, memory):
        return False
    said, kept = _words(message), _words(memory)
    if len(said & kept) == min(len(said), len(kept)) >= ENOUGH:
        return True
    return cosine is not None and cosine >= NEAR


def shares_enough(message: str, memory: str) -> bool:
    """Whether they share words enough for their meaning to be worth comparing."""
    said = _words(message)
    return len(said) <= LONGEST and len(said & _words(memory)) >= SHARED


def _words(text: str) -> set[str]:
    return stems(content_words(text))
