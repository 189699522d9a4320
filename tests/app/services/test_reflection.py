import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.services.reflection import ReflectionService
from graphs.ports import Skill
from storage.records import Granularity, SessionState, Trust
from tests.app.world import World
from tests.fakes.chat_model import ScriptedChatModel


@pytest.fixture
def service(world: World) -> Iterator[ReflectionService]:
    world.model = ScriptedChatModel(skill=Skill.QUOTES)
    made = ReflectionService(
        stores=world.stores,
        checkpoints=world.paths.checkpoints,
        model=lambda: world.model,
        embedder=lambda: world.embedder,
        person_name=lambda: "Ida",
        changed=world.changed,
    )
    yield made
    made.close()


def notes(world: World) -> list[str]:
    return [one.text for one in world.stores.memories.list("mira") if one.granularity is not Granularity.TURN]


def test_a_finished_talk_becomes_memories_with_their_sources(
    world: World, service: ReflectionService
) -> None:
    _, (said, *_) = world.talk("My flatmate Sindre plays the hardanger fiddle until midnight.", "Oh no.")
    steps = list(service.run_now())
    assert steps[-1].memories == len(notes(world)) == 1
    (note,) = [one for one in world.stores.memories.list("mira") if one.granularity is Granularity.TOPIC]
    assert note.trust is Trust.NOTED
    assert note.sources[0].message_id == said.id
    assert note.sources[0].quote in said.text
    assert steps[-1].words == "Read 1 talk; 1 new memory."
    assert [step.words for step in service.run_now()] == [
        "Nothing waits: memories have been made of all talks."
    ]


def test_a_talk_still_under_way_waits_until_it_is_idle(world: World, service: ReflectionService) -> None:
    conversation, _ = world.talk("I keep eleven hives behind the barn.")
    assert service.close_idle(timedelta(minutes=20)) == 0
    world.clock.advance(minutes=21)
    assert service.close_idle(timedelta(minutes=20)) == 1
    assert service.pending() == 1
    service.run_quietly(threading.Event(), quiet=lambda: True)
    assert service.pending() == 0
    (session,) = world.stores.sessions.for_conversation(conversation.id)
    assert session.state is SessionState.REFLECTED


def test_background_work_begins_nothing_while_somebody_talks(
    world: World, service: ReflectionService
) -> None:
    world.talk("I keep eleven hives behind the barn.")
    service.close_idle(timedelta(seconds=-60))
    service.run_quietly(threading.Event(), quiet=lambda: False)
    assert service.pending() == 1
    assert notes(world) == []


def test_one_conversation_can_be_done_at_once(world: World, service: ReflectionService) -> None:
    first, _ = world.talk("I keep eleven hives behind the barn.")
    world.talk("My sister is called Ana and lives in Porto.")
    list(service.reflect_conversation(first.id))
    assert len(notes(world)) == 1


def test_stopping_leaves_the_rest_for_later(world: World, service: ReflectionService) -> None:
    world.talk("I keep eleven hives behind the barn.")
    service.close_idle(timedelta(seconds=-60))
    stop = threading.Event()
    stop.set()
    assert [step.words for step in service.run(stop)] == ["Stopped; the rest is done later."]
    assert service.pending() == 1
