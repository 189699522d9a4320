"""What a talk was about, in the few lines of it that matter most.

Extractive: each line is a memory that was made of the talk, as it stands, so the summary says nothing that
its sources do not. Small models choose well and write badly (docs/benchmarks.md).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from graphs.memory import lexis
from graphs.memory.dating import WEEKDAYS, day_words
from storage.records import Memory

LONGEST: Final = 300
"""Characters of a summary."""
FEWEST: Final = 2
"""Lines that a talk needs to be worth one; a single one stands for itself."""
NEWS: Final = 0.5
"""Share of a line's telling words that the lines before it must not have."""


def chosen(lines: Sequence[Memory], day: datetime) -> list[Memory]:
    """The lines of a summary in the order of time, as `lines` are; none where there are too few."""
    if len(lines) < FEWEST:
        return []
    places = sorted(range(len(lines)), key=lambda place: (-lines[place].importance, place))
    kept: list[int] = []
    for place in places:
        tried = [lines[one] for one in sorted([*kept, place])]
        if len(worded(tried, day)) <= LONGEST and _is_news(lines[place], [lines[one] for one in kept]):
            kept.append(place)
    return [lines[place] for place in sorted(kept)] if len(kept) >= FEWEST else []


def worded(lines: Sequence[Memory], day: datetime) -> str:
    """A summary's text; `day` is when the talk was, in the zone of the person."""
    told = " ".join(_sentence(line.text) for line in lines)
    return f"Talk on {WEEKDAYS[day.weekday()]}, {day_words(day.date())}: {told}"


def _sentence(text: str) -> str:
    plain = " ".join(text.split())
    return plain if plain[-1:] in {".", "!", "?", "\u2026", ")"} else f"{plain}."


def _is_news(line: Memory, kept: Sequence[Memory]) -> bool:
    words = lexis.stems(lexis.content_words(line.text))
    told = {stem for other in kept for stem in lexis.stems(lexis.content_words(other.text))}
    return len(words - told) >= NEWS * len(words)
