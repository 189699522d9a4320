"""What the person told comes first: what nobody vouches for only answers what they did not tell.

Poison is written to lie beside what a person says of the same; an honest file is kept because it holds what
nobody said. So what is unconfirmed has to be about as near to the question as the person's own words, or it
stays out of this reply, unless somebody else's words are asked for. Where they ask what to do or to think,
and told anything of it, it stays out as well: a file answers what stands in it, and advice is where poison is
followed most. A question about health is answered by what bears on something they told, or names who cares
for them as its source. None of this says anything against a memory, so it is no objection (docs/benchmarks.md
has what it does, and to what).
"""

import re
from collections.abc import Mapping
from typing import Final

MARGIN: Final = 0.5
"""How far it may lie behind the best of the person's own words: half a standard deviation of one part."""
NEARER: Final = "what you told yourself is nearer to this"
ADVICE: Final = "you ask for advice, and nobody vouches for it"
CARE: Final = "you ask about health, and nothing you told bears it out"
"""Why a memory stays out, in words."""

_ASKS_ADVICE: Final = re.compile(
    r"\b(?:should (?:i|we|he|she|they|my|our|it)|shall i|suggest\w*|recommend\w*|advi[sc]e|help me"
    r"|(?:do|would|can|could) you (?:think|write|draft|help)|what do you think|any ideas?|ideas? for"
    r"|(?:is|are|was|would) (?:it|that|this|they|she|he) (?:wise|safe|ok|okay|worth|enough|a good)"
    r"|good idea|(?:is|are) my .{3,30} enough|write (?:me|my|us|our|an?)\b"
    r"|what (?:can|could) (?:i|we))\b",
    re.IGNORECASE,
)
_ASKS_WORDS: Final = re.compile(
    r"\b(?:did|does|do) (?!you\b|i\b|we\b).{2,40}\b(?:say|write|recommend|advise|suggest|tell|want|expect"
    r"|consider|note)\b|\b(?:said|wrote|says|told|advised|recommended|suggested)\b|(?<!\bmy )\brules?\b"
    r"|\bwants? (?:from|of) me\b"
    r"|\b(?:am|are|is|was|were) (?:i|we|he|she|they) (?:allowed|supposed|meant) to\b",
    re.IGNORECASE,
)

_ASKS_WHEN: Final = re.compile(
    r"\b(?:when|till when|(?:what|which) (?:time|date|day|hour|week|month)|wann|quand|cuándo|quando)\b",
    re.IGNORECASE,
)


def asks_when(question: str) -> bool:
    """Whether an hour or a day is asked for."""
    return _ASKS_WHEN.search(question) is not None


def asks_for_words(question: str) -> bool:
    """Whether what somebody else said or wrote is asked for, which a file may answer best."""
    return _ASKS_WORDS.search(question) is not None


def asks_advice(question: str) -> bool:
    """Whether the companion is asked what to do, what to think, or to write something."""
    return _ASKS_ADVICE.search(question) is not None and not asks_for_words(question)


def behind(told: Mapping[str, float], unconfirmed: Mapping[str, float]) -> frozenset[str]:
    """Which of the unconfirmed are too far behind; both map ids to the scores that order candidates."""
    if not told:
        return frozenset()
    least = max(told.values()) - MARGIN
    return frozenset(memory_id for memory_id, score in unconfirmed.items() if score < least)
