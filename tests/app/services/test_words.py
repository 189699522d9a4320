from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.services import words
from app.services.talk_views import title_from
from graphs.memory.forgetting import fades_at
from storage.records import Author, Granularity, Memory, MemoryState, Revision, Role, Trust

NOW = datetime(2026, 5, 6, 18, 0, tzinfo=UTC)  # a Wednesday
MEMORY = Memory(
    id="m",
    persona_id="mira",
    granularity=Granularity.TURN,
    text="I keep bees.",
    trust=Trust.SAID,
    created=NOW,
    said_on=NOW,
)


@pytest.mark.parametrize(
    ("ago", "when", "group"),
    [
        (timedelta(hours=1), "17:00", "Today"),
        (timedelta(days=1), "yesterday", "Yesterday"),
        (timedelta(days=2), "Monday", "This week"),
        (timedelta(days=5), "Friday", "Last week"),
        (timedelta(days=20), "16 April", "April"),
        (timedelta(days=400), "1 April 2025", "April 2025"),
    ],
)
def test_times_are_told_as_people_tell_them(ago: timedelta, when: str, group: str) -> None:
    assert words.when(NOW - ago, NOW, UTC) == when
    assert words.group(NOW - ago, NOW, UTC) == group


def test_strength_has_five_parts_and_words() -> None:
    assert words.strength(MEMORY, NOW) == 5
    fades = fades_at(NOW, MEMORY.strength)
    assert fades is not None
    assert words.strength(MEMORY, fades - timedelta(days=1)) == 1
    assert words.strength(MEMORY, NOW + (fades - NOW) / 3) == 3
    assert words.strength_words(MEMORY, NOW, UTC).startswith(f"fades about {fades.day} {fades:%B}")
    assert words.strength_words(MEMORY, fades, UTC) == "about to fade"
    assert words.strength_words(replace(MEMORY, pinned=True), fades, UTC) == "pinned, does not fade"
    assert words.strength(replace(MEMORY, state=MemoryState.FADED), NOW) == 0


@pytest.mark.parametrize(
    ("changes", "where_from"),
    [
        ({}, "you said"),
        ({"trust": Trust.TYPED}, "you wrote"),
        ({"trust": Trust.NOTED}, "noted"),
        ({"trust": Trust.INFERRED}, "unconfirmed"),
        ({"trust": Trust.IMPORTED}, "unconfirmed"),
        ({"trust": Trust.INFERRED, "speaker": Role.ASSISTANT}, "Mira said"),
        ({"state": MemoryState.QUARANTINED}, "set aside"),
    ],
)
def test_where_a_memory_comes_from_is_said_in_words(changes: dict[str, object], where_from: str) -> None:
    assert words.where_from(replace(MEMORY, **changes), "Mira") == where_from  # type: ignore[arg-type]


def revision(action: str, by: Author = Author.USER, **more: object) -> Revision:
    fields: dict[str, object] = {"before": {}, "after": {}, "reason": ""} | more
    return Revision("r", "b", "m", by, NOW - timedelta(days=3), action, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (revision("add", before=None, after={"text": "a"}), "3 May: remembered “a”"),
        (revision("edit", before={"text": "a"}, after={"text": "b"}), "3 May: you changed “a” to “b”"),
        (
            revision("undo", before={"text": "b"}, after={"text": "a"}),
            "3 May: you changed “b” to “a”, taking a change back",
        ),
        (revision("pin"), "3 May: you pinned it"),
        (revision("fade", Author.DECAY), "3 May: it faded, since it had not come up for long"),
        (
            revision("supersede", Author.REFLECTION, reason="he moved"),
            "3 May: no longer so: something newer was said (he moved)",
        ),
        (revision("dust"), "3 May: you changed it (dust)"),
    ],
)
def test_history_is_told_in_sentences(change: Revision, told: str) -> None:
    assert words.history_words(change, NOW, UTC) == told


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hello, I keep eleven hives behind the barn.", "I keep eleven hives behind the…"),
        ("hi", "Hi"),
        ("My sister is called Ana. She lives in Porto.", "My sister is called Ana"),
        ("  spaces \n everywhere  ", "Spaces everywhere"),
        ("?!", "New conversation"),
    ],
)
def test_a_title_is_the_first_words_without_the_greeting(text: str, title: str) -> None:
    assert title_from(text) == title


def test_long_texts_are_cut_at_a_word() -> None:
    assert words.excerpt("one two three", 9) == "one two…"
    assert words.excerpt("one\n two", 20) == "one two"
    assert words.bytes_words(98_362_432) == "98 MB"
    assert words.bytes_words(1_117_320_768) == "1.1 GB"


@pytest.mark.parametrize(
    ("reads", "writes", "told"),
    [
        (55.4, 17.6, "Here it reads about 55 words a second and writes about 18."),
        (9.96, 3.0, "Here it reads about 10 words a second and writes about 3."),
        (4.25, 0.5, "Here it reads about 4.2 words a second and writes about 0.5."),
    ],
)
def test_a_pace_is_told_in_words(reads: float, writes: float, told: str) -> None:
    assert words.pace_words(reads, writes) == told


def test_what_the_build_uses_is_told_plainly() -> None:
    told = words.build_words(("SSE3", "AVX2", "FMA"), ["AVX512"], gpu=False)
    assert told == (
        "This build of llama.cpp has no graphics card to use: everything runs on the processor, "
        "with AVX2, FMA. The processor also has AVX512, which the build leaves unused."
    )
    assert words.build_words(None, [], gpu=False) == "What llama.cpp was built for could not be asked."
    assert "can use a graphics card" in words.build_words((), [], gpu=True)
