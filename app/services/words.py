"""The words that pages and commands use for times, strength, origins and changes."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from graphs.memory.forgetting import FADE_BELOW, days_between, fades_at, last_touched, retention, stays
from storage.records import Author, Granularity, Memory, MemoryState, Revision, Role, Trust

FADING_SOON = timedelta(days=14)
"""A memory that fades within so long counts as fading."""
PARTS = 5
EXCERPT = 60

KINDS: Mapping[Granularity, str] = {
    Granularity.TURN: "what was said",
    Granularity.TOPIC: "topic",
    Granularity.SESSION: "summary",
    Granularity.PROFILE: "about you",
}
STATES: Mapping[MemoryState, str] = {
    MemoryState.ACTIVE: "",
    MemoryState.FADED: "faded",
    MemoryState.QUARANTINED: "waiting for you",
    MemoryState.SUPERSEDED: "no longer so",
    MemoryState.FORGOTTEN: "forgotten",
}
ORIGINS: Mapping[Trust, str] = {
    Trust.SAID: "you said",
    Trust.TYPED: "you wrote",
    Trust.NOTED: "noted",
    Trust.INFERRED: "unconfirmed",
    Trust.PASTED: "unconfirmed",
    Trust.IMPORTED: "unconfirmed",
}
AUTHORS: Mapping[Author, str] = {
    Author.USER: "you",
    Author.REFLECTION: "noted",
    Author.GUARD: "set aside",
    Author.DECAY: "with time",
}


def count(number: int, one: str, many: str = "") -> str:
    """`1 memory`, `3 memories`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def excerpt(text: str, length: int = EXCERPT) -> str:
    """One line of a text, cut at a word."""
    flat = " ".join(text.split())
    if len(flat) <= length:
        return flat
    cut = flat[:length].rsplit(" ", 1)[0] or flat[:length]
    return cut.rstrip(",.;:- ") + "…"


def day(moment: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """`3 May`, with the year where it is not this one."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    text = f"{local.day} {local:%B}"
    return text if local.year == today.year else f"{text} {local.year}"


def clock(moment: datetime, zone: tzinfo | None = None) -> str:
    """`18:02`."""
    return f"{moment.astimezone(zone):%H:%M}"


def day_heading(moment: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """`Today`, `Yesterday`, `Friday`, `3 May`, `3 May 2024`."""
    ago = (now.astimezone(zone).date() - moment.astimezone(zone).date()).days
    text = "Today" if ago == 0 else when(moment, now, zone)
    return text[:1].upper() + text[1:]


def when(moment: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """`18:02` today, then `yesterday`, `Friday`, `3 May`, `3 May 2024`."""
    local = moment.astimezone(zone)
    ago = (now.astimezone(zone).date() - local.date()).days
    if ago == 0:
        return f"{local:%H:%M}"
    if ago == 1:
        return "yesterday"
    return f"{local:%A}" if 1 < ago < 7 else day(moment, now, zone)  # noqa: PLR2004 - a week


def group(moment: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """The heading that a conversation stands under."""
    local, today = moment.astimezone(zone).date(), now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    if local >= today:
        return "Today"
    if local == today - timedelta(days=1):
        return "Yesterday"
    if local >= monday:
        return "This week"
    if local >= monday - timedelta(days=7):
        return "Last week"
    return f"{local:%B}" if local.year == today.year else f"{local:%B} {local.year}"


def where_from(memory: Memory, companion: str) -> str:
    """Where a memory's authority comes from."""
    if memory.state is MemoryState.QUARANTINED:
        return "set aside"
    if memory.speaker is Role.ASSISTANT and memory.trust is Trust.INFERRED:
        return f"{companion} said"
    return ORIGINS[memory.trust]


def speaker(memory: Memory, companion: str) -> str:
    """Whose words they are."""
    return memory.speaker_name or ("you" if memory.speaker is Role.USER else companion)


def kept(memory: Memory, now: datetime) -> float:
    """How much of a memory is kept, in [0, 1]."""
    if stays(memory):
        return 1.0
    return retention(days_between(last_touched(memory), now), memory.strength)


def strength(memory: Memory, now: datetime) -> int:
    """The same in five parts: all when it has just come up, one when it is about to fade, then none."""
    if memory.state is not MemoryState.ACTIVE:
        return 0
    share = (kept(memory, now) - FADE_BELOW) / (1.0 - FADE_BELOW)
    return min(PARTS, max(1, math.ceil(share * PARTS)))


def fading_date(memory: Memory) -> datetime | None:
    """When an active memory leaves recall unless it comes up."""
    if memory.state is not MemoryState.ACTIVE:
        return None
    return fades_at(last_touched(memory), memory.strength, stays=stays(memory))


def strength_words(memory: Memory, now: datetime, zone: tzinfo | None = None) -> str:
    """What the five parts mean."""
    if memory.state is not MemoryState.ACTIVE:
        return STATES[memory.state]
    if memory.pinned:
        return "pinned, does not fade"
    fades = fading_date(memory)
    if fades is None:
        return "does not fade"
    return "about to fade" if fades <= now else f"fades about {day(fades, now, zone)} unless it comes up"


def summary(counts: Mapping[MemoryState, int], fading: int, companions: int, name: str) -> str:
    """`312 remembered · 40 that Mira said · 9 fading · 2 waiting for you`."""
    waiting = counts.get(MemoryState.QUARANTINED, 0)
    parts = [f"{counts.get(MemoryState.ACTIVE, 0) - companions:,} remembered"]
    parts += [f"{companions:,} that {name} said"] if companions else []
    parts += [f"{fading:,} fading"] if fading else []
    parts += [f"{counts[MemoryState.FADED]:,} faded"] if counts.get(MemoryState.FADED) else []
    parts += [f"{waiting:,} waiting for you"] if waiting else []
    return " · ".join(parts)


DEEDS: Mapping[str, tuple[str, str]] = {
    "pin": ("you pinned it", "pinned"),
    "unpin": ("you unpinned it", "unpinned"),
    "fade": ("you let it fade", "it faded, since it had not come up for long"),
    "revive": ("you brought it back", "it came up again and was brought back"),
    "forget": ("you forgot it", "forgotten"),
    "supersede": ("you said it is no longer so", "no longer so: something newer was said"),
    "end": ("you said it is no longer so", "no longer so: something newer was said"),
    "merge": ("you joined it with another", "joined with another that says the same"),
    "use": ("used in a reply", "used in a reply"),
    "distrust": ("you said these are not your own words", "taken for somebody else's words, so unconfirmed"),
    "quarantine": ("you set it aside", "set aside until you decide"),
    "allow": ("you let it in", "let in"),
    "confirm": ("you confirmed it", "confirmed"),
    "undo": ("you undid the last change", "the last change was undone"),
}
"""By action: the words where the person did it, and where the program did."""


def history_words(revision: Revision, now: datetime, zone: tzinfo | None = None) -> str:
    """One change as a sentence with its day."""
    return f"{day(revision.at, now, zone)}: {_deed(revision)}"


def _deed(revision: Revision) -> str:
    by_person = revision.by is Author.USER
    before, after = (revision.before or {}).get("text"), revision.after.get("text")
    if revision.action == "add":
        return f"remembered “{after}”" if after else "remembered"
    if revision.action in {"edit", "merge", "undo"} and before is not None and after is not None:
        who = "you changed" if by_person else "changed"
        tail = ", taking a change back" if revision.action == "undo" else ""
        return f"{who} “{before}” to “{after}”{tail}"
    return _known_deed(revision.action, by_person=by_person) + _reason(revision)


def _known_deed(action: str, *, by_person: bool) -> str:
    if action in DEEDS:
        return DEEDS[action][0 if by_person else 1]
    return f"{'you' if by_person else 'Keepsake'} changed it ({action})"


def _reason(revision: Revision) -> str:
    return f" ({revision.reason})" if revision.reason else ""


def bytes_words(number: float) -> str:
    """`98 MB`, `1.1 GB`."""
    if number >= 1e9:  # noqa: PLR2004 - a gigabyte
        return f"{number / 1e9:.1f} GB"
    return f"{number / 1e6:.0f} MB" if number >= 1e6 else f"{number / 1e3:.0f} kB"  # noqa: PLR2004


def iso(value: Any) -> str | None:
    """A time as ISO 8601 in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else None


def pace_words(reads: float, writes: float) -> str:
    """How quick a model is: `Here it reads about 55 words a second and writes about 18`."""
    return f"Here it reads about {_about(reads)} words a second and writes about {_about(writes)}."


def _about(figure: float) -> str:
    return f"{figure:.0f}" if figure >= 10 else f"{figure:.1f}".removesuffix(".0")  # noqa: PLR2004


def build_words(uses: Sequence[str] | None, lacks: Sequence[str], *, gpu: bool) -> str:
    """What llama.cpp was built for; `uses` is None where it cannot be asked."""
    if uses is None:
        return "What llama.cpp was built for could not be asked."
    chosen = [name for name in ("AVX", "AVX2", "FMA", "F16C", "AVX512", "NEON", "SVE") if name in uses]
    told = f"with {', '.join(chosen)}" if chosen else "without any of its quicker instructions"
    first = (
        "llama.cpp can use a graphics card here"
        if gpu
        else "This build of llama.cpp has no graphics card to use: everything runs on the processor"
    )
    more = f" The processor also has {', '.join(lacks)}, which the build leaves unused." if lacks else ""
    return f"{first}, {told}.{more}"
