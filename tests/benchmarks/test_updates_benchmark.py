"""The update benchmark itself: its dialogues are whole, and it tells right from wrong."""

import re
from dataclasses import replace
from datetime import date

import pytest

from tests.benchmarks.updates import HERE, Dialogue, play, read_dialogues

ALL = [
    *read_dialogues(HERE / "updates.jsonl"),
    *read_dialogues(HERE / "updates_fresh.jsonl"),
]
MOVED = Dialogue(
    "moved",
    "change",
    [
        {"date": "2026-01-03", "said": ["I live in Lyon.", "I like jazz."]},
        {"date": "2026-03-03", "said": ["I live in Kyoto now."]},
    ],
    active=["Kyoto", "jazz"],
    superseded=["Lyon"],
    absent=["moon"],
)


def test_there_are_enough_of_every_kind() -> None:
    kinds = [one.kind for one in ALL]
    assert len(ALL) >= 90
    assert len(set(kinds)) >= 8
    assert all(kinds.count(kind) >= 5 for kind in kinds)


@pytest.mark.parametrize("dialogue", ALL, ids=lambda one: f"{one.id}-{len(one.sessions)}")
def test_a_dialogue_is_whole(dialogue: Dialogue) -> None:
    days = [date.fromisoformat(session["date"]) for session in dialogue.sessions]
    assert days == sorted(set(days))
    assert dialogue.active
    for pattern in (*dialogue.active, *dialogue.superseded, *dialogue.absent):
        re.compile(pattern)


def test_what_changed_is_right_with_retiring_and_wrong_without() -> None:
    outcome = play(MOVED, None, None, retiring=True)
    assert (outcome.right, outcome.newest, outcome.wrongly_retired) == (True, True, [])
    assert not play(MOVED, None, None, retiring=False).right


def test_a_wrong_retirement_is_counted() -> None:
    outcome = play(replace(MOVED, superseded=[]), None, None, retiring=True)
    assert outcome.wrongly_retired == ["I live in Lyon."]
