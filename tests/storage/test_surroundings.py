from storage.plain import julian_day, time_text
from storage.records import Author, Granularity, MemoryState
from tests.storage.store import Store


def test_a_turn_knows_the_turns_before_and_after_it(store: Store) -> None:
    talk = store.conversation()
    memories = [store.remember(text, store.say(talk.id, text)) for text in ("one", "two", "three")]
    found = {one.id: one for one in store.memories.surroundings("mira", [memories[1].id])}
    assert set(found) == {memory.id for memory in memories}
    assert set(found[memories[1].id].beside) == {memories[0].id, memories[2].id}


def test_a_pause_parts_turns(store: Store) -> None:
    talk = store.conversation()
    first = store.remember("one", store.say(talk.id, "one"))
    store.clock.advance(hours=5)
    store.remember("two", store.say(talk.id, "two"))
    assert [one.id for one in store.memories.surroundings("mira", [first.id])] == [first.id]


def test_only_active_memories_of_the_persona_are_there(store: Store) -> None:
    talk = store.conversation()
    first, second = (store.remember(text, store.say(talk.id, text)) for text in ("one", "two"))
    store.memories.change(second.id, Author.USER, "forget", state=MemoryState.FORGOTTEN)
    [left] = store.memories.surroundings("mira", [first.id, second.id, "unknown"])
    assert (left.id, left.beside) == (first.id, ())
    assert store.memories.surroundings("oskar", [first.id]) == []


def test_what_is_no_turn_stands_beside_nothing(store: Store) -> None:
    talk = store.conversation()
    one, two = store.say(talk.id, "one"), store.say(talk.id, "two")
    topic = store.remember("a topic", one, granularity=Granularity.TOPIC)
    turn = store.remember("two", two)
    found = {each.id: each.beside for each in store.memories.surroundings("mira", [topic.id, turn.id])}
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
    [brief] = store.memories.surroundings("mira", [statement.id])
    assert (brief.text, brief.said_on) == (statement.text, time_text(statement.said_on))
    assert brief.strength == 10.0
    assert abs(brief.touched - julian_day(statement.created)) < 1e-6


def test_a_turn_and_what_was_made_of_it_bring_each_other(store: Store) -> None:
    talk = store.conversation()
    said, other = store.say(talk.id, "one"), store.say(talk.id, "two")
    turn, topic = (
        store.remember("one", said),
        store.remember("a topic", said, granularity=Granularity.TOPIC),
    )
    store.remember("two", other)
    for known in (turn, topic):
        found = {one.id: one for one in store.memories.surroundings("mira", [known.id])}
        assert (found[turn.id].kin, found[topic.id].kin) == ((topic.id,), (turn.id,))


def test_a_summary_of_a_session_is_nobodys_kin(store: Store) -> None:
    talk = store.conversation()
    said = [store.say(talk.id, text) for text in ("one", "two")]
    turns = [store.remember(message.text, message) for message in said]
    summary = store.remember("both", *said, granularity=Granularity.SESSION)
    for known in (summary, turns[0]):
        found = store.memories.surroundings("mira", [known.id])
        assert [one.kin for one in found] == [()] * len(found)
    assert summary.id not in {one.id for one in found}


def test_a_change_is_seen_by_the_next_search_also_beside_it(store: Store) -> None:
    talk = store.conversation()
    one = store.remember("one", store.say(talk.id, "one"))
    assert [known.beside for known in store.memories.surroundings("mira", [one.id])] == [()]
    two = store.remember("two", store.say(talk.id, "two"))
    found = {known.id: known.beside for known in store.memories.surroundings("mira", [one.id])}
    assert found == {one.id: (two.id,), two.id: (one.id,)}
    store.memories.change(two.id, Author.USER, "edit", text="three", strength=99.0)
    assert {known.text for known in store.memories.surroundings("mira", [one.id])} == {"one", "three"}
    store.memories.change(two.id, Author.USER, "forget", state=MemoryState.FORGOTTEN)
    assert [known.id for known in store.memories.surroundings("mira", [one.id, two.id])] == [one.id]
    store.memories.undo(store.memories.history(two.id)[0].batch_id, Author.USER)
    assert {known.id for known in store.memories.surroundings("mira", [one.id])} == {one.id, two.id}


def test_a_new_topic_is_seen_beside_a_turn_that_was_read_before(store: Store) -> None:
    said = store.say(store.conversation().id, "one")
    turn = store.remember("one", said)
    assert [known.kin for known in store.memories.surroundings("mira", [turn.id])] == [()]
    topic = store.remember("a topic", said, granularity=Granularity.TOPIC)
    assert {known.id for known in store.memories.surroundings("mira", [turn.id])} == {turn.id, topic.id}


def test_history_that_was_cut_off_is_noticed(store: Store) -> None:
    one = store.remember("one")
    store.memories.surroundings("mira", [one.id])
    store.memories.erase(one.id)
    two = store.remember("two")
    assert [known.id for known in store.memories.surroundings("mira", [one.id, two.id])] == [two.id]
