"""Whether a message asks what was talked about, and on which days: then summaries of talks answer it."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from graphs.memory import dating, lexis

WHAT_WAS_SAID: Final = re.compile(
    r"\bwhat (?:else )?(?:did|have|had|were) we (?:\w+ )?(?:talk|talked|talking|chat|chatted|chatting|speak"
    r"|spoke|spoken|speaking|discuss|discussed|discussing)\b"
    r"|\bwhat we (?:\w+ )?(?:talked|chatted|spoke|discussed)\b"
    r"|\bwhat (?:did|have) i (?:tell|told|say|said)\b"
    r"|\b(?:our|the) (?:last|latest|previous|most recent) (?:talk|chat|conversation)\b"
    r"|\b(?:sum up|summari[sz]e|recap) (?:our|the) (?:\w+ )?(?:talk|chat|conversation|discussion)s?\b"
    r"|\bwhat (?:was|were) (?:our|the) (?:\w+ )?(?:talk|chat|conversation)s?\b"
)
NEEDS_A_DAY: Final = re.compile(r"\bwhat (?:did|have) i (?:tell|told|say|said)\b")
"""Asks for a fact unless it names a day: "what did I tell you about Ana"."""
ASKING: Final = lexis.stems(
    lexis.word_set(
        "talk talks chat chats chatted speak spoke spoken discuss discussed discussion discussions"
        " conversation conversations sum summarize summarise summary recap tell told say said"
        " last latest previous recent recently lately time times remember remind know else together"
    )
)
"""Stems that ask and name no topic."""
LAST: Final = re.compile(r"\b(?:last|latest|previous|most recent)\b")
SEVERAL: Final = 3
"""Talks told of where neither a day nor "the last" one was named."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which talks a message asks about."""

    first: date | None = None
    last: date | None = None
    """The days, both included; None where none was named."""
    most: int = SEVERAL


def asked(text: str, now: datetime, most: int) -> Asked | None:
    """Which talks a message asks about; None where it asks for something else. `now` is in the person's zone.

    A question that names a topic as well is about the topic, and is left to the search.
    """
    plain = " ".join(lexis.plain(text).split())
    if not WHAT_WAS_SAID.search(plain):
        return None
    days = [day for day in dating.resolve(text, now, sense=-1) if day.first <= now.date()]
    bare = dating.PHRASE.sub(" ", text)
    if lexis.stems(lexis.content_words(bare)) - ASKING:
        return None
    if days:
        return Asked(days[0].first, days[0].last, most)
    if NEEDS_A_DAY.search(plain):
        return None
    return Asked(most=1 if LAST.search(plain) else SEVERAL)
