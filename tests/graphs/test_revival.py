from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.words import history_words
from graphs.decay import fade_due
from graphs.memory.forgetting import retention, strengthen
from storage.records import Author, Memory, MemoryState, Outcome, Role, Trust
from tests.fakes.chat_model import ScriptedChatModel
from tests.graphs.chat import Chat

THUNDER = "My cat Biscuit hides from thunder in the wardrobe"
MENTION = "Biscuit my cat hides in the wardrobe, thunder again"


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    opened = Chat(tmp_path, ScriptedChatModel())
    yield opened
    opened.close()


def reply(chat: Chat, text: str = "I see.") -> None:
    assert isinstance(chat.model, ScriptedChatModel)
    chat.model.say(text)


def faded(chat: Chat, text: str = THUNDER) -> Memory:
    """A memory that has gone unused until it faded."""
    [memory] = chat.told(text)
    chat.store.clock.advance(days=1500)
    store = chat.store
    assert fade_due(store.database, store.memories, "mira", now=store.clock.now(), ids=store.ids)
    chat.begin()
    return store.memories.get(memory.id)


def state(chat: Chat, memory: Memory) -> MemoryState:
    return chat.store.memories.get(memory.id).state


def test_what_faded_is_not_shown_comes_back_when_it_is_mentioned_and_is_shown_next(chat: Chat) -> None:
    memory = faded(chat)
    reply(chat)
    first = chat.say(MENTION)
    assert memory.id not in first.recalls
    assert state(chat, memory) is MemoryState.ACTIVE
    chat.begin()
    reply(chat)
    second = chat.say("Where does my cat hide from thunder?")
    assert second.recalls[memory.id].outcome is Outcome.FACT


def test_what_comes_back_grows_by_this_use_at_what_was_kept_of_it(chat: Chat) -> None:
    memory = faded(chat)
    reply(chat)
    chat.say(MENTION)
    back, now = chat.store.memories.get(memory.id), chat.store.clock.now()
    idle = (now - memory.created).total_seconds() / 86_400
    grown = strengthen(memory.strength, retention(idle, memory.strength), memory.importance)
    assert back.strength == pytest.approx(grown)
    assert (back.last_used, back.recalls) == (now, 0)


def test_an_unrelated_message_brings_nothing_back(chat: Chat) -> None:
    memory = faded(chat)
    for text in ("I bought a boat for the summer", "My cat sleeps", "Thunder!", "Thanks, that helps"):
        reply(chat)
        chat.say(text)
        assert state(chat, memory) is MemoryState.FADED


def test_coming_back_stands_in_the_history_and_undoing_it_lasts(chat: Chat) -> None:
    memory = faded(chat)
    reply(chat)
    chat.say(MENTION)
    newest = chat.store.memories.history(memory.id)[0]
    assert (newest.action, newest.by) == ("revive", Author.DECAY)
    assert "it came up again and was brought back" in history_words(newest, chat.store.clock.now())
    chat.store.memories.undo(newest.batch_id, Author.USER)
    assert chat.store.memories.get(memory.id) == memory
    reply(chat)
    chat.say(MENTION)
    assert state(chat, memory) is MemoryState.FADED


def test_what_the_person_let_fade_waits_for_the_person(chat: Chat) -> None:
    [memory] = chat.told(THUNDER)
    chat.store.memories.change(memory.id, Author.USER, "fade", state=MemoryState.FADED)
    reply(chat)
    chat.say(MENTION)
    assert state(chat, memory) is MemoryState.FADED


def test_what_is_forgotten_or_was_said_by_the_companion_does_not_come_back(chat: Chat) -> None:
    gone = faded(chat)
    echo = chat.store.remember(THUNDER, speaker=Role.ASSISTANT, trust=Trust.INFERRED)
    chat.store.memories.change(echo.id, Author.DECAY, "fade", state=MemoryState.FADED)
    chat.store.memories.change(gone.id, Author.USER, "forget", state=MemoryState.FORGOTTEN)
    reply(chat)
    chat.say(MENTION)
    assert (state(chat, gone), state(chat, echo)) == (MemoryState.FORGOTTEN, MemoryState.FADED)


def test_without_an_embedder_words_alone_bring_it_back(chat: Chat) -> None:
    memory = faded(chat)
    chat.embedder.missing = True
    reply(chat)
    chat.say(MENTION)
    assert state(chat, memory) is MemoryState.ACTIVE
