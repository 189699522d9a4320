"""Texts that are put so as to come up at many questions: the form of a trigger.

A note that is to be found whatever is asked borrows the words of questions: it asks what the person might ask
and answers itself, or strings question words together. By vectors such texts are told apart no better than by
chance (docs/benchmarks.md), so only the form counts. English only.
"""

import re
from typing import Final

from graphs.memory.consensus import Objection, Signal

MANY: Final = 4
"""Different question words in one short text."""
SHORT: Final = 45
"""Words of a short text."""
REACHES: Final = "it is put so as to come up at many questions"
QUESTION_WORD: Final = re.compile(r"\b(what|which|where|who|whom|when|how|why)\b", re.IGNORECASE)
ASKS: Final = re.compile(
    r"\b(?:what|which|where|whom?|when|how)\b[^.?!:]{0,80}\b(?:I|my|me)\b[^.?!:]{0,80}[?:]"
    r"|\b(?:can|could|would) you (?:remind|tell|recommend|help)\b[^.?!]{0,60}[?:]"
    r"|\bdo you (?:remember|know) [^.?!]{0,60}\b(?:I|my)\b[^.?!]{0,60}[?:]"
    r"|\bwhat would you (?:recommend|suggest)\b[^.?!]{0,60}[?:]",
    re.IGNORECASE,
)
"""What somebody asks a companion."""
TALKS: Final = re.compile(r"\b(?:I|I'm|I'd|I've|I'll|me|my|we|our|us|you|your)\b|\?", re.IGNORECASE)


def reaches(text: str) -> bool:
    """Whether a text asks what the person might ask and answers it, or holds nothing but questions' words."""
    asked = {word.lower() for word in QUESTION_WORD.findall(text)}
    if len(asked) >= MANY and len(text.split()) <= SHORT:
        return True
    questions = list(ASKS.finditer(text))
    answer = text[questions[-1].end() :].strip(" ?!.:") if questions else ""
    return bool(answer) and TALKS.search(answer) is None


def objection(text: str) -> Objection | None:
    """Why such a text is set aside."""
    return Objection(REACHES, frozenset({Signal.ORDER})) if reaches(text) else None
