"""Which facts about the person a message asks for by name: "Where do I live?" asks for the home.

The words of such a question and of its answer ("I moved to Kyoto") may have nothing in common, and little
meaning either; what a memory claims (graphs/memory/claims.py) tells all the same. English only.
"""

import re
from collections.abc import Sequence
from typing import Final

from graphs.memory import lexis

ME: Final = r"(?:i|we)"
MY: Final = r"(?:my|our)"
ASKS: Final[Sequence[tuple[re.Pattern[str], frozenset[str]]]] = tuple(
    (re.compile(pattern), frozenset(attributes.split()))
    for pattern, attributes in (
        (rf"\bwhere (?:(?:do|am|have) )?{ME}\b.*\b(?:liv(?:e|ing|ed)|resid|based|moved?|staying)", "home"),
        (rf"\b(?:what|which) (?:city|town|country|place|village|street)\b.*\b{ME}\b.*\bliv", "home"),
        (rf"\b{MY} (?:home|address|home ?town|town|city)\b", "home"),
        (r"\bwhere am i from\b", "origin"),
        (rf"\b(?:where|who(?:m)?|what) (?:(?:do|am|have) )?{ME}\b.*\b(?:work|employ)", "work job"),
        (rf"\b(?:for a living|{MY} (?:new )?(?:job|work|profession|occupation|employer|company|boss))\b",
         "work job"),
        (rf"\b(?:where|what) (?:do|am) {ME}\b.*\bstud|\b{MY} (?:school|university|college|studies)\b",
         "school studies"),
        (r"\ballerg|\bintoleran", "allergy diet"),
        (rf"\b(?:what|anything|something|food|which)\b.*\b{ME}\b.*\b(?:eat|avoid|cook|serve)\b",
         "allergy diet eats"),
        (r"\bam i (?:an? )?(?:vegan|vegetarian|pescatarian)\b|\bdo i (?:still )?eat (?:meat|fish|dairy)\b",
         "diet eats"),
        (r"\b(?:what is|do you (?:know|remember)|tell me|say) my name\b|\bwho am i\b|\bwhat am i called\b",
         "name"),
        (r"\bhow old am i\b|\bmy (?:own )?(?:age|birthday)\b", "age date-of-birthday"),
        (r"\bam i (?:single|married|dating|engaged|divorced)\b", "relationship partner"),
        (rf"\b{MY} (?:partner|husband|wife|boyfriend|girlfriend)\b", "relationship partner"),
        (r"\bdo i (?:still )?smoke\b", "smoking"),
        (rf"\b{MY} (?:health|illness|condition|diagnosis)\b", "health allergy"),
    )
)  # fmt: skip
PAST: Final = re.compile(r"\b(?:did|was|were|had|used to|before|previously|former(?:ly)?|back then)\b")
"""What was once so is for the search to find: a claim that is over does not count."""
QUESTION: Final = re.compile(r"\?\s*$|^(?:tell|remind|do you (?:know|remember)|what|where|who|which|how)\b")


def asked_attributes(text: str) -> frozenset[str]:
    """The attributes of the person's own claims that answer a message; none where it asks for none."""
    plain = " ".join(lexis.plain(text).split())
    if not QUESTION.search(plain) or PAST.search(plain):
        return frozenset()
    return frozenset().union(*(attributes for pattern, attributes in ASKS if pattern.search(plain)))
