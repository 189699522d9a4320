"""What a model thinks is told and kept apart from what it says, and is part of nothing else."""

import io
import threading

from app.services.views import Failed, TurnEvent
from app.ui.parts.streaming import looks
from app.ui.words import Progress
from graphs.events import Finished, Thought, Token, Unsaid
from graphs.history import fitting
from graphs.memory.composing import Speakers
from graphs.ports import Chunk, ModelInfo, Skill
from storage.records import MessageState
from tests.app.world import World
from tests.fakes.chat_model import ScriptedChatModel

SECRET = "Ida seems to hide a wombat [1]."
REPLY = f"<think>{SECRET}</think>Good evening, Ida."


def test_a_thought_is_kept_apart_and_is_part_of_nothing_else(world: World) -> None:
    world.model.say(REPLY, "And again.")
    conversation = world.chat.start("mira")
    events = list(world.chat.send(conversation.id, "Hello, I keep eleven hives."))
    assert "".join(one.text for one in events if isinstance(one, Thought)).strip() == SECRET
    reply = world.chat.open(conversation.id)[-1]
    assert (reply.text, reply.thoughts) == ("Good evening, Ida.", SECRET)
    assert not [one for one in world.stores.memories.list("mira") if "wombat" in one.text]
    list(world.chat.send(conversation.id, "And?"))
    prompt = world.model.calls[-1].messages
    assert not [one for one in prompt if "wombat" in one.content]
    assert not world.chat.conversations("mira", "wombat")
    assert world.chat.why(reply.id).used == ()
    stream = io.StringIO()
    world.transfer.export(None, stream)
    assert "wombat" not in stream.getvalue()


def test_thoughts_go_with_their_conversation(world: World) -> None:
    world.model.say(REPLY)
    conversation = world.chat.start("mira")
    list(world.chat.send(conversation.id, "Hello."))
    reply = world.chat.open(conversation.id)[-1]
    world.chat.delete(conversation.id)
    assert world.stores.messages.thoughts(reply.id) == ""


def test_another_try_begins_without_the_old_thoughts(world: World) -> None:
    world.model.say("<think>It failed.", "Hello.")
    conversation = world.chat.start("mira")
    failed = list(world.chat.send(conversation.id, "Hello."))[-1]
    assert isinstance(failed, Failed)
    assert failed.message == "The model thought, and then said nothing."
    assert world.chat.open(conversation.id)[-1].thoughts == "It failed."
    list(world.chat.retry(conversation.id))
    reply = world.chat.open(conversation.id)[-1]
    assert (reply.text, reply.thoughts) == ("Hello.", "")


class Thinking(ScriptedChatModel):
    """Thinks one thing, then nothing until it is stopped."""

    def stream(self, messages, sampling, *, stop, priority=None, progress=None):  # type: ignore[no-untyped-def]
        yield Chunk("I wonder", kind="thought")
        assert isinstance(stop, threading.Event)
        stop.wait(20)
        yield Chunk("", "stopped")


def test_a_stop_within_a_thought_leaves_a_clear_reply(world: World) -> None:
    world.model = Thinking()
    conversation = world.chat.start("mira")
    for event in world.chat.send(conversation.id, "Hello."):
        if isinstance(event, Thought):
            world.chat.stop(conversation.id)
    reply = world.chat.open(conversation.id)[-1]
    assert (reply.text, reply.thoughts, reply.state) == ("", "I wonder", MessageState.STOPPED)


class Stray(ScriptedChatModel):
    """Its server leaves the beginning of its thoughts out."""

    def stream(self, messages, sampling, *, stop, priority=None, progress=None):  # type: ignore[no-untyped-def]
        yield Chunk("Mira: I wonder [1] ")
        yield Chunk("", kind="unsaid")
        yield Chunk("Mira: Hello ")
        yield Chunk("there.")
        yield Chunk("", "stop")


def test_what_turns_out_to_be_a_thought_is_taken_back(world: World) -> None:
    world.model = Stray()
    conversation = world.chat.start("mira")
    events = list(world.chat.send(conversation.id, "Hello."))
    reply = world.chat.open(conversation.id)[-1]
    assert (reply.text, reply.thoughts) == ("Hello there.", "I wonder")
    seen = list(looks(iter(events), lambda: 0.0, pause=0.0))
    assert any(look.progress == Progress.thinking.format(count=2) and not look.text for look in seen)
    assert seen[-1].text == "Hello there."
    assert any(isinstance(event, Unsaid) for event in events)


def test_the_page_says_how_far_it_has_thought(world: World) -> None:
    events: list[TurnEvent] = [
        Thought("One two "),
        Thought("three"),
        Token("Hello"),
        Finished("m", MessageState.COMPLETE),
    ]
    seen = list(looks(iter(events), lambda: 0.0, pause=0.0))
    assert [look.progress for look in seen[1:3]] == [
        Progress.thinking.format(count=2),
        Progress.thinking.format(count=3),
    ]
    assert (seen[-1].text, seen[-1].thoughts) == ("Hello", "One two three")


def test_a_model_that_thinks_is_given_room_for_it(world: World) -> None:
    _, messages = world.talk(*["word " * 40] * 60)
    who = Speakers(world.persona, "Ida")
    plain, thinking = ScriptedChatModel(), ScriptedChatModel()
    thinking._info = ModelInfo("scripted", Skill.WRITES, 4096, thinks=True)
    assert len(fitting(thinking, who, messages, "Hi")) < len(fitting(plain, who, messages, "Hi"))
