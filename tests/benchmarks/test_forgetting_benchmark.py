"""The simulated year itself, on a life small enough to know what comes of it."""

import random
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from tests.benchmarks.forgetting import growth, lived, summary
from tests.benchmarks.forgetting_plot import drawing
from tests.benchmarks.life import END, LAST_DAYS, OLDER, RECENT, Life, plan
from tests.benchmarks.locomo import Conversation, Question, Turn
from tests.fakes.embedder import BagOfWords

DAYS = 240


def talk(name: str, number: int) -> Conversation:
    """A conversation of so many days, in each something telling and something idle."""
    start = datetime(2023, 5, 8, 14, tzinfo=UTC)
    turns = []
    for day in range(number):
        at = start + timedelta(days=3 * day)
        turns.append(
            Turn(f"D{day}:1", "Ida", f"We repaired the {name}{day} boat in the garage together.", at)
        )
        turns.append(Turn(f"D{day}:2", "Tim", "Sounds great!", at + timedelta(minutes=1)))
    questions = [
        Question(f"What became of the {name}{day} boat?", "", "single-hop", frozenset({f"D{day}:1"}))
        for day in range(number)
    ]
    return Conversation(name, ("Ida", "Tim"), turns, questions)


@pytest.fixture(scope="module")
def life() -> Life:
    return plan([talk("red", 20), talk("blue", 10)], DAYS, random.Random(3))


def test_a_life_is_spread_evenly_and_each_question_is_asked_when_it_is_of_its_kind(life: Life) -> None:
    said = {(one.id, turn.id): turn.at for one in life.conversations for turn in one.turns}
    days = sorted({(at - min(said.values())).days for at in said.values()})
    assert days[0] == 0
    assert DAYS * 0.9 <= days[-1] < DAYS
    assert len(life.asked) + life.unasked == 30
    for one in life.asked:
        age = one.at - max(said[one.persona_id, turn] for turn in one.question.evidence)
        assert timedelta() < age
        assert (age <= LAST_DAYS) == (one.kind == RECENT)
        assert one.at <= life.end


def test_chatter_fades_what_was_told_is_still_found_and_the_picture_is_drawn(life: Life) -> None:
    off, on = (lived(life, BagOfWords(), forgetting=forgetting) for forgetting in (False, True))
    result = summary(life, off, on)
    assert off.active == off.stored
    assert on.active[-1] < off.active[-1]
    assert all(held <= without for held, without in zip(on.active, off.active, strict=True))
    for kind in (RECENT, OLDER, END):
        assert result["recall@10"][kind]["off"] == 1.0
    assert result["recall@10"][RECENT]["on"] == 1.0
    picture = ET.fromstring(drawing(result))
    assert len(picture.findall("{http://www.w3.org/2000/svg}polyline")) == 2


def test_growth_in_the_last_quarter() -> None:
    stored = list(range(0, 400, 4))
    assert growth(stored, stored) == 1.0
    assert growth([min(count, 200) for count in stored], stored) == 0.0
