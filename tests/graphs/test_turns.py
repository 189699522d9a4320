from datetime import UTC, datetime

import pytest

from graphs.memory.forgetting import initial_strength
from graphs.memory.turns import GRAVE, SAYS_LITTLE, SAYS_SOMETHING, UNKNOWN, remember_turn, worth
from storage.records import Granularity, Message, MessageState, Origin, Role, Source, Trust

NOW = datetime(2026, 5, 3, 18, 0, tzinfo=UTC)


def message(role: Role = Role.USER, text: str = "I live in Porto.", **fields: object) -> Message:
    plain: dict[str, object] = {
        "id": "m1",
        "conversation_id": "c1",
        "session_id": "s1",
        "parent_id": None,
        "role": role,
        "text": text,
        "state": MessageState.COMPLETE,
        "created": datetime(2026, 5, 2, tzinfo=UTC),
    }
    return Message(**{**plain, **fields})  # type: ignore[arg-type]


def test_a_message_becomes_a_memory_that_rests_on_the_whole_of_it() -> None:
    memory = remember_turn(message(), "mira", memory_id="k1", now=NOW)
    assert memory is not None
    assert (memory.id, memory.text, memory.granularity) == ("k1", "I live in Porto.", Granularity.TURN)
    assert memory.sources == (Source("m1"),)
    assert (memory.said_on, memory.created) == (datetime(2026, 5, 2, tzinfo=UTC), NOW)


@pytest.mark.parametrize(
    ("role", "origin", "mine", "trust"),
    [
        (Role.USER, Origin.CHAT, False, Trust.SAID),
        (Role.ASSISTANT, Origin.CHAT, False, Trust.INFERRED),
        (Role.USER, Origin.IMPORT, False, Trust.IMPORTED),
        (Role.ASSISTANT, Origin.IMPORT, False, Trust.IMPORTED),
        (Role.USER, Origin.IMPORT, True, Trust.SAID),
        (Role.ASSISTANT, Origin.IMPORT, True, Trust.INFERRED),
    ],
)
def test_trust_follows_from_who_said_it_and_how_it_came(
    role: Role, origin: Origin, mine: bool, trust: Trust
) -> None:
    memory = remember_turn(message(role, origin=origin), "mira", memory_id="k1", now=NOW, mine=mine)
    assert memory is not None
    assert memory.trust is trust


@pytest.mark.parametrize("state", [MessageState.PENDING, MessageState.STREAMING, MessageState.FAILED])
def test_what_is_not_final_is_not_remembered(state: MessageState) -> None:
    assert remember_turn(message(state=state), "mira", memory_id="k1", now=NOW) is None


def test_an_empty_message_is_not_remembered() -> None:
    assert remember_turn(message(text=" \n"), "mira", memory_id="k1", now=NOW) is None


def test_a_stopped_reply_is_remembered_as_far_as_it_came() -> None:
    stopped = message(Role.ASSISTANT, "You live in", state=MessageState.STOPPED)
    assert remember_turn(stopped, "mira", memory_id="k1", now=NOW) is not None


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("Sounds great, see you soon!", SAYS_LITTLE),
        ("What do you think?", SAYS_LITTLE),
        ("We repaired the old boat in the garage together.", SAYS_SOMETHING),
        ("I like tea.", SAYS_SOMETHING),
        ("My sister Rosa is allergic to penicillin.", GRAVE),
        ("Mi hermana vive en Oporto con dos gatos grises.", UNKNOWN),
        ("Abito a Roma e lavoro in un museo.", UNKNOWN),
    ],
)
def test_a_message_is_worth_what_it_says(text: str, weight: float) -> None:
    memory = remember_turn(message(text=text), "mira", memory_id="k1", now=NOW)
    assert memory is not None
    if weight == GRAVE:
        assert memory.importance >= weight
    else:
        assert memory.importance == weight
    assert memory.strength == initial_strength(memory.importance)


def test_a_message_that_holds_much_says_something_though_it_is_no_statement() -> None:
    text = "Would a museum with old maps, brass telescopes, storm bells and harbour paintings please Rosa?"
    assert worth(message(text=text)) == SAYS_SOMETHING


def test_the_companions_own_reply_is_worth_little_and_another_speaker_as_much_as_anybody() -> None:
    text = "We repaired the old boat in the garage together."
    assert worth(message(Role.ASSISTANT, text)) == SAYS_LITTLE
    assert worth(message(Role.ASSISTANT, text, origin=Origin.IMPORT)) == SAYS_SOMETHING
