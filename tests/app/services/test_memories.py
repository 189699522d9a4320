from datetime import timedelta

import pytest

from app.services.views import Done
from personas.errors import NotFoundError, UserError
from storage.errors import UndoConflictError
from storage.memory_filter import MemoryFilter
from storage.records import Author, Granularity, Memory, MemoryState, Source, Trust
from tests.app.world import World

ACTIVE = MemoryFilter(states=(MemoryState.ACTIVE,))


def topic(world: World, message_id: str, quote: str, text: str) -> Memory:
    """A memory that was noted from a message."""
    now = world.clock.now()
    return world.stores.memories.add(
        Memory(
            id=world.stores.ids(),
            persona_id=world.persona.id,
            granularity=Granularity.TOPIC,
            text=text,
            trust=Trust.NOTED,
            created=now,
            said_on=now,
            sources=(Source(message_id, quote),),
        ),
        Author.REFLECTION,
    )


def active(world: World) -> set[str]:
    return {line.text for line in world.memories.search(world.persona.id, ACTIVE).lines}


def test_what_is_typed_can_be_recalled_at_once(world: World) -> None:
    memory = world.memories.add(world.persona.id, "  Ida keeps eleven hives.  ")
    assert memory.trust is Trust.TYPED
    assert world.texts("how many hives") == ["Ida keeps eleven hives."]
    assert world.changes == 1


@pytest.mark.parametrize(
    ("text", "granularity"),
    [("I'm allergic to nuts.", Granularity.PROFILE), ("Ida keeps eleven hives.", Granularity.TOPIC)],
)
def test_what_is_typed_about_the_person_for_good_is_profile(
    world: World, text: str, granularity: Granularity
) -> None:
    assert world.memories.add(world.persona.id, text).granularity is granularity


@pytest.mark.parametrize("text", ["", "   ", "x" * 2_001])
def test_a_memory_without_words_or_with_too_many_is_refused(world: World, text: str) -> None:
    with pytest.raises(UserError):
        world.memories.add(world.persona.id, text)
    assert active(world) == set()


def test_an_edited_memory_is_found_by_its_new_words_and_history_keeps_the_old(world: World) -> None:
    memory = world.memories.add(world.persona.id, "Ida keeps eleven hives.")
    world.memories.edit(memory.id, "Ida keeps twelve hives.")
    assert world.texts("hives") == ["Ida keeps twelve hives."]
    newest = world.memories.history(memory.id)[0]
    assert newest.words == "3 May: you changed “Ida keeps eleven hives.” to “Ida keeps twelve hives.”"
    assert newest.can_undo
    world.memories.undo(newest.batch_id)
    assert world.texts("hives") == ["Ida keeps eleven hives."]


def test_a_forgotten_fact_does_not_come_back_through_the_turn_that_it_came_from(world: World) -> None:
    _, (said, _) = world.talk("I keep bees. My sister is called Ana.", "How nice.")
    fact = topic(world, said.id, "My sister is called Ana.", "The sister is called Ana.")
    done = world.memories.forget(fact.id)
    assert active(world) == {"How nice."}
    assert done.sentence == "Forgotten, with 1 other memory that said the same."
    world.memories.undo(done.batch_id)
    assert active(world) == {
        "I keep bees. My sister is called Ana.",
        "How nice.",
        "The sister is called Ana.",
    }


def test_forgetting_a_turn_takes_all_that_was_noted_from_it(world: World) -> None:
    _, (said, _) = world.talk("I keep bees. My sister is called Ana.", "How nice.")
    topic(world, said.id, "I keep bees.", "Keeps bees.")
    topic(world, said.id, "My sister is called Ana.", "The sister is called Ana.")
    (turn,) = [
        one for one in world.stores.memories.from_message(said.id) if one.granularity is Granularity.TURN
    ]
    world.memories.forget(turn.id)
    assert active(world) == {"How nice."}


def test_a_forgotten_fact_does_not_come_back_through_the_companions_words(world: World) -> None:
    _, (said, *_) = world.talk(
        "My sister is called Ana.", "So your sister is called Ana.", "And I keep bees.", "Bees are fine."
    )
    (turn,) = world.stores.memories.from_message(said.id)
    world.memories.forget(turn.id)
    assert active(world) == {"And I keep bees.", "Bees are fine."}


def test_what_rests_on_other_words_of_the_same_message_stays(world: World) -> None:
    _, (said,) = world.talk("I keep bees. My sister is called Ana.")
    bees = topic(world, said.id, "I keep bees.", "Keeps bees.")
    topic(world, said.id, "My sister is called Ana.", "The sister is called Ana.")
    world.memories.forget(bees.id)
    assert active(world) == {"The sister is called Ana."}


def test_correcting_a_note_puts_the_turn_behind_it_out_of_use(world: World) -> None:
    _, (said,) = world.talk("My sister is called Ana.")
    note = topic(world, said.id, "My sister is called Ana.", "The sister is called Ana.")
    done = world.memories.edit(note.id, "The sister is called Anna.")
    assert active(world) == {"The sister is called Anna."}
    assert done.sentence == "Changed; 1 other memory no longer used."
    world.memories.undo(done.batch_id)
    assert active(world) == {"My sister is called Ana.", "The sister is called Ana."}


def test_fading_and_pinning_and_back(world: World) -> None:
    memory = world.memories.add(world.persona.id, "Ida keeps hives.")
    world.memories.pin(memory.id)
    assert world.memories.line(memory.id).strength_words == "pinned, does not fade"
    world.memories.fade(memory.id)
    assert world.texts("hives") == []
    assert world.memories.line(memory.id).strength == 0
    world.memories.revive(memory.id)
    assert world.texts("hives") == ["Ida keeps hives."]
    assert not world.memories.line(memory.id).pinned


def test_an_older_change_is_not_undone_over_a_newer_one(world: World) -> None:
    memory = world.memories.add(world.persona.id, "one")
    first = world.memories.edit(memory.id, "two")
    world.memories.edit(memory.id, "three")
    with pytest.raises(UndoConflictError):
        world.memories.undo(first.batch_id)
    assert world.memories.line(memory.id).text == "three"


def test_what_is_so_already_is_not_done_again(world: World) -> None:
    memory = world.memories.add(world.persona.id, "one")
    assert world.memories.edit(memory.id, " one ") == Done("", "Nothing was changed.", (memory.id,))
    assert world.memories.unpin(memory.id).batch_id == ""
    assert len(world.memories.history(memory.id)) == 1


def test_a_memory_that_is_not_there_is_told_so(world: World) -> None:
    for act in (world.memories.forget, world.memories.open, world.memories.history, world.memories.pin):
        with pytest.raises(NotFoundError):
            act("01M852MDATCB9BJDWXHAQJDQX0")
    with pytest.raises(NotFoundError):
        world.memories.undo("nothing")


def test_the_page_counts_what_is_about_to_fade(world: World) -> None:
    memory = world.memories.add(world.persona.id, "Ida keeps hives.")
    fades = world.memories.open(memory.id).fades_about
    assert fades is not None
    world.clock.advance(fades - timedelta(days=10) - world.clock.now())
    page = world.memories.search(world.persona.id, ACTIVE)
    assert page.fading == 1
    assert page.words == "1 remembered · 1 fading"


def test_what_the_companion_said_is_counted_by_itself(world: World) -> None:
    world.talk("I keep hives.", "How many?", "Four.")
    assert world.memories.search(world.persona.id, ACTIVE).words == "2 remembered · 1 that Mira said"


def test_a_memory_opened_shows_where_it_comes_from_and_how_it_fades(world: World) -> None:
    conversation, (said, _) = world.talk("My sister is called Ana.", "A lovely name.")
    note = topic(world, said.id, "called Ana", "The sister is called Ana.")
    detail = world.memories.open(note.id)
    (source,) = detail.sources
    assert (source.conversation_id, source.quote, source.speaker) == (conversation.id, "called Ana", "you")
    assert detail.line.where_from == "noted"
    assert detail.curve[0].retention == 1.0
    assert detail.curve[-1].retention < 0.6
    assert detail.fades_about is not None
    assert f"{detail.fades_about.day} {detail.fades_about:%B}" in detail.line.strength_words


def test_the_companions_own_words_are_shown_as_its_own(world: World) -> None:
    _, (_, reply) = world.talk("Hello.", "I collect teaspoons.")
    (memory,) = world.stores.memories.from_message(reply.id)
    line = world.memories.line(memory.id)
    assert (line.where_from, line.speaker) == ("Mira said", "Mira")
