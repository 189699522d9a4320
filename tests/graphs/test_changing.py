"""What reflection retires, how it is undone, and what it never touches; over a real store."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from graphs.asked_for import with_facts
from graphs.changing import MOST
from graphs.memory.choosing import is_near
from storage.records import Author, Granularity, Memory, MemoryState, Origin, Role, Trust
from tests.fakes.writer import Writer
from tests.graphs.sitting import Sitting
from tests.storage.store import open_store

SUPERSEDED = MemoryState.SUPERSEDED


@pytest.fixture
def sitting(tmp_path: Path) -> Iterator[Sitting]:
    store = open_store(tmp_path)
    yield Sitting(store)
    store.database.close()


def tell(sitting: Sitting, *texts: str, origin: Origin = Origin.CHAT) -> None:
    sitting.reflect(sitting.tell(*texts, origin=origin))


def turn(sitting: Sitting, text: str) -> Memory:
    return next(
        memory
        for memory in sitting.store.memories.list("mira")
        if memory.granularity is Granularity.TURN and memory.text == text
    )


def test_another_value_said_later_retires_the_one_before(sitting: Sitting) -> None:
    tell(sitting, "I live in Lyon.")
    tell(sitting, "I live in Kyoto now.")
    (old,) = sitting.made(SUPERSEDED)
    (new,) = sitting.made()
    assert (old.text, new.text) == ("I live in Lyon.", "I live in Kyoto now.")
    assert old.superseded_by == new.id
    assert old.valid_to == new.said_on


def test_what_lasts_about_the_person_is_profile(sitting: Sitting) -> None:
    tell(sitting, "I live in Lyon.", "I like olives on my pizza.")
    assert [memory.granularity for memory in sitting.made()] == [Granularity.PROFILE, Granularity.TOPIC]


def test_a_named_day_tells_since_when_the_old_one_is_over(sitting: Sitting) -> None:
    tell(sitting, "I live in Lyon.")
    tell(sitting, "I moved from Lyon to Kyoto in March.")
    (old,) = sitting.made(SUPERSEDED)
    assert old.valid_to == datetime(2026, 3, 1, tzinfo=UTC)


def test_all_of_it_is_undone_as_one(sitting: Sitting) -> None:
    tell(sitting, "I live in Lyon.")
    before = {memory.id: memory for memory in sitting.store.memories.list("mira")}
    tell(sitting, "I live in Kyoto now.")
    batch = sitting.store.memories.last_batch("mira", by=Author.REFLECTION)
    assert batch
    sitting.store.memories.undo(batch, Author.USER)
    assert sitting.texts() == ["I live in Lyon."]
    after = {memory.id: memory for memory in sitting.store.memories.get_many(list(before))}
    assert after == before


def test_the_turn_that_says_only_what_is_over_is_marked_too(sitting: Sitting) -> None:
    tell(sitting, "I live in Lyon.", "I work at the zoo. Do you like zoos?")
    tell(sitting, "I live in Kyoto now.", "I quit my job at the zoo.")
    old = {memory.text: memory for memory in sitting.made(SUPERSEDED)}
    lyon = turn(sitting, "I live in Lyon.")
    assert lyon.state is MemoryState.ACTIVE
    assert lyon.valid_to == old["I live in Lyon."].valid_to
    zoo = turn(sitting, "I work at the zoo. Do you like zoos?")
    assert zoo.valid_to is None
    ((what, since),) = sitting.store.memories.parts_over([zoo.id])[zoo.id]
    assert (what, since) == ("I work at the zoo.", old["I work at the zoo."].valid_to)


def test_one_of_two_claims_that_ends_leaves_the_memory_standing(sitting: Sitting) -> None:
    tell(sitting, "I live in Lyon and I work at the zoo.")
    tell(sitting, "I moved to Kyoto.")
    old, _ = sitting.made()
    assert old.text == "I live in Lyon and I work at the zoo."
    assert [what for what, _ in sitting.store.memories.parts_over([old.id])[old.id]] == ["home: lyon"]
    tell(sitting, "I quit my job at the zoo.")
    assert sitting.texts(SUPERSEDED) == ["I live in Lyon and I work at the zoo."]


def test_a_part_counts_again_when_what_ended_it_is_undone(sitting: Sitting) -> None:
    tell(sitting, "I live in Lyon and I work at the zoo.")
    tell(sitting, "I moved to Kyoto.")
    batch = sitting.store.memories.last_batch("mira", by=Author.REFLECTION)
    assert batch
    sitting.store.memories.undo(batch, Author.USER)
    (old,) = sitting.made()
    assert sitting.store.memories.parts_over([old.id]) == {}


def test_an_import_never_retires_the_persons_own_word(sitting: Sitting) -> None:
    tell(sitting, "I live in Lyon.")
    tell(sitting, "I moved to Kyoto.", origin=Origin.IMPORT)
    assert sitting.texts(SUPERSEDED) == []
    assert sorted(sitting.texts()) == ["I live in Lyon.", "I moved to Kyoto."]


def test_the_companions_words_retire_nothing(sitting: Sitting) -> None:
    tell(sitting, "I live in Lyon.")
    conversation = sitting.begin()
    sitting.say(conversation, "You moved to Kyoto. I live in Kyoto now.", Role.ASSISTANT)
    sitting.say(conversation, "That is funny of you.")
    sitting.reflect(sitting.close(conversation))
    assert sitting.texts() == ["I live in Lyon."]


def test_what_one_session_would_retire_beyond_a_few_waits_for_the_person(sitting: Sitting) -> None:
    tell(sitting, "I live in Lyon.", "I work at the zoo.", "I'm vegan.", "I'm 34 years old.", "I have a car.")
    tell(
        sitting,
        "I moved to Kyoto.",
        "I quit my job.",
        "I'm not vegan any more.",
        "I turned 35 yesterday.",
        "I sold the car.",
    )
    assert len(sitting.made(SUPERSEDED)) == MOST
    waiting = sitting.store.claims.waiting("mira")
    assert [sitting.store.memories.get(one.old_id).text for one in waiting] == [
        "I'm 34 years old.",
        "I have a car.",
    ]
    assert {"I'm 34 years old.", "I have a car."} <= set(sitting.texts())


def test_a_pinned_memory_is_not_retired_without_asking(sitting: Sitting) -> None:
    tell(sitting, "I live in Lyon.")
    sitting.store.memories.change(sitting.made()[0].id, Author.USER, "pin", pinned=True)
    tell(sitting, "I moved to Kyoto.")
    assert sitting.texts(SUPERSEDED) == []
    assert len(sitting.store.claims.waiting("mira")) == 1


def test_what_puts_right_is_joined_to_what_it_puts_right(sitting: Sitting) -> None:
    tell(sitting, "My exam is on the 5th of June.", "Sorry, I meant the 7th.")
    (memory,) = sitting.made()
    assert memory.text == "My exam is on the 5th of June. Sorry, I meant the 7th."
    assert [source.quote for source in memory.sources] == [
        "My exam is on the 5th of June.",
        "Sorry, I meant the 7th.",
    ]
    assert [claim.value for claim in sitting.store.claims.of(memory.id)] == ["7th"]


def test_what_puts_nothing_right_is_no_memory(sitting: Sitting) -> None:
    tell(sitting, "Hello there!", "Sorry, I meant the 7th.")
    assert sitting.texts() == []


def test_a_name_known_from_an_earlier_session_is_somebody(sitting: Sitting) -> None:
    tell(sitting, "My sister Ana lives in Porto.")
    tell(sitting, "Ana moved to Madrid last week.")
    assert sitting.texts(SUPERSEDED) == ["My sister Ana lives in Porto."]


def test_of_two_sisters_nobody_knows_which_one_is_meant(sitting: Sitting) -> None:
    tell(sitting, "My sister Ana lives in Porto.", "My sister Bea lives in Rome.")
    tell(sitting, "My sister moved to Madrid.")
    assert sitting.texts(SUPERSEDED) == []
    tell(sitting, "My sister Bea moved to Madrid.")
    assert sitting.texts(SUPERSEDED) == ["My sister Bea lives in Rome."]


def test_of_two_cats_nobody_knows_which_one_died(sitting: Sitting) -> None:
    tell(sitting, "I have a cat called Biscuit.", "I have a cat called Miso.")
    tell(sitting, "My cat died.")
    assert sitting.texts(SUPERSEDED) == []


def choosing(number: int) -> Writer:
    writer = Writer()
    writer.choose = lambda prompt: number
    return writer


def find_again(text: str) -> Writer:
    """Chooses the note with these words wherever it stands."""
    writer = Writer()
    writer.choose = lambda prompt: next(
        (int(line.split(".")[0]) for line in prompt.splitlines() if text in line and line[0].isdigit()), 0
    )
    return writer


def test_what_a_model_chooses_where_no_rule_can_tell_waits_for_the_person(sitting: Sitting) -> None:
    tell(
        sitting, "I feed the penguins at the aquarium every morning.", "I met my friend Tom at the aquarium."
    )
    sitting.model = find_again("penguins")
    tell(sitting, "I quit the aquarium.")
    (waiting,) = sitting.store.claims.waiting("mira")
    old = sitting.store.memories.get(waiting.old_id)
    assert old.text == "I feed the penguins at the aquarium every morning."
    assert old.state is MemoryState.ACTIVE
    assert len(sitting.model.asked) == 2


def test_a_model_that_always_takes_the_first_is_not_believed(sitting: Sitting) -> None:
    tell(
        sitting,
        "I feed the penguins at the aquarium every morning.",
        "I draw fish at the aquarium on Sundays.",
    )
    sitting.model = choosing(1)
    tell(sitting, "I quit the aquarium.")
    assert sitting.store.claims.waiting("mira") == []


def test_a_model_is_asked_only_about_what_shares_a_telling_word(sitting: Sitting) -> None:
    tell(sitting, "I feed the penguins every morning.", "My brother cleans tanks at the aquarium.")
    sitting.model = choosing(1)
    tell(sitting, "I quit the aquarium.")
    assert sitting.model.asked == []
    assert sitting.store.claims.waiting("mira") == []


def test_without_a_model_what_no_rule_can_tell_stays(sitting: Sitting) -> None:
    tell(sitting, "I feed the penguins at the aquarium every morning.")
    tell(sitting, "I quit the aquarium.")
    assert sitting.texts(SUPERSEDED) == []
    assert sitting.store.claims.waiting("mira") == []


TALKS = (
    ("I live in Lyon.",),
    ("I moved from Lyon to Kyoto.",),
    ("I live in Oslo now.",),
    ("I used to live in Oslo.",),
    ("I work at the zoo.", "I like olives on my pizza."),
    ("I quit my job at the zoo.",),
    ("I got a new job at the bank.",),
    ("I don't like olives any more.",),
    ("I have a cat called Miso.",),
    ("My cat died.",),
    ("I live in Bern and I work at the zoo.",),
    ("My sister Ana lives in Porto.",),
    ("Ana moved to Madrid.",),
)
some_talks = st.lists(st.sampled_from(TALKS), min_size=1, max_size=6)
quick = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def everything(sitting: Sitting) -> list[Memory]:
    states = tuple(MemoryState)
    return sitting.made(*states)


@quick
@given(talks=some_talks)
def test_reflecting_again_changes_nothing_and_chains_end(talks: list[tuple[str, ...]]) -> None:
    with TemporaryDirectory() as folder:
        sitting = Sitting(open_store(Path(folder)))
        sessions = [sitting.tell(*texts) for texts in talks]
        for session in sessions:
            sitting.reflect(session)
        before = everything(sitting)
        for session in sessions:
            assert sitting.reflect(session).new_memories == 0
        assert everything(sitting) == before
        by_id = {memory.id: memory for memory in before}
        for memory in before:
            assert 1.0 <= memory.strength <= 36_500
            seen, at = {memory.id}, memory.superseded_by
            while at:
                assert at not in seen
                seen.add(at)
                at = by_id[at].superseded_by
        sitting.store.database.close()


@quick
@given(talks=st.permutations(range(4)))
def test_the_order_in_which_independent_sessions_are_read_does_not_matter(talks: list[int]) -> None:
    told = (
        ("I live in Lyon.", "My sister Ana lives in Porto."),
        ("I work at the zoo.",),
        ("I like olives on my pizza.",),
        ("I have a cat called Miso.",),
    )
    with TemporaryDirectory() as folder:
        sitting = Sitting(open_store(Path(folder)))
        sessions = [sitting.tell(*texts) for texts in told]
        for place in talks:
            sitting.reflect(sessions[place])
        assert sitting.texts() == [text for texts in told for text in texts]
        sitting.store.database.close()


@quick
@given(order=st.permutations(range(3)))
def test_what_was_said_last_stands_in_whatever_order_sessions_are_read(order: list[int]) -> None:
    told = ("I live in Lyon.", "I live in Kyoto now.", "I live in Oslo now.")
    with TemporaryDirectory() as folder:
        sitting = Sitting(open_store(Path(folder)))
        sessions = [sitting.tell(text) for text in told]
        for place in order:
            sitting.reflect(sessions[place])
        assert sitting.texts() == ["I live in Oslo now."]
        assert len(sitting.made(SUPERSEDED)) == 2
        sitting.store.database.close()


@quick
@example(
    talks=[("I quit my job at the zoo.",), ("I live in Bern and I work at the zoo.",)],
    last=("I quit my job at the zoo.",),
)
@given(talks=some_talks, last=st.sampled_from(TALKS))
def test_undoing_a_reflection_restores_exactly(talks: list[tuple[str, ...]], last: tuple[str, ...]) -> None:
    with TemporaryDirectory() as folder:
        sitting = Sitting(open_store(Path(folder)))
        for texts in talks:
            sitting.reflect(sitting.tell(*texts))
        session = sitting.tell(*last)
        before = {memory.id: memory for memory in everything(sitting)}
        turns = {m.id: m for m in sitting.store.memories.list("mira") if m.granularity is Granularity.TURN}
        over = sitting.store.memories.parts_over([*before, *turns])
        newest = sitting.store.memories.last_batch("mira", by=Author.REFLECTION)
        sitting.reflect(session)
        batch = sitting.store.memories.last_batch("mira", by=Author.REFLECTION)
        if batch and batch != newest:
            sitting.store.memories.undo(batch, Author.USER)
        after = {memory.id: memory for memory in everything(sitting)}
        assert {memory_id: after[memory_id] for memory_id in before} == before
        assert all(after[new].state is MemoryState.FORGOTTEN for new in after.keys() - before.keys())
        found = sitting.store.memories.get_many(list(turns))
        assert {memory.id: memory for memory in found} == turns
        assert sitting.store.memories.parts_over([*before, *turns]) == over
        sitting.store.database.close()


def test_fifty_sessions_in_which_the_companion_repeats_itself_change_nothing(sitting: Sitting) -> None:
    """With every cue of a change in the companion's mouth, and a model that copies all it reads."""
    tell(sitting, "I live in Lyon.", "I work at the zoo.", "My sister Ana lives in Porto.")
    before = everything(sitting)
    sitting.model = Writer(lambda note: "Ida lives in Kyoto now and quit her job at the zoo.")
    for number in range(50):
        conversation = sitting.begin()
        sitting.say(conversation, "What do you know of me?")
        for memory in before:
            sitting.say(
                conversation,
                f"You said: {memory.text} You no longer live in Lyon. ({number})",
                Role.ASSISTANT,
            )
            sitting.say(conversation, "Thank you, that is nice.")
        sitting.store.clock.advance(timedelta(hours=1))
        assert sitting.reflect(sitting.close(conversation)).new_memories == 0
    assert everything(sitting) == before
    assert sitting.model.prompts == []
    assert sitting.model.asked == []


def test_what_is_asked_for_by_name_is_found_without_a_common_word(sitting: Sitting) -> None:
    tell(sitting, "I live in Lyon.", "I work at the zoo.", "My sister Ana lives in Porto.")
    tell(sitting, "I moved from Lyon to Kyoto in March.")
    memories = sitting.store.memories
    [found] = with_facts(memories, "mira", "Where do I live?", [])
    assert "Kyoto" in found.memory.text
    assert is_near(found)
    asked = sitting.store.memories.claiming("mira", ["home", "work"])
    assert [one.text for one in asked if "Ana" in one.text or one.text == "I live in Lyon."] == []
    assert with_facts(memories, "mira", "Where did I live before?", []) == []
    message_id = found.memory.sources[0].message_id
    assert with_facts(memories, "mira", "Where do I live?", [], without=[message_id]) == []
    memories.change(found.memory.id, Author.USER, "edit", trust=Trust.IMPORTED)
    assert with_facts(memories, "mira", "Where do I live?", []) == []
