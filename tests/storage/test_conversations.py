from datetime import timedelta

import pytest

from personas.errors import NotFoundError
from storage.records import Author, MemoryState, Origin, Role, Source
from tests.storage.store import Store


def test_conversations_are_listed_by_their_newest_message(store: Store) -> None:
    first, second = store.conversation(title="first"), store.conversation(title="second")
    store.say(second.id, "hello")
    store.clock.advance(days=1)
    store.say(first.id, "good morning")
    assert [talk.title for talk in store.conversations.list("mira")] == ["first", "second"]


def test_an_imported_conversation_is_listed_when_it_was_held(store: Store) -> None:
    then = store.clock.now() - timedelta(days=400)
    old = store.conversations.add("mira", "Long ago", Origin.IMPORT, created=then)
    new = store.conversation()
    store.messages.append(old.id, Role.USER, "hi", parent_id=None, created=then, origin=Origin.IMPORT)
    assert [talk.id for talk in store.conversations.list("mira")] == [new.id, old.id]
    assert store.conversations.get(old.id).updated == then


@pytest.mark.parametrize("query", ["porto", "PORT", "ana lives", "  Reise", "reise nach", "née"])
def test_a_query_finds_titles_and_messages(store: Store, query: str) -> None:
    wanted = store.conversation(title="Reise nach Lissabon, née Ulyssippo")
    store.say(wanted.id, "Ana lives in Porto now")
    store.say(store.conversation(title="Tea").id, "I like green tea")
    assert [talk.id for talk in store.conversations.list("mira", query)] == [wanted.id]


@pytest.mark.parametrize("query", ['"', "'; DROP TABLE messages", "a* OR NEAR(", "((", "—", "100%_"])
def test_no_query_is_taken_for_syntax(store: Store, query: str) -> None:
    store.say(store.conversation().id, "hello")
    assert store.conversations.list("mira", query) == []


def test_pages_follow_each_other(store: Store) -> None:
    made = []
    for _ in range(5):
        store.clock.advance(seconds=1)
        made.append(store.conversation().id)
    pages = [store.conversations.list("mira", limit=2, offset=offset) for offset in (0, 2, 4)]
    assert [talk.id for page in pages for talk in page] == made[::-1]


def test_other_personas_conversations_stay_out(store: Store) -> None:
    talk = store.conversation()
    store.say(talk.id, "hello")
    assert store.conversations.list("ada", "hello") == []


def test_renaming_trims_and_finds_by_the_new_title(store: Store) -> None:
    talk = store.conversation(title="old")
    assert store.conversations.rename(talk.id, "  new name ").title == "new name"
    assert store.conversations.list("mira", "old") == []
    with pytest.raises(NotFoundError):
        store.conversations.rename("nothing", "x")


def test_the_head_must_be_a_message_of_the_conversation(store: Store) -> None:
    talk, other = store.conversation(), store.conversation()
    elsewhere = store.say(other.id, "hi")
    with pytest.raises(NotFoundError):
        store.conversations.set_head(talk.id, elsewhere.id)


def test_deleting_takes_messages_and_the_memories_that_rest_on_them_alone(store: Store) -> None:
    talk, other = store.conversation(), store.conversation()
    here, there = store.say(talk.id, "Ana moved to Porto"), store.say(other.id, "Ana likes it")
    alone = store.remember("Ana moved to Porto", here)
    both = store.remember("Ana moved to Porto and likes it", here, there)
    typed = store.remember("typed by hand")
    assert store.conversations.memories_lost_with(talk.id) == 1
    assert store.conversations.delete(talk.id) == 1
    assert store.conversations.find(talk.id) is None
    assert store.messages.find(here.id) is None
    assert store.memories.find(alone.id) is None
    assert store.memories.get(typed.id) == typed
    assert store.memories.get(both.id).sources == (Source(there.id),)
    assert store.memories.get(both.id).state is MemoryState.ACTIVE


def test_deleting_takes_its_words_out_of_the_history_of_other_memories(store: Store) -> None:
    talk, other = store.conversation(), store.conversation()
    here, there = store.say(talk.id, "xylophone lessons"), store.say(other.id, "music")
    memory = store.remember("plays music", there)
    quoted = (Source(there.id), Source(here.id, "xylophone"))
    store.memories.change(memory.id, Author.REFLECTION, "merge", sources=quoted)
    store.memories.change(memory.id, Author.USER, "edit", sources=(Source(there.id),))
    store.conversations.delete(talk.id)
    assert "xylophone" not in str(store.memories.history(memory.id))


def test_deleting_what_is_gone_says_so(store: Store) -> None:
    talk = store.conversation()
    store.conversations.delete(talk.id)
    with pytest.raises(NotFoundError):
        store.conversations.delete(talk.id)


def test_a_long_conversation_can_be_deleted(store: Store) -> None:
    talk = store.conversation()
    with store.database.atomic():
        parent = None
        for n in range(3000):
            parent = store.messages.append(talk.id, Role.USER, f"message {n}", parent_id=parent).id
    assert len(store.messages.path(talk.id)) == 3000
    store.conversations.delete(talk.id)
    assert store.database.number("SELECT count(*) FROM messages") == 0
