from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.changes import ChangeService
from personas.errors import NotFoundError
from storage.records import Author, Granularity, Memory, MemoryState, Role, Source, Trust
from tests.app.world import World, open_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = open_world(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def changes(world: World) -> ChangeService:
    return ChangeService(stores=world.stores, changed=world.changed)


def noted(world: World, text: str) -> Memory:
    _, (message,) = world.talk(text)
    now = world.clock.now()
    memory = Memory(
        id=world.stores.ids(),
        persona_id=world.persona.id,
        granularity=Granularity.PROFILE,
        text=text,
        trust=Trust.NOTED,
        created=now,
        said_on=now,
        sources=(Source(message.id, text),),
    )
    return world.stores.memories.add(memory, Author.REFLECTION)


def proposed(world: World) -> tuple[Memory, Memory, str]:
    old, new = noted(world, "I live in Lyon."), noted(world, "I moved to Kyoto.")
    world.stores.claims.propose(old.id, new.id, new.said_on)
    (proposal,) = world.stores.claims.waiting(world.persona.id)
    return old, new, proposal.id


def test_what_waits_is_shown_with_both_memories(world: World, changes: ChangeService) -> None:
    old, new, proposal_id = proposed(world)
    (line,) = changes.waiting(world.persona.id)
    assert (line.id, line.old_text, line.new_text) == (proposal_id, old.text, new.text)


def test_the_newer_counts_until_that_is_undone(world: World, changes: ChangeService) -> None:
    old, new, proposal_id = proposed(world)
    done = changes.newer(proposal_id)
    after = world.stores.memories.get(old.id)
    assert (after.state, after.superseded_by) == (MemoryState.SUPERSEDED, new.id)
    assert changes.waiting(world.persona.id) == ()
    world.memories.undo(done.batch_id)
    assert world.stores.memories.get(old.id).state is MemoryState.ACTIVE
    assert changes.waiting(world.persona.id) == ()


def test_both_are_kept_and_not_asked_about_again(world: World, changes: ChangeService) -> None:
    old, _, proposal_id = proposed(world)
    changes.both(proposal_id)
    assert world.stores.memories.get(old.id).state is MemoryState.ACTIVE
    assert changes.waiting(world.persona.id) == ()
    with pytest.raises(NotFoundError):
        changes.newer(proposal_id)


def test_bringing_back_what_was_over_takes_the_mark_off_its_turn(
    world: World, changes: ChangeService
) -> None:
    old, _, proposal_id = proposed(world)
    changes.newer(proposal_id)
    turns = [
        memory
        for memory in world.stores.memories.from_message(old.sources[0].message_id)
        if memory.granularity is Granularity.TURN
    ]
    assert turns[0].valid_to is not None
    world.memories.revive(old.id)
    assert world.stores.memories.get(old.id).valid_to is None
    assert world.stores.memories.get(turns[0].id).valid_to is None


def test_what_a_message_had_retired_stands_again_when_the_message_is_changed(
    world: World, changes: ChangeService
) -> None:
    old, new, proposal_id = proposed(world)
    changes.newer(proposal_id)
    said = world.stores.messages.get(new.sources[0].message_id)
    world.stores.messages.append(
        said.conversation_id, Role.USER, "I would love to see Kyoto.", parent_id=said.parent_id
    )
    world.turns.follow_path(said.conversation_id)
    assert world.stores.memories.get(new.id).state is MemoryState.SUPERSEDED
    again = world.stores.memories.get(old.id)
    assert (again.state, again.superseded_by, again.valid_to) == (MemoryState.ACTIVE, None, None)
