"""How a memory fades with time and grows with use.

The power curve and the shape of the growth are those of FSRS-5 (github.com/open-spaced-repetition,
"The algorithm"), which was fitted on 350 million flash-card reviews:

    retention   R = (1 + f·t/S)^(-d),   f = 0.9^(-1/d) - 1
    growth      S' = S·(1 + a·(½ + i)·S^(-w)·(e^(1-R) - 1))

with t in days since the memory was last used, S in days, i the importance in [0, 1]. S is thus the
number of days until retention has fallen to 0.9. Growth is nothing at R = 1 and largest for a memory
that was nearly gone: what was hard to recall is kept longest.

A persona may keep everything for longer or shorter: S then counts so many times (`lasting`) when it is told
what fades, and when. S is stored and grows without that, so the setting counts at once, for all memories.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from personas.model import Persona, Remembers
from storage.records import Granularity, Memory

DECAY: Final = 0.5
"""d: FSRS-5's fixed value; smaller means a longer tail."""
FACTOR: Final[float] = 0.9 ** (-1 / DECAY) - 1
"""f: makes R(t = S) = 0.9."""
GROWTH: Final = 20.0
"""a: about FSRS-5's default for a card of middling difficulty; at R = 0.9 one use more than doubles S."""
SATURATION: Final = 0.12
"""w: the stronger a memory is, the smaller the share that one use adds (FSRS-5's default)."""
WEAKEST: Final = 1.0
"""Days."""
STRONGEST: Final = 36_500.0
"""Days: a hundred years, so that strengths stay finite."""
MIDDLING: Final = 30.0
"""Days: the strength that a memory of importance ½ starts with."""
SPREAD: Final = 4.0
"""A memory of importance 1 starts this many times as strong, one of importance 0 this many times weaker."""
FADE_BELOW: Final = 0.5
"""The fade threshold: retention at which a memory is sooner forgotten than known."""
LASTING: Final[Mapping[Remembers, float]] = {"weeks": 1 / 8, "months": 1.0, "years": 4.0, "always": math.inf}
"""How many times as long a persona keeps things. An ordinary message unused fades after 5 weeks, 10 months,
3 years, or never."""
SECONDS_A_DAY: Final = 86_400.0


def retention(days_since_use: float, strength: float) -> float:
    """R in (0, 1]; 1 at or before the last use."""
    elapsed = max(days_since_use, 0.0)
    curve: float = (1.0 + FACTOR * elapsed / max(strength, WEAKEST)) ** -DECAY
    return curve


def initial_strength(importance: float) -> float:
    """Days: MIDDLING · SPREAD^(2i - 1), so 7.5 for importance 0, 30 for ½ and 120 for 1."""
    return float(MIDDLING * SPREAD ** (2.0 * _clip(importance) - 1.0))


def strengthen(strength: float, retention: float, importance: float) -> float:
    """S after one use at this retention, in days; never less than before, never above STRONGEST."""
    before = min(max(strength, WEAKEST), STRONGEST)
    effort = math.exp(1.0 - _clip(retention)) - 1.0
    gain = GROWTH * (0.5 + _clip(importance)) * before**-SATURATION * effort
    return float(min(before * (1.0 + gain), STRONGEST))


def lifetime(strength: float, threshold: float = FADE_BELOW) -> float:
    """Days after its last use at which retention falls to the threshold: S·(threshold^(-1/d) - 1)/f."""
    if not 0.0 < threshold <= 1.0:
        msg = f"A fade threshold lies above 0 and is at most 1, not {threshold}."
        raise ValueError(msg)
    return float(max(strength, WEAKEST) * (threshold ** (-1.0 / DECAY) - 1.0) / FACTOR)


def fades_at(
    last_used: datetime, strength: float, threshold: float = FADE_BELOW, *, stays: bool = False
) -> datetime | None:
    """When retention crosses the threshold; None for a memory that never fades.

    One that stays never does, nor one whose day lies beyond the calendar.
    """
    if stays:
        return None
    days = lifetime(strength, threshold)
    if days >= (datetime.max.replace(tzinfo=UTC) - last_used).total_seconds() / SECONDS_A_DAY:
        return None
    return last_used + timedelta(days=days)


def stays(memory: Memory) -> bool:
    """Whether a memory never fades by itself: pinned, or of the profile and in use.

    What the profile says and a reply has used, or the person has said again, is part of who they are.
    """
    return memory.pinned or (memory.granularity is Granularity.PROFILE and memory.last_used is not None)


def lasting(persona: Persona) -> float:
    """How many times as long a persona keeps its memories; infinite where nothing fades."""
    return LASTING[persona.remembers]


def as_kept_by(persona: Persona, memory: Memory) -> Memory:
    """A memory with the strength that counts for its persona; to be looked at, not to be stored."""
    return replace(memory, strength=memory.strength * lasting(persona))


def last_touched(memory: Memory) -> datetime:
    """From when a memory fades: its last use, or when it was stored if no reply has used it yet."""
    return memory.last_used or memory.created


def days_between(earlier: datetime, later: datetime) -> float:
    """Days from one time to another; negative where the second comes first."""
    return (later - earlier).total_seconds() / SECONDS_A_DAY


def _clip(share: float) -> float:
    return min(max(share, 0.0), 1.0)
