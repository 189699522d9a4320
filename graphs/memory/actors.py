"""Who does what in a sentence, as far as the order of its words tells."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from graphs.memory import dating, lexis
from graphs.memory.synonyms import akin

PERSON: Final = "personhere"
OWNER: Final = "personowns"
"""Stand-ins for the person's label, plain and with 's, that no text holds."""
THEIRS: Final = "their"
PRONOUNS: Final = frozenset({THEIRS, "he", "she", "they", "it", "who", "which", "her", "him", "them", "his"})
PEOPLE: Final = ("he", "she", "they")
CALENDAR: Final = frozenset(name.lower() for name in (*dating.MONTHS, *dating.WEEKDAYS))
SKIPPED: Final = lexis.word_set(
    "now then later recently lately currently still also once first not never no going able"
)
REACH: Final = 8
"""Telling words behind a name, up to the next name, that it may be about."""
IMPLIED: Final = re.compile(
    r"^(?:going|hoping|planning|looking|just|been|had|got|went|saw|met|loving|\w{2,}ed)\b", re.IGNORECASE
)


@dataclass(slots=True)
class Acts:
    """What somebody is said to be, have or do, in stems."""

    first: list[str] = field(default_factory=list)
    """The first telling word behind each mention."""
    all: set[str] = field(default_factory=set)


def misattributed(statement: str, turned: str, who: str, *, others: bool = False) -> str:
    """Why a statement gives an act or a thing to somebody other than the line does; empty if it does not.

    For each name in the statement, the first telling word behind it must stand behind that name in the
    line too, before any other name; a name that the line does not have stands for one of its pronouns.
    With `others` set, `their` in the line is somebody else's, else the person's own.
    """
    names = (_names(statement) | _names(turned)) - set(lexis.tokens(who))
    allowed, given = _acts(turned, who, names), _acts(statement, who, names)
    loose = {stem for name, acts in allowed.items() if name in PRONOUNS for stem in acts.all}
    problem = _lost_act(allowed, statement, turned, who) or _taken(allowed, given, who)
    if problem:
        return problem
    for actor, acts in given.items():
        known = set(allowed[actor].all) if actor in allowed else set()
        if actor == PERSON and IMPLIED.match(turned):
            known |= lexis.stems(lexis.content_words(turned)[:REACH])
        elif actor == OWNER:
            known |= allowed[THEIRS].all if THEIRS in allowed and not others else set()
        elif actor not in allowed and actor != PERSON:
            known |= loose
        for act in acts.first:
            if actor not in PRONOUNS and act not in known and not akin(act, known):
                return f"not said of {who if actor in {PERSON, OWNER} else actor}: {act}"
    return ""


def _lost_act(allowed: Mapping[str, Acts], statement: str, turned: str, who: str) -> str:
    """What the person does first in the line must be told, or the rest may stand for something else."""
    opening = [lexis.stem(word) for word in lexis.content_words(turned) if word not in SKIPPED]
    acts = opening[:1] if IMPLIED.match(turned) else []
    acts = acts or (allowed[PERSON].first if PERSON in allowed else [])
    if not acts:
        return ""
    told = lexis.stems(lexis.tokens(statement))
    return "" if acts[0] in told or akin(acts[0], told) else f"does not tell what {who} did: {acts[0]}"


def _taken(allowed: Mapping[str, Acts], given: Mapping[str, Acts], who: str) -> str:
    """What he, she or they do in the line, and the person does in the statement."""
    theirs = {stem for name in PEOPLE if name in allowed for stem in allowed[name].all}
    mine = allowed[PERSON].all if PERSON in allowed else set()
    taken = (given[PERSON].all if PERSON in given else set()) & (theirs - mine)
    return f"not said of {who}: {', '.join(sorted(taken))}" if taken else ""


def _names(text: str) -> set[str]:
    """Names, also where one opens the text and something like a verb follows."""
    opening = re.match(r"([A-Z]\w+) (?:is|was|has|had|will|and|\w+(?:s|ed))\b", text)
    first = {opening[1].lower()} - lexis.STOP_WORDS if opening else set()
    return {name for name in lexis.names(text) | first if name not in CALENDAR}


def _acts(text: str, who: str, names: set[str]) -> Mapping[str, Acts]:
    words = lexis.tokens(_marked(text, who))
    found: dict[str, Acts] = {}
    waiting: list[str] = []
    telling: list[str] = []
    for word in [*words, PERSON]:
        if word in names or word in PRONOUNS or word in {PERSON, OWNER}:
            if telling:
                _note(found, waiting, telling)
                waiting, telling = [], []
            waiting.append(word)
        elif word not in lexis.STOP_WORDS and word not in SKIPPED and len(telling) < REACH:
            telling.append(lexis.stem(word))
    return found


def _note(found: dict[str, Acts], actors: Sequence[str], telling: Sequence[str]) -> None:
    for actor in actors:
        acts = found.setdefault(actor, Acts())
        acts.first.append(telling[0])
        acts.all.update(telling)


def _marked(text: str, who: str) -> str:
    text = re.sub(rf"\b{re.escape(who)}'s\b", OWNER, text, flags=re.IGNORECASE)
    return re.sub(rf"\b{re.escape(who)}(?!\w)", PERSON, text, flags=re.IGNORECASE)
