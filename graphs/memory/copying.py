"""Texts that repeat another nearly word for word: with one thing changed, or the same once more.

Poison likes to borrow the wording of what a person told, so that it stands right beside it, and to come in
many copies. Compared are words in their order, not meaning: an honest file seldom says a thing as they did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise
from typing import Final

from graphs.memory import lexis
from graphs.memory.consensus import Objection, Signal

LIKENESS: Final = 0.6
"""Share of a text's words that stand in the other in the same order, at least two in a row."""
FEWEST: Final = 4
"""So many must; fewer are a phrase that anybody uses."""
LIKELY: Final = 0.4
"""Share of its neighbouring pairs of words from which it is worth a closer look."""
FEWEST_TELLING: Final = 3
"""Telling words among them; "thanks, that means a lot to me" is nobody's in particular."""
FREE: Final = lexis.STOP_WORDS - lexis.word_set(
    "before after under over above below between on off in out with without all few more most only once"
    " both always never"
)
"""Words that change nothing where they are exchanged."""
SMALL_TALK: Final = lexis.word_set(
    "mean means thanks thank appreciate kind words support talk know let need help great good nice time day"
    " glad happy here take care worries problem sounds hear see cool"
)
"""Words of which talk is full whoever talks."""
CHANGED: Final = "it repeats what you told, with something in it changed"
SAME_CHANGE: Final = "it holds what another note put in the place of what you told"
NOTHING: Final[frozenset[str]] = frozenset()
SHORT_NUMBER: Final = 2
"""Digits of a number that means nothing by itself."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as words in their order."""

    words: tuple[str, ...]
    stems: tuple[str, ...]
    """Of the words, in the same places; numbers as digits."""
    pairs: frozenset[tuple[str, str]]
    """Of stems side by side."""


@lru_cache(maxsize=4096)
def wording(text: str) -> Wording:
    """A text, taken apart once."""
    words = tuple(lexis.tokens(text))
    stems = tuple(map(lexis.stem, words))
    return Wording(words, stems, frozenset(pairwise(stems)))


def is_changed_copy(text: str, of: str) -> bool:
    """Whether a text says another once more, with something in it exchanged: a value, a name, a denial."""
    return bool(exchanged(text, of))


def exchanged(text: str, of: str) -> frozenset[str]:
    """The words that a changed copy puts in the place of others; none where it is no such copy."""
    mine, theirs = wording(text), wording(of)
    if not _may_copy(mine, theirs):
        return NOTHING
    codes = SequenceMatcher(None, theirs.stems, mine.stems, autojunk=False).get_opcodes()
    runs = [theirs.words[begin:end] for tag, begin, end, _, _ in codes if tag == "equal" and end - begin > 1]
    kept = [word for run in runs for word in run]
    if len(kept) < max(FEWEST, LIKENESS * len(theirs.words)) or not _tells(kept):
        return NOTHING
    return frozenset(
        word
        for tag, begin, end, start, stop in codes
        if _is_exchange(tag, theirs.words[begin:end], mine.words[start:stop])
        for word in mine.words[start:stop]
    )


def objections(open_ones: Mapping[str, str], told: Mapping[str, str], query: str) -> Mapping[str, Objection]:
    """By id, which memories repeat what was told with something changed, or hold what one of those put in.

    `open_ones` and `told` are texts by id.
    """
    found: dict[str, Objection] = {}
    put_in: set[str] = set()
    for memory_id, text in open_ones.items():
        for told_id, of in told.items():
            words = exchanged(text, of)
            if words:
                found[memory_id] = Objection(CHANGED, frozenset({Signal.CONFLICT}), told_id)
                put_in |= {word for word in words if word in lexis.names(text) or _is_long_number(word)}
                break
    put_in -= set(lexis.tokens(query)).union(*(wording(of).words for of in told.values()))
    for memory_id, text in open_ones.items():
        if memory_id not in found and put_in.intersection(wording(text).words):
            found[memory_id] = Objection(SAME_CHANGE, frozenset({Signal.COMPANY}))
    return found


def is_same_again(text: str, of: str) -> bool:
    """Whether a text says what another says, nearly in its words, with the same names and numbers."""
    mine, theirs = wording(text), wording(of)
    if len(mine.pairs & theirs.pairs) < LIKENESS * max(len(mine.pairs), len(theirs.pairs)):
        return False
    same_values = lexis.numbers(text) == lexis.numbers(of) and lexis.names(text) == lexis.names(of)
    return same_values and _tells([word for word in mine.words if word in theirs.words])


def _may_copy(mine: Wording, theirs: Wording) -> bool:
    shared = len(mine.pairs & theirs.pairs)
    return shared >= FEWEST - 2 and shared >= LIKELY * len(theirs.pairs)


def _tells(words: Sequence[str]) -> bool:
    telling = {word for word in words if word not in lexis.STOP_WORDS and word not in SMALL_TALK}
    return len(telling) >= FEWEST_TELLING


def _is_exchange(tag: str, old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether a place in which two texts differ changes what is said."""
    if tag == "insert":
        return lexis.negations(" ".join(new)) > 0
    return tag == "replace" and bool(set(old) - FREE) and bool(set(new) - FREE)


def _is_long_number(word: str) -> bool:
    return word[0].isdigit() and len(word) > SHORT_NUMBER
