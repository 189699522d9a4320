import numpy as np
import pytest

from app.services.doctor import Doctor
from app.services.learning import NOTHING, PARTS, LearningService
from app.services.model_views import ModelState
from graphs.learning import Learning
from graphs.memory.ranking import WEIGHTS, Scored
from personas.errors import NotFoundError
from tests.app.world import World
from tests.graphs.memories import memory

NAMES = tuple(WEIGHTS)


def parts(**values: float) -> tuple[float, ...]:
    return tuple(values.get(name, 0.0) for name in NAMES)


def teach(world: World, times: int) -> None:
    """Memories that mean the same as the question are used, those that share its words are not."""
    shown = [
        Scored(memory(memory_id="a"), 3.0, {}, parts(words=2.0)),
        Scored(memory(memory_id="b"), 2.0, {}, parts(meaning=2.0)),
    ]
    learning = Learning(world.stores.learned, world.embedder.key)
    for _ in range(times):
        learning.after_reply(world.persona.id, shown, {"b"})


def test_nothing_learnt_yet_is_said_and_cannot_be_let_go_of(world: World) -> None:
    service = LearningService(world.stores)
    state = service.state(world.persona.id)
    assert (state.turns, state.words, state.can_reset) == (0, NOTHING, False)
    assert service.reset(world.persona.id) == "There was nothing learnt to let go of."


def test_what_counts_for_more_and_less_is_told_in_words(world: World) -> None:
    teach(world, 40)
    state = LearningService(world.stores).state(world.persona.id)
    assert state.turns == 40
    assert state.words == (
        "Learnt from 40 replies. Counts for more than at first: what a memory means."
        " Counts for less: the very words."
        " So far this brings what was used further up, so it is followed."
    )


def test_one_reply_is_too_little_to_say_what_counts(world: World) -> None:
    teach(world, 1)
    words = LearningService(world.stores).state(world.persona.id).words
    assert words == "Learnt from 1 reply. It is not sure that this helps, so it is not followed yet."


def test_every_part_has_words() -> None:
    assert PARTS.keys() >= WEIGHTS.keys()


def test_starting_over_puts_the_order_back(world: World) -> None:
    teach(world, 40)
    sentence = LearningService(world.stores).reset(world.persona.id)
    assert sentence == "Let go of what 40 replies had taught; memories are as they were."
    learning = Learning(world.stores.learned, world.embedder.key)
    assert learning.weights(world.persona.id) == pytest.approx(dict(WEIGHTS))
    assert not LearningService(world.stores).state(world.persona.id).can_reset


def test_damage_is_said_and_can_be_let_go_of(world: World) -> None:
    teach(world, 1)
    world.stores.database.execute("UPDATE learned SET arrays = x'00'")
    service = LearningService(world.stores)
    state = service.state(world.persona.id)
    assert state.can_reset
    assert "damaged" in state.words
    service.reset(world.persona.id)
    assert service.state(world.persona.id).words == NOTHING


def test_a_state_without_numbers_is_damage(world: World) -> None:
    arrays = [np.full((len(NAMES), len(NAMES)), np.inf), np.zeros(len(NAMES)), np.zeros(3)]
    world.stores.learned.save(world.persona.id, "any", turns=1, gain=0.0, names=NAMES, arrays=arrays)
    assert "damaged" in LearningService(world.stores).state(world.persona.id).words


def test_an_unknown_persona_is_refused(world: World) -> None:
    with pytest.raises(NotFoundError):
        LearningService(world.stores).reset("nobody")


def test_the_doctor_says_from_how_many_replies_was_learnt(world: World) -> None:
    def learning() -> str:
        checks = Doctor(
            paths=world.paths,
            stores=world.stores,
            index=world.indexing.state,
            model=lambda: ModelState("m", "ready", "m answers."),
            embedder=lambda: world.embedder,
        ).report()
        return next(check.words for check in checks if check.name == "learning")

    assert learning() == "Nothing yet."
    teach(world, 2)
    assert learning() == "From 2 replies."
