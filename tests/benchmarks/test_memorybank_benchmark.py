"""The benchmark itself, on a history small enough to know the answers."""

import json
from pathlib import Path

import pytest

from graphs.memory.quoting import NOTHING
from tests.benchmarks.memorybank import User, answer, hits, read, remembered
from tests.fakes.embedder import BagOfWords


@pytest.fixture
def user(tmp_path: Path) -> User:
    def exchange(query: str, response: str) -> dict[str, str]:
        return {"query": query, "response": response}

    history = {
        "2023-04-27": [exchange("I keep four hens in the yard", "Hens need a dry coop and some shade")],
        "2023-05-02": [
            exchange("My sister Ana plays the fiddle", "You told me something lovely about music")
        ],
    }
    bank = {" Ida ": {"name": "Ida", "history": history}}
    (tmp_path / "memory_bank_en.json").write_text(json.dumps(bank), encoding="utf-8")
    questions = {"Ida ": ["Who plays the fiddle?", "What did you tell me about hens?", "Which zebra?"]}
    (tmp_path / "probing_questions_en.jsonl").write_text(json.dumps(questions), encoding="utf-8")
    [found] = read(tmp_path)
    return found


def test_each_line_has_its_day_and_place(user: User) -> None:
    assert user.name == "Ida"
    assert list(user.places) == ["04-27#0u", "04-27#0a", "05-02#0u", "05-02#0a"]
    assert [line["role"] for line in user.lines] == ["user", "assistant"] * 2


def test_questions_are_answered_by_quotations_with_their_day(user: User) -> None:
    fiddle, hens, zebra = user.questions
    with remembered(user, BagOfWords()) as talk:
        shown, reply = answer(talk, fiddle)
        assert talk.turn_of[shown[0].id] == "05-02#0u"
        assert reply.startswith("You said on 2 May 2023: \u201cMy sister Ana")
        shown, reply = answer(talk, hens)
        assert talk.turn_of[shown[0].id] == "04-27#0a"
        assert reply.startswith("I said on 27 April 2023: \u201cHens need")
        assert answer(talk, zebra) == ([], NOTHING)


def test_a_hit_is_a_line_or_any_of_a_day() -> None:
    found = ["04-27#0a", "05-02#0u"]
    assert hits(found, ["05-02#0u"]) == {"first": 0.0, "in five": 1.0, "1/rank": 0.5}
    assert hits(found, ["04-27"]) == {"first": 1.0, "in five": 1.0, "1/rank": 1.0}
    assert hits([], ["04-27"]) == {"first": 0.0, "in five": 0.0, "1/rank": 0.0}
