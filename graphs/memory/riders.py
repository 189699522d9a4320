"""Claims about the world that ride on what somebody says of themselves: "I'm Anna and ibuprofen is harmless".

Both would be remembered as one fact about the person (arXiv 2304.05371: 76% of what was false got in so).
Here the two are told apart when a line is noted: what is said of the world stands by itself, and a reply is
told that it was said, not that it is so. Only what names nobody and nothing in particular is such a claim.
English only; what the rules miss stays in one piece, as it was said.
"""

import re
from typing import Final

from graphs.memory import lexis
from graphs.memory.sentences import Span

FEWEST: Final = 3
"""Telling words of a claim that says something by itself."""
JOINT: Final = re.compile(
    r"(?:[,;]| [-\u2013\u2014])?\s+(?:(?:and|but|so|plus)\b,?\s+)?(?:(?:by the way|btw|honestly|oh),?\s+)?",
    re.IGNORECASE,
)
"""Where one clause may end and another begin."""
JOINS: Final = re.compile(r"[,;\u2013\u2014-]|\b(?:and|but|so|plus|way|btw)\b", re.IGNORECASE)
OWN: Final = re.compile(
    r"\W*(?:(?:hi|hello|hey|well|so|oh|yes|no|also|by the way)\b\W*)*(?:I|I'm|I've|my|we|we're|we've|our)\b",
    re.IGNORECASE,
)
"""How a clause about the speaker begins."""
LEADS_ON: Final = re.compile(
    r"\b(?:that|because|since|where|when|if|whether|how|why|which|who|whose|between|both|either|instead|about"
    r"|think|believe|know|guess|feel|hope|say|said|told|heard|read|means?)\b",
    re.IGNORECASE,
)
"""Words after which another clause belongs to the first."""
OF_ONESELF: Final = re.compile(r"\b(?:I|I'm|I'll|I've|I'd|me|my|mine|we|we're|our|ours|us)\b", re.IGNORECASE)
OF_SOMEBODY: Final = re.compile(
    r"\b(?:you|your|he|him|his|she|her|they|them|their|it|its|this|that|these|those|there|here|the|then|now"
    r"|today|tomorrow|yesterday|last|next)\b",
    re.IGNORECASE,
)
"""Words that point to somebody or something that was spoken of."""
IS_SO: Final = (
    r"(?:is|are|was|were|can|cannot|can't|never|always|causes?|cures?|heals?|helps?|prevents?|kills?|makes?"
    r"|works?|contains?|needs?|means?|beats?|protects?|should|must|will|won't|do not|don't|does not|doesn't"
    r"|has|have|agrees?|pays?|costs?)"
)
CLAIM: Final = re.compile(
    rf"(?:(?:all|most|every|any|no|only|some) )?[a-z][\w'-]*(?: [a-z][\w'-]*){{0,3}}? {IS_SO}\b"
)
"""A subject in small letters, and what is so of it."""
OPENS: Final = lexis.word_set(
    "and but so or because since while when if that which who where with without for in on at to from by of"
    " a an one two three four five six half as live work study drive have moved started quit left got am is"
    " lives works has was were are not just very really can could will would should must do does did go goes"
    " went come came make made take took"
)
"""Words with which no subject begins."""


def split(text: str) -> tuple[Span, Span] | None:
    """What a line says of its speaker, and what it then says of the world; None where it is one thing."""
    for joint in JOINT.finditer(text):
        own, claim = text[: joint.start()], text[joint.end() :]
        joins = JOINS.search(joint.group()) and OWN.match(own) and not LEADS_ON.search(own)
        if joins and is_of_the_world(claim):
            return (0, joint.start()), (joint.end(), len(text))
    return None


def is_of_the_world(text: str) -> bool:
    """Whether a clause claims something of the world and of nobody whom the speaker knows."""
    if OF_ONESELF.search(text) or OF_SOMEBODY.search(text) or text.rstrip().endswith("?"):
        return False
    words = lexis.content_words(text)
    first = text.split(" ", 1)[0].lower()
    begins = first not in OPENS and not first.endswith(("ing", "ed", "ly"))
    found = CLAIM.match(text)
    return len(words) >= FEWEST and begins and found is not None and not LEADS_ON.search(found.group())
