"""Dates in words ("yesterday", "last Friday", "in May") made absolute, by code and never by a model.

Only what has one sensible reading is resolved: "a few days ago" stays as it is, and "on Friday" or
"in May" needs a verb that tells past from future.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from graphs.memory import lexis

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SEASONS: Final = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11)}
"""First and last month. Winter lies in two years and is left alone."""
SATURDAY: Final = 5
MONTHS_A_YEAR: Final = 12
DAYS_A_WEEK: Final = 7
FARTHEST: Final = 150
"""Years; a number beyond it is no count of years that somebody lived through."""

_MONTH: Final = "|".join(MONTHS)
_DAY: Final = "|".join([*WEEKDAYS, "Mon|Tues?|Wed|Thurs?|Fri|Sat|Sun"])
_COUNT: Final = r"an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,3}"
PHRASE: Final = re.compile(
    rf"\b(?:"
    rf"(?:the )?day (?P<double>before yesterday|after tomorrow)"
    rf"|(?P<day>yesterday|today|tomorrow)(?: (?P<part>morning|afternoon|evening|night))?"
    rf"|(?P<tonight>tonight|this (?:morning|afternoon|evening))|(?P<lastnight>last night)"
    rf"|(?:about |around )?(?P<count>{_COUNT}) (?P<unit>day|week|month|year)s? ago"
    rf"|(?P<which>last|this|next) (?P<period>week|weekend|month|year)"
    rf"|(?P<which2>last|this) (?P<season>spring|summer|autumn|fall)"
    rf"|(?P<which3>last|this|on|this coming) (?P<weekday>{_DAY})(?! (?:night|{_MONTH}))"
    rf"|(?:on )?(?:the )?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m>{_MONTH})(?:,? (?P<y>\d{{4}}))?"
    rf"|(?:on )?(?P<m2>{_MONTH}) (?:the )?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,? (?P<y2>\d{{4}}))?"
    rf"|(?P<which4>in|last|next|since|until) (?P<month>{_MONTH})(?:,? (?P<y3>\d{{4}}))?"
    rf")(?!['\u2019]s|\w|-)",
    re.IGNORECASE,
)
FUTURE: Final = re.compile(
    r"\b(?:will|going to|plan|planning|plans|next|soon|looking forward|can not wait|upcoming|about to|hope to"
    r"|hoping to|want to|is coming|are coming|booked|tickets for|appointment|due)\b"
    r"|\b(?:am|are|is) (?:\w+ly )?(?!having|feeling|being)\w+ing\b"
)
PAST: Final = re.compile(
    r"\b(?:was|were|did|had|been|went|came|saw|got|met|took|made|bought|gave|found|lost|left|moved|began|felt|told"
    r"|said|broke|won|ran|ate|read|wrote|taught|heard|spent|sold|flew|drove|swam|grew|became|born|agreed|freed|\w{2,}(?<!e)ed)\b"
)
PUT_OFF: Final = re.compile(
    r"\b(?:moved|postponed|rescheduled|pushed|put off|delayed|brought forward|shifted)\b.{0,40}"
    rf"\b(?:to|until|till|on) (?:the )?(?:\d|next\b|{_MONTH.lower()}|{_DAY.lower()})"
)
"""What was moved to a day lies ahead, though the verb is past."""
NAMED: Final = re.compile(rf"\b(?:{_MONTH})\b", re.IGNORECASE)
HANGING: Final = re.compile(
    r"\b(since|until|till|by|from|before|after|for|to|between|and)\s+(?:the\s+)?$", re.IGNORECASE
)
"""A preposition right before the phrase, which takes the place of `on` or `in`."""

UNTIL: Final = re.compile(r"\b(?:until|till)\s+(?:the\s+)?$|^(?:until|till)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dated:
    """A phrase of a text and the days that it means."""

    start: int
    end: int
    words: str
    """The same in absolute words, such as `on 7 May 2023`."""
    first: date
    last: date


def resolve(text: str, said: datetime, *, sense: int = 0) -> list[Dated]:
    """The dates of a text in its order; `said` is in the zone where it was said.

    `sense`: 1 where it is known to speak of what is still to come, -1 of what is over; else its verbs tell.
    """
    found = []
    when = sense or tense(text)
    for match in PHRASE.finditer(text):
        days = _days(match, said.date(), when)
        if days is None:
            continue
        words, first, last = days
        if re.search(r"\d{4}$", match.group()):
            words = match.group()
        hanging = HANGING.search(text[: match.start()])
        if hanging:
            words = re.sub(r"^(?:on|in) ", "", words)
        if match.start() == 0 or text[: match.start()].rstrip()[-1:] in ".!?":
            words = words[0].upper() + words[1:]
        found.append(Dated(match.start(), match.end(), words, first, last))
    return found


def substitute(text: str, dates: Sequence[Dated]) -> str:
    """The text with each phrase replaced: "on 7 May 2023" for "yesterday"."""
    for dated in reversed(dates):
        text = text[: dated.start] + dated.words + text[dated.end :]
    return text


def annotate(text: str, dates: Sequence[Dated]) -> str:
    """The text as it was said, each phrase followed by what it means: "yesterday (7 May 2023)"."""
    for dated in reversed(dates):
        bare = re.sub(r"^(?:on|in) (?:the )?", "", dated.words, flags=re.IGNORECASE)
        if NAMED.search(text[dated.start : dated.end]):
            text = f"{text[: dated.start]}{dated.words}{text[dated.end :]}"
        elif bare.lower() not in text.lower():
            text = f"{text[: dated.end]} ({bare}){text[dated.end :]}"
    return text


def validity(text: str, said: datetime) -> tuple[date | None, date | None]:
    """From when and until when a text says that something holds, where it names one date."""
    dates = resolve(text, said)
    if len(dates) != 1:
        return None, None
    dated = dates[0]
    ends = UNTIL.search(text[: dated.start]) or UNTIL.search(text[dated.start : dated.end])
    return (None, dated.last) if ends else (dated.first, None)


def midnight(day: date, said: datetime) -> datetime:
    """When a day begins in the zone of `said`, in UTC."""
    return datetime.combine(day, time(), tzinfo=said.tzinfo).astimezone(UTC)


def day_words(day: date) -> str:
    """As `7 May 2023`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def speaks_of_the_past(text: str) -> bool:
    """Whether a text has a verb in the past."""
    return PAST.search(re.sub(r"\b(ha[sv]e?) got\b", r"\1", lexis.plain(text))) is not None


def tense(text: str) -> int:
    """-1 for the past, 1 for the future, 0 where neither or both can be read."""
    plain = lexis.plain(text)
    if PUT_OFF.search(plain):
        return 1
    future, past = FUTURE.search(plain) is not None, PAST.search(plain) is not None
    return int(future) - int(past)


Days = tuple[str, date, date]
Parts = dict[str, str]


def _days(match: re.Match[str], today: date, tense: int) -> Days | None:
    part = {name: value.lower() for name, value in match.groupdict().items() if value}
    reading = next((reading for group, reading in READINGS.items() if group in part), _near)
    try:
        return reading(part, today, tense)
    except (ValueError, OverflowError):
        return None  # 31 June, or a year before the calendar begins


def _near(part: Parts, today: date, _tense: int) -> Days:
    if "double" in part:
        return _one(today + timedelta(days=-2 if part["double"].startswith("before") else 2))
    if "lastnight" in part:
        return _one(today - timedelta(days=1), "night")
    if "tonight" in part:
        return _one(today, "night" if part["tonight"] == "tonight" else part["tonight"].removeprefix("this "))
    shift = {"yesterday": -1, "today": 0, "tomorrow": 1}[part["day"]]
    return _one(today + timedelta(days=shift), part.get("part", ""))


def _one(day: date, part: str = "") -> Days:
    return (f"on the {part} of {day_words(day)}" if part else f"on {day_words(day)}"), day, day


def _ago(part: Parts, today: date, _tense: int) -> Days | None:
    count, unit = part["count"], part["unit"]
    number = 1 if count in {"a", "an"} else int(lexis.NUMBER_WORDS.get(count, count))
    if unit == "day":
        return _one(today - timedelta(days=number))
    if unit == "week":
        return _week(today - timedelta(weeks=number))
    if unit == "month":
        return _whole_month(*_shift(today.year, today.month, -number))
    return _whole_year(today.year - number) if number <= FARTHEST else None


def _period(part: Parts, today: date, _tense: int) -> Days:
    step = {"last": -1, "this": 0, "next": 1}[part["which"]]
    period = part["period"]
    if period == "week":
        return _week(today + timedelta(weeks=step))
    if period == "month":
        return _whole_month(*_shift(today.year, today.month, step))
    if period == "year":
        return _whole_year(today.year + step)
    saturday = _monday(today) + timedelta(days=SATURDAY, weeks=step)
    return f"on the weekend of {day_words(saturday)}", saturday, saturday + timedelta(days=1)


def _season(part: Parts, today: date, _tense: int) -> Days:
    season = part["season"]
    first, last = SEASONS[season]
    year = today.year - (part["which2"] == "last" and today.month <= last)
    return f"in the {season} of {year}", date(year, first, 1), _whole_month(year, last)[2]


def _weekday(part: Parts, today: date, tense: int) -> Days | None:
    wanted = [name[:3].lower() for name in WEEKDAYS].index(part["weekday"][:3])
    tense = {"last": -1, "this coming": 1}.get(part["which3"], tense)
    if tense == 0:
        return None
    ahead = (wanted - today.weekday()) % DAYS_A_WEEK or DAYS_A_WEEK
    behind = (today.weekday() - wanted) % DAYS_A_WEEK or DAYS_A_WEEK
    return _one(today + timedelta(days=ahead if tense > 0 else -behind))


def _month(part: Parts, today: date, tense: int) -> Days | None:
    number = [name.lower() for name in MONTHS].index(part["month"]) + 1
    which = part["which4"]
    tense = {"last": -1, "since": -1, "next": 1}.get(which, tense)
    if tense == 0 and "y3" not in part:
        return None
    strict = which in {"last", "next"}
    year = int(part.get("y3", 0)) or today.year + _turn(number, today.month, tense, strict=strict)
    words, first, last = _whole_month(year, number)
    return (f"{which} {words.removeprefix('in ')}" if which in {"since", "until"} else words), first, last


def _calendar_day(part: Parts, today: date, tense: int) -> Days | None:
    month = [name.lower() for name in MONTHS].index(part.get("m") or part["m2"]) + 1
    year = part.get("y") or part.get("y2")
    day = int(part.get("d") or part["d2"])
    if year:
        return _one(date(int(year), month, day))
    if tense == 0:
        return None
    this_year = date(today.year, month, day)
    turn = -1 if tense < 0 and this_year > today else 1 if tense > 0 and this_year < today else 0
    return _one(date(today.year + turn, month, day))


def _turn(month: int, current: int, tense: int, *, strict: bool) -> int:
    """Which year a month lies in, counted from this one."""
    if tense < 0:
        return -1 if month > current or (strict and month == current) else 0
    return 1 if month < current or (strict and month == current) else 0


def _week(day: date) -> Days:
    monday = _monday(day)
    return f"in the week of {day_words(monday)}", monday, monday + timedelta(days=DAYS_A_WEEK - 1)


def _whole_month(year: int, month: int) -> Days:
    first = date(year, month, 1)
    following = date(*_shift(year, month, 1), 1)
    return f"in {MONTHS[month - 1]} {year}", first, following - timedelta(days=1)


def _whole_year(year: int) -> Days:
    return f"in {year}", date(year, 1, 1), date(year, 12, 31)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _shift(year: int, month: int, months: int) -> tuple[int, int]:
    index = year * MONTHS_A_YEAR + month - 1 + months
    return index // MONTHS_A_YEAR, index % MONTHS_A_YEAR + 1


READINGS: Final[dict[str, Callable[[Parts, date, int], Days | None]]] = {
    "count": _ago,
    "period": _period,
    "season": _season,
    "weekday": _weekday,
    "month": _month,
    "d": _calendar_day,
    "d2": _calendar_day,
}
"""How a match of PHRASE is read, by the group that it filled."""
