from storage.plain import time_text
from storage.records import Author, Granularity, MemoryState
from tests.storage.store import Store


def test_a_turn_knows_the_turns_before_and_after_it(store: Store) -> None:
    talk = store.conversation()
    memories = [store.remember(text, store.say(talk.id, text)) for text in ("one", "two", "three")]
    found = {one.id: one for one in store.memories.surroundings("mira", [memories[1].id], store.clock.now())}
    assert set(found) == {memory.id for memory in memories}
    assert set(found[memories[1].id].beside) == {memories[0].id, memories[2].id}


def test_a_pause_parts_turns(store: Store) -> None:
    talk = store.conversation()
    first = store.remember("one", store.say(talk.id, "one"))
    store.clock.advance(hours=5)
    store.remember("two", store.say(talk.id, "two"))
    assert [one.id for one in store.memories.surroundings("mira", [first.id], store.clock.now())] == [
        first.id
    ]


def test_only_active_memories_of_the_persona_are_there(store: Store) -> None:
    talk = store.conversation()
    first, second = (store.remember(text, store.say(talk.id, text)) for text in ("one", "two"))
    store.memories.change(second.id, Author.USER, "forget", state=MemoryState.FORGOTTEN)
    [left] = store.memories.surroundings("mira", [first.id, second.id, "unknown"], store.clock.now())
    assert (left.id, left.beside) == (first.id, ())
    assert store.memories.surroundings("oskar", [first.id], store.clock.now()) == []


def test_what_is_no_turn_stands_beside_nothing(store: Store) -> None:
    talk = store.conversation()
    one, two = store.say(talk.id, "one"), store.say(talk.id, "two")
    topic = store.remember("a topic", one, granularity=Granularity.TOPIC)
    turn = store.remember("two", two)
    found = {
        each.id: each.beside
        for each in store.memories.surroundings("mira", [topic.id, turn.id], store.clock.now())
    }
    assert found == {topic.id: (), turn.id: ()}


def test_speaker_names_are_told_once_each(store: Store) -> None:
    assert store.memories.speaker_names("mira") == []
    for name in ("Melanie", "", "Caroline", "Melanie"):
        store.remember("hello", speaker_name=name)
    assert store.memories.speaker_names("mira") == ["Caroline", "Melanie"]
    assert store.memories.speaker_names("oskar") == []


def test_memories_that_rest_only_on_given_messages(store: Store) -> None:
    talk = store.conversation()
    one, two = store.say(talk.id, "one"), store.say(talk.id, "two")
    alone, both = store.remember("alone", one), store.remember("both", one, two)
    typed = store.remember("typed")
    assert store.memories.resting_only_on([one.id]) == {alone.id}
    assert store.memories.resting_only_on([one.id, two.id]) == {alone.id, both.id}
    assert store.memories.resting_only_on([]) == set()
    assert typed.id not in store.memories.resting_only_on([one.id, two.id])


def test_a_memory_in_brief(store: Store) -> None:
    statement = store.remember("My dog is called Rex", strength=10.0)
    store.clock.advance(days=5)
    [brief] = store.memories.surroundings("mira", [statement.id], store.clock.now())
    assert (brief.text, brief.said_on) == (statement.text, time_text(statement.said_on))
    assert abs(brief.idle - 0.5) < 1e-3


def test_a_turn_and_what_was_made_of_it_bring_each_other(store: Store) -> None:
    talk = store.conversation()
    said, other = store.say(talk.id, "one"), store.say(talk.id, "two")
    turn, topic = (
        store.remember("one", said),
        store.remember("a topic", said, granularity=Granularity.TOPIC),
    )
    store.remember("two", other)
    for known in (turn, topic):
        found = {one.id: one for one in store.memories.surroundings("mira", [known.id], store.clock.now())}
        assert (found[turn.id].kin, found[topic.id].kin) == ((topic.id,), (turn.id,))


def test_a_summary_of_a_session_is_nobodys_kin(store: Store) -> None:
    talk = store.conversation()
    said = [store.say(talk.id, text) for text in ("one", "two")]
    turns = [store.remember(message.text, message) for message in said]
    summary = store.remember("both", *said, granularity=Granularity.SESSION)
    for known in (summary, turns[0]):
        found = store.memories.surroundings("mira", [known.id], store.clock.now())
        assert [one.kin for one in found] == [()] * len(found)
    assert summary.id not in {one.id for one in found}
