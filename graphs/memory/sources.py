"""Where a note says that it comes from, and whether a question is for that.

Files name their source in front: "Care plan, mobile service: …", "Message from Malik's mum: …".
"""

import re
from collections.abc import Iterable
from typing import Final

from graphs.memory import lexis
from graphs.memory.firsthand import asks_for_words

SOURCE: Final = re.compile(r"^[^:\n]{2,60}?\s?:\s")
"""What stands in front of the words of a note."""
PAPER: Final = re.compile(
    r"\b(?:e-?mail|mail|letter|manual|instructions?|sheet|recipe|timetable|label|leaflet|insert|log|diary|report"
    r"|file|scan|export|notice|booking|tickets?|receipt|order|brief|lettre|mot|carta|handbuch|anleitung|rezept"
    r"|recette|receta|ricetta)\b",
    re.IGNORECASE,
)
"""What people copy and keep so as to look it up."""
NO_PAPER: Final = re.compile(
    r"\b(?:persona|character|card|lore\w*|entry|profile|group|forum|blog|tips?)\b", re.IGNORECASE
)
"""What plays a part, and where anybody writes."""
GREETING: Final = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|day|evening)|hallo|bonjour|hola|ciao)\b[^.!?:\n]{0,40}?"
    r"\b(?P<who>\w+ here (?:from|at|of) [^.,:!?\n]{2,30})",
    re.IGNORECASE,
)
"""Who writes says it in the first sentence."""
LETTER: Final = re.compile(
    r"\b(?:e-?mail|mail|message|letter|note|notes|text|chat|handover|report|brief|nachricht|lettre|carta|mensaje"
    r"|messaggio)\b",
    re.IGNORECASE,
)
"""What one person writes to another; a card or a lorebook is none."""


def source_of(text: str) -> str:
    """The source that a text names in front; empty where it names none."""
    greeted = GREETING.match(text)
    if greeted:
        return greeted["who"]
    found = SOURCE.match(text)
    return found.group().rstrip(" :\u00a0") if found else ""


def is_paper(text: str) -> bool:
    """Whether a text says in front that it is copied from a paper: a manual, a recipe, a letter."""
    source = source_of(text)
    return PAPER.search(source) is not None and not NO_PAPER.search(source)


def is_asked_for(text: str, question: str) -> bool:
    """Whether the words of just this source are asked for."""
    if not asks_for_words(question):
        return False
    telling = lexis.stems(lexis.content_words(source_of(text)))
    return bool(telling & lexis.stems(lexis.content_words(question)))


def is_from_whom_asked_about(text: str, question: str) -> bool:
    """Whether somebody whom the question names wrote it, or wrote of them: a letter, no card."""
    source = source_of(text)
    return bool(LETTER.search(source) and _named(source) & _named(question))


def is_from_somebody_told_of(text: str, told: Iterable[str]) -> bool:
    """Whether the source that a text names in front has a name that the person spoke of; a card has none."""
    source = source_of(text)
    if not source or NO_PAPER.search(source) or "{{" in text:
        return False
    named = {name for name in _named(source) if not (PAPER.fullmatch(name) or LETTER.fullmatch(name))}
    return any(named & _named(one) for one in told)


def _named(text: str) -> set[str]:
    """Names in a text, also one that begins it."""
    return (lexis.names(f"- {text}") | lexis.names(text)) - lexis.STOP_WORDS
