"""Claims about when something is, and the days that a clause names."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from graphs.memory import claim_words as words
from graphs.memory import dating, lexis
from graphs.memory.claim_clauses import Clause, Speech
from graphs.memory.claim_facts import ANY, OF_DATE, Fact
from graphs.memory.claim_rules import DATES, PUT_OFF
from storage.records import ClaimKind

AHEAD: Final = ("will", "will on", "will in")
PASSED: Final = ("was", "was on", "was in")
"""Words that tell whether a date lies ahead."""


def dates_of(clause: Clause, speech: Speech) -> Iterator[Fact]:
    """When an occasion is, or that it is not when it was to be; nothing for most clauses."""
    match = next((found for pattern in DATES if (found := pattern.search(clause.text))), None)
    put_off = PUT_OFF.search(clause.text)
    groups = match.groupdict() if match else put_off.groupdict() if put_off else {}
    if not groups:
        return
    said = [word for word in groups["a"].split() if word not in lexis.STOP_WORDS | {"new", "big"}]
    attribute = OF_DATE + " ".join(said).replace("married", "wedding")
    subject = _whose(groups, speech)
    if match is None:
        yield Fact(subject, attribute, "", ClaimKind.ENDS)
        return
    moved = bool(groups.get("moved")) or words.CHANGES.search(clause.text) is not None
    past = re.search(r"\b(?:was|were)\b", match[0]) is not None and not moved
    day = named_day(match["v"], speech, PASSED if past else AHEAD)
    kind = ClaimKind.CORRECTS if clause.corrects else ClaimKind.BEGINS if moved else ClaimKind.HOLDS
    first, last = (day.first, day.last) if day else (None, None)
    yield Fact(subject, attribute, match["v"].strip(" ,"), kind, first, last)


def _whose(groups: Mapping[str, str | None], speech: Speech) -> str:
    """Whose occasion it is; `the wedding` may be anybody's."""
    whose = groups.get("whose") or ""
    if whose.startswith("the"):
        return ANY
    return speech.subjects[0 if whose.startswith(("my", "our")) else int(groups.get("s") or 0)]


def day_of(clause: str, speech: Speech) -> date | None:
    """The one day that a clause names; None for none, or several."""
    found = dating.resolve(clause.replace("@0", "i"), speech.said)
    return found[0].first if len(found) == 1 else None


def named_day(phrase: str, speech: Speech, leads: Sequence[str]) -> dating.Dated | None:
    """The day that a phrase means; `leads` are words before it that tell whether it lies ahead."""
    for lead in leads:
        found = dating.resolve(f"{lead} {phrase.strip(' ,')}", speech.said)
        if found:
            return found[0]
    return None
