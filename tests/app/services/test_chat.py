import threading
from collections.abc import Iterator

import pytest

from app.services.live import outcome
from app.services.views import Failed, TurnEvent
from graphs.errors import ModelError
from graphs.events import Finished, Recalled, Token
from graphs.ports import Skill
from personas.errors import UserError
from storage.records import (
    Author,
    Granularity,
    Memory,
    MemoryState,
    MessageState,
    Role,
    SessionState,
    Trust,
)
from tests.app.world import World
from tests.fakes.chat_model import ScriptedChatModel


def said(events: Iterator[TurnEvent]) -> str:
    """The text of a reply, followed to its end."""
    return "".join(event.text for event in events if isinstance(event, Token))


def texts(world: World, conversation_id: str) -> list[str]:
    return [view.text for view in world.chat.open(conversation_id)]


def turn_states(world: World, text: str) -> list[MemoryState]:
    return [one.state for one in world.stores.memories.list("mira") if one.text == text]


def test_the_greeting_comes_first_and_an_unused_conversation_is_used_again(world: World) -> None:
    conversation = world.chat.start("mira")
    (greeting,) = world.chat.open(conversation.id)
    assert (greeting.text, greeting.is_greeting) == ("Hello Ida.", True)
    world.clock.advance(days=1)
    assert world.chat.start("mira").id == conversation.id
    assert len(world.chat.conversations("mira")) == 1
    assert world.stores.memories.count("mira") == 0


def test_a_turn_is_told_stored_and_remembered(world: World) -> None:
    world.model.say("Eleven is a good number.")
    conversation = world.chat.start("mira")
    events = list(world.chat.send(conversation.id, "  Hello, I keep eleven hives behind the barn. "))
    assert isinstance(events[0], Recalled)
    assert said(iter(events)) == "Eleven is a good number."
    finished = next(event for event in events if isinstance(event, Finished))
    reply = world.chat.message(finished.message_id)
    assert (reply.state, reply.model, reply.text) == (
        MessageState.COMPLETE,
        "scripted",
        "Eleven is a good number.",
    )
    assert {(one.text, one.trust) for one in world.stores.memories.list("mira")} == {
        ("Hello, I keep eleven hives behind the barn.", Trust.SAID),
        ("Eleven is a good number.", Trust.INFERRED),
    }
    (line,) = world.chat.conversations("mira")
    assert line.title == "I keep eleven hives behind the…"
    assert (line.group, line.preview) == ("Today", "Hello, I keep eleven hives behind the barn.")
    assert world.changes > 0


def test_what_was_told_is_shown_to_a_later_reply_and_said_so(indexed_world: World) -> None:
    world = indexed_world
    world.model.say("Noted.", "Your flatmate Sindre does, until midnight.")
    first = world.chat.start("mira")
    list(world.chat.send(first.id, "My flatmate Sindre plays the fiddle until midnight."))
    world.clock.advance(days=1)
    second = world.chat.start("mira")
    assert second.id != first.id
    list(world.chat.send(second.id, "Who plays the fiddle?"))
    reply = world.chat.open(second.id)[-1]
    why = world.chat.why(reply.id)
    assert reply.shown >= 1
    assert why.used[0].text.startswith("My flatmate Sindre")
    assert why.used[0].where_from == "you said"
    prompt = world.model.calls[-1].messages
    assert "Sindre" in prompt[-1].content
    assert not any("Sindre" in message.content for message in prompt[:-1])


def test_a_reply_tells_what_it_rests_on_that_nobody_confirmed(indexed_world: World) -> None:
    world = indexed_world
    world.model.say("Sindre plays the fiddle until midnight.")
    memory = Memory(
        id=world.stores.ids(),
        persona_id="mira",
        granularity=Granularity.TOPIC,
        text="Sindre plays the fiddle until midnight.",
        trust=Trust.IMPORTED,
        created=world.clock.now(),
        said_on=world.clock.now(),
    )
    world.stores.memories.add(memory, Author.USER)
    conversation = world.chat.start("mira")
    list(world.chat.send(conversation.id, "Who plays the fiddle?"))
    assert world.chat.open(conversation.id)[-1].unproven == ((memory.id, memory.text),)
    world.memories.confirm(memory.id)
    assert world.chat.open(conversation.id)[-1].unproven == ()


def test_a_new_conversation_ends_the_session_of_the_last(world: World) -> None:
    world.model.say("Noted.")
    first = world.chat.start("mira")
    list(world.chat.send(first.id, "I keep hives."))
    world.chat.start("mira")
    assert {one.state for one in world.stores.sessions.for_conversation(first.id)} == {SessionState.CLOSED}
    assert len(world.stores.sessions.due()) == 1


def test_a_failed_reply_keeps_what_was_said_and_can_be_tried_again(world: World) -> None:
    world.model.say(ModelError("The model broke.", "Choose another."), "Now it works.")
    conversation = world.chat.start("mira")
    failed = outcome(world.chat.send(conversation.id, "I keep hives."))
    assert isinstance(failed, Failed)
    assert (failed.message, failed.hint) == ("The model broke.", "Choose another.")
    _, mine, reply = world.chat.open(conversation.id)
    assert mine.text == "I keep hives."
    assert (reply.state, reply.error, reply.id) == (
        MessageState.FAILED,
        "The model broke. Choose another.",
        failed.message_id,
    )
    assert world.texts("hives") == ["I keep hives."]
    assert said(world.chat.retry(conversation.id)) == "Now it works."
    *_, reply = world.chat.open(conversation.id)
    assert (reply.state, reply.error, reply.siblings) == (MessageState.COMPLETE, "", ())


def test_an_unforeseen_failure_is_told_without_its_words(world: World) -> None:
    world.model.say(ZeroDivisionError("secret words"))
    conversation = world.chat.start("mira")
    failed = outcome(world.chat.send(conversation.id, "Hello."))
    assert isinstance(failed, Failed)
    assert "ZeroDivisionError" in failed.message
    assert "secret" not in failed.message


def test_another_reply_stands_beside_the_first_and_only_the_chosen_one_is_remembered(world: World) -> None:
    world.model.say("Bees are fine.", "Bees are wonderful.")
    conversation = world.chat.start("mira")
    list(world.chat.send(conversation.id, "I keep bees."))
    list(world.chat.again(conversation.id))
    assert texts(world, conversation.id)[-1] == "Bees are wonderful."
    reply = world.chat.open(conversation.id)[-1]
    assert (len(reply.siblings), reply.position) == (2, 1)
    assert turn_states(world, "Bees are fine.") == [MemoryState.SUPERSEDED]
    world.chat.choose_sibling(reply.siblings[0])
    assert texts(world, conversation.id)[-1] == "Bees are fine."
    assert turn_states(world, "Bees are fine.") == [MemoryState.ACTIVE]
    assert turn_states(world, "Bees are wonderful.") == [MemoryState.SUPERSEDED]


def test_putting_the_last_thing_differently_takes_the_first_version_out_of_memory(world: World) -> None:
    world.model.say("Oslo is cold.", "Bergen is wet.")
    conversation = world.chat.start("mira")
    list(world.chat.send(conversation.id, "I live in Oslo."))
    list(world.chat.edit_last(conversation.id, "I live in Bergen."))
    assert texts(world, conversation.id) == ["Hello Ida.", "I live in Bergen.", "Bergen is wet."]
    assert {one.text for one in world.stores.memories.list("mira") if one.state is MemoryState.ACTIVE} == {
        "I live in Bergen.",
        "Bergen is wet.",
    }


def test_a_stopped_reply_keeps_what_there_is(world: World) -> None:
    world.model = Waiting()
    conversation = world.chat.start("mira")
    events = world.chat.send(conversation.id, "Tell me everything.")
    for event in events:
        if isinstance(event, Token):
            assert world.chat.is_busy(conversation.id)
            world.chat.stop(conversation.id)
            break
    ended = outcome(events)
    assert isinstance(ended, Finished)
    assert ended.state is MessageState.STOPPED
    assert texts(world, conversation.id)[-1] == "Once"
    assert not world.chat.is_busy(conversation.id)


def test_a_reply_under_way_can_be_followed_after_a_reload(world: World) -> None:
    model = Waiting()
    world.model = model
    conversation = world.chat.start("mira")
    first = world.chat.send(conversation.id, "Tell me everything.")
    assert any(isinstance(event, Token) for event in first)
    first.close()  # type: ignore[attr-defined]
    again = world.chat.follow(conversation.id)
    world.chat.stop(conversation.id)
    assert said(again) == "Once"
    assert list(world.chat.follow(conversation.id)) == []


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 100_001])
def test_a_message_without_words_or_with_too_many_is_refused(world: World, text: str) -> None:
    conversation = world.chat.start("mira")
    with pytest.raises(UserError):
        world.chat.send(conversation.id, text)
    assert len(world.chat.open(conversation.id)) == 1


def test_nothing_said_means_nothing_to_answer_again(world: World) -> None:
    conversation = world.chat.start("mira")
    for act in (world.chat.again, world.chat.retry, lambda one: world.chat.edit_last(one, "x")):
        with pytest.raises(UserError, match="not said anything"):
            act(conversation.id)


def test_without_a_model_the_reply_is_a_quotation(indexed_world: World) -> None:
    world = indexed_world
    world.model = ScriptedChatModel(skill=Skill.NONE)
    world.talk("My flatmate Sindre plays the fiddle until midnight.")
    world.clock.advance(days=2)
    conversation = world.chat.start("mira")
    list(world.chat.send(conversation.id, "Who plays the fiddle?"))
    reply = world.chat.open(conversation.id)[-1]
    assert "Sindre plays the fiddle" in reply.text
    assert reply.from_memory
    assert world.model.calls == []


def test_what_a_crash_left_is_settled_and_remembered(world: World) -> None:
    conversation = world.chat.start("mira")
    greeting = world.chat.open(conversation.id)[0]
    mine = world.stores.messages.append(
        conversation.id, Role.USER, "I keep bees.", parent_id=greeting.id, state=MessageState.COMPLETE
    )
    world.stores.messages.append(
        conversation.id, Role.ASSISTANT, "Half a", parent_id=mine.id, state=MessageState.STREAMING
    )
    assert world.chat.recover() == 1
    assert world.chat.open(conversation.id)[-1].state is MessageState.STOPPED
    assert {one.text for one in world.stores.memories.list("mira")} == {"I keep bees.", "Half a"}
    assert world.chat.recover() == 0


def test_deleting_a_conversation_says_what_goes_with_it(world: World) -> None:
    conversation, _ = world.talk("I keep bees.", "Good.")
    assert world.chat.lost_with(conversation.id) == 2
    done = world.chat.delete(conversation.id)
    assert done.sentence == "The conversation is deleted, with 2 memories that came from it."
    assert world.chat.find(conversation.id) is None
    assert world.texts("bees") == []


def test_a_title_can_be_changed_but_not_to_nothing(world: World) -> None:
    conversation, _ = world.talk("I keep bees.")
    assert world.chat.rename(conversation.id, " Bees ").title == "Bees"
    with pytest.raises(UserError, match="needs some words"):
        world.chat.rename(conversation.id, "  ")


def test_looking_for_words_lists_the_conversations_that_have_them(world: World) -> None:
    world.talk("I keep bees behind the old barn.")
    world.talk("The weather is fine.")
    (line,) = world.chat.conversations("mira", "barn")
    assert "barn" in line.preview


class Waiting(ScriptedChatModel):
    """Says one word, then nothing until it is stopped."""

    def stream(self, messages, sampling, *, stop, priority=None, progress=None):  # type: ignore[no-untyped-def]
        from graphs.ports import Chunk

        yield Chunk("Once ")
        assert isinstance(stop, threading.Event)
        stop.wait(20)
        yield Chunk("", "stopped")
