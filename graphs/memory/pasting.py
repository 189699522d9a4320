"""Which parts of a message are not the person's own words: pasted, quoted, forwarded, dictated by another.

Only the form tells it, never what it says: marks of quotation, of mail and of lists, words by which
something is handed on, a voice that speaks about "the user" or about whoever answers, another language than
the person's.
What is judged here is done once, when a message is stored, and kept as the memory's trust.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from graphs.memory.languages import language, told_apart
from graphs.memory.pasting_patterns import (
    ABOUT_A_CLIENT,
    ABOUT_THE_USER,
    ABOUT_WHO_ANSWERS,
    ADDRESS,
    FORWARDED,
    ITEM,
    LABELLED,
    LETTER,
    MARKUP,
    OWN_ADDRESS,
    PASTED_IT,
    PASTING,
    QUOTATION,
    RETOLD,
    RULE,
    SAVED,
    SAYS_I,
    SHOUTING,
    TEXT_BEFORE,
)
from graphs.memory.sentences import FENCE, FEWEST_SELF, HEADER, LONG_MESSAGE, QUOTED_LINE, SELF, Span

Others = Callable[[], Sequence[str]]
"""Some of what the person said before, fetched only where it is needed."""
FEWEST_QUOTED: Final = 7
"""Words in quotation marks from which they are a text and not a title or what somebody said in passing."""
MOST_RETOLD: Final = 25
"""Words in quotation marks behind "he said" up to which they are what somebody said, retold."""
FEWEST_LISTED: Final = 3
"""Lines that begin as items do."""
FEWEST_HANDED: Final = 6
"""Words that must follow "here is the text:" for there to be a text."""
FEWEST_FOREIGN: Final = 8
"""Words from which a language is told with some certainty."""
LONG: Final = 350
"""Characters above which a message without a single I or my is hardly one's own news."""

SILENT_I: Final = frozenset({"es", "it", "pt", "pl"})
"""Languages that say who acts by the verb alone."""


def nothing() -> Sequence[str]:
    """The person said nothing before."""
    return ()


@dataclass(frozen=True, slots=True)
class Pasted:
    """What of a message is pasted, and by what that shows."""

    reason: str
    spans: tuple[Span, ...]
    """The parts; the whole where nothing of it is the person's own."""


def look(text: str, others: Others = nothing) -> Pasted | None:
    """What of a message is pasted; None where all of it is the person's own.

    `others` gives some of what the person said before, to know their language by.
    """
    whole = ((0, len(text)),)
    for reason in _voices(text, others):
        return Pasted(reason, whole)
    for reason, spans in _parts(text):
        return Pasted(reason, tuple(spans))
    return None


def is_pasted(text: str, quote: str, others: Others = nothing) -> bool:
    """Whether some words of a message stand in what is pasted of it."""
    found = look(text, others)
    if found is None:
        return False
    start = text.find(quote)
    if start < 0:
        return True
    return any(begin < start + len(quote) and start < end for begin, end in found.spans)


def _voices(text: str, others: Others) -> Iterator[str]:
    """Why the whole of it is in another's voice."""
    own = _says_i(text)
    if ABOUT_WHO_ANSWERS.search(text):
        yield "it speaks of whoever answers as of a third"
    if ABOUT_THE_USER.search(text) and not own:
        yield "it speaks of you as of a third"
    if not own and (ABOUT_A_CLIENT.search(text) and RULE.search(text)):
        yield "it speaks of you as of a third"
    if len(text) > LONG_MESSAGE and _self_share(text) < FEWEST_SELF:
        yield "it is long and hardly says I"
    if len(text) > LONG and not own and language(text) not in SILENT_I:
        yield "it is long and never says I"
    if SHOUTING.search(text) and RULE.search(text):
        yield "it is written as a notice"
    if len(text.split()) >= FEWEST_FOREIGN and told_apart(text, others()):
        yield "it is in another language than yours"


def _parts(text: str) -> Iterator[tuple[str, list[Span]]]:
    """Which parts show by their form that they come from elsewhere, and why."""
    quoted = [match.span() for match in QUOTATION.finditer(text) if not _is_own(text, match)]
    if quoted:
        yield "it quotes a text", quoted
    handed = [
        (match.start(), len(text))
        for pattern in (PASTING, SAVED, TEXT_BEFORE)
        for match in pattern.finditer(text)
        if len(text[match.end() :].split()) >= FEWEST_HANDED
    ]
    if handed:
        yield "it hands on what somebody else wrote", handed[:1]
    if PASTED_IT.search(text):
        yield "it hands on what somebody else wrote", [(0, len(text))]
    framed = [match.span() for pattern in (FENCE, QUOTED_LINE) for match in pattern.finditer(text)]
    if framed:
        yield "it quotes a text", framed
    header = next((match for pattern in (HEADER, FORWARDED) for match in pattern.finditer(text)), None)
    if header:
        yield "it is forwarded", [(header.start(), len(text))]
    if LETTER.search(text):
        yield "it is a letter or a mail", [(0, len(text))]
    if MARKUP.search(text) or (ADDRESS.search(text) and not OWN_ADDRESS.search(text)):
        yield "it has the marks of a page or a file", [(0, len(text))]
    if len(ITEM.findall(text)) >= FEWEST_LISTED and not _says_i(text):
        yield "it is a list", [(0, len(text))]
    if len(LABELLED.findall(text)) >= FEWEST_LISTED:
        yield "it is a form", [(0, len(text))]


def _is_own(text: str, quotation: re.Match[str]) -> bool:
    """Whether a quotation is a title, a word, or what somebody said in passing."""
    words = len(quotation.group().split())
    return words < FEWEST_QUOTED or (
        words <= MOST_RETOLD and RETOLD.search(text[: quotation.start()]) is not None
    )


def _says_i(text: str) -> bool:
    return SAYS_I.search(QUOTATION.sub(" ", text)) is not None


def _self_share(text: str) -> float:
    return len(SELF.findall(text)) / max(1, len(text.split()))
