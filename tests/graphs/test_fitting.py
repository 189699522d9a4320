"""What of a conversation a prompt repeats, and that it stays the same from turn to turn."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.history import beginnings, fitting
from graphs.memory.composing import Speakers
from graphs.ports import ChatMessage
from storage.records import Message, MessageState, Role
from tests.fakes.chat_model import ScriptedChatModel
from tests.graphs.chat import MIRA

WHO = Speakers(MIRA, "Ida")
AT = datetime(2026, 5, 3, tzinfo=UTC)


def talk(lengths: Sequence[int]) -> list[Message]:
    return [
        Message(
            id=f"m{place}",
            conversation_id="c",
            session_id="s",
            parent_id=None,
            role=(Role.USER, Role.ASSISTANT)[place % 2],
            text="word " * length,
            created=AT,
            state=MessageState.COMPLETE,
        )
        for place, length in enumerate(lengths)
    ]


@given(st.lists(st.integers(1, 400), min_size=1, max_size=60), st.integers(0, 200))
def test_what_is_read_ahead_is_what_the_turn_begins_with(lengths: list[int], said: int) -> None:
    model, before = ScriptedChatModel(), talk(lengths)
    kept = fitting(model, WHO, before, "word " * said)
    assert [one.id for one in kept] == [one.id for one in fitting(model, WHO, before, "")]


@given(st.lists(st.integers(1, 120), min_size=40, max_size=80), st.lists(st.integers(0, 200), min_size=80))
def test_turns_of_any_usual_length_seldom_move_the_beginning(lengths: list[int], said: list[int]) -> None:
    model, before = ScriptedChatModel(), talk(lengths)
    starts = [
        len(before[:end]) - len(fitting(model, WHO, before[:end], "word " * said[end - 1]))
        for end in range(1, len(before) + 1)
    ]
    assert starts == sorted(starts)
    moves = sum(later != earlier for earlier, later in itertools.pairwise(starts))
    assert moves <= sum(lengths) // 1000


@pytest.mark.parametrize("said", [500, 1500, 9000])
def test_the_more_is_said_the_less_is_repeated(said: int) -> None:
    model, before = ScriptedChatModel(), talk([100] * 28)
    words = "word " * said
    kept = fitting(model, WHO, before, words)
    assert len(kept) < len(fitting(model, WHO, before, ""))
    whole = [*beginnings(model, WHO, kept)[0], ChatMessage("user", words)]
    assert not kept or model.count_tokens(whole) < model.info.context_tokens


def test_some_turns_before_a_cut_it_is_known_what_the_prompts_after_it_begin_with() -> None:
    model, before = ScriptedChatModel(), talk([100] * 60)
    begun = [beginnings(model, WHO, before[:end]) for end in range(61)]
    cuts = [end for end in range(1, 61) if begun[end][0][: len(begun[end - 1][0])] != begun[end - 1][0]]
    assert len(cuts) >= 2
    for cut in cuts:
        known = [begun[end][1] for end in range(cut - 5, cut)]
        assert all(begun[cut][0][: len(some)] == some for some in known)
        assert len(begun[cut]) == 1
