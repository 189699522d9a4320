"""The time that a question is about ("in May", "last summer"), and whether it asks for a time ("when")."""

import re
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from graphs.memory.dating import MONTHS, SEASONS, midnight, resolve

WHEN: Final = re.compile(
    r"^\W*(?:(?:and|so|but) )?when\b"
    r"|\bhow (?:long|often)\b|\b(?:which|what) (?:year|month|day|date|week|season|time)\b"
    r"|\b(?:know|remember|recall|tell me|told you) (?:exactly )?when\b",
    re.IGNORECASE,
)
_MONTH: Final = "|".join(MONTHS)
NAMED: Final = re.compile(
    rf"\b(?:in|of|during|since|early|late|mid|end|this|last)\W+(?P<month>{_MONTH})\b(?:,? (?P<year>\d{{4}}))?"
    rf"|\b(?P<month2>{_MONTH}),? (?P<year2>\d{{4}})\b"
    rf"|\b(?P<season>{'|'.join(SEASONS)})(?: of)? (?P<year3>\d{{4}})\b"
    r"|\b(?:in|during|of|since) (?P<year4>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
"""What `dating` leaves alone since it is no phrase of its own, or has no verb that tells past from future.
A question to memory is about the past. A bare "may" or "march" is most often a verb."""


class Period(NamedTuple):
    """From one moment until before another."""

    start: datetime
    end: datetime


def asks_when(text: str) -> bool:
    """Whether a time would answer the question."""
    return WHEN.search(text) is not None


def period_of(text: str, now: datetime) -> Period | None:
    """The past time that a question names; `now` is in the zone of who asks."""
    dates = [(one.first, one.last) for one in resolve(text, now)] or _named(text, now.date())
    past = [(first, last) for first, last in dates if first < now.date()]
    if not past:
        return None
    first, last = min(first for first, _ in past), max(last for _, last in past)
    try:
        return Period(midnight(first, now), midnight(last + timedelta(days=1), now))
    except OverflowError:
        return None


def _named(text: str, today: date) -> list[tuple[date, date]]:
    found = NAMED.search(text)
    if found is None:
        return []
    part = {name.rstrip("234"): value for name, value in found.groupdict().items() if value}
    year = int(part.get("year", 0))
    if "season" in part:
        months = SEASONS[part["season"].lower()]
    elif "month" in part:
        month = [name.lower() for name in MONTHS].index(part["month"].lower()) + 1
        months = (month, month)
        year = year or today.year - (month > today.month)
    else:
        months = (1, len(MONTHS))
    following = date(year + months[1] // len(MONTHS), months[1] % len(MONTHS) + 1, 1)
    return [(date(year, months[0], 1), following - timedelta(days=1))]
