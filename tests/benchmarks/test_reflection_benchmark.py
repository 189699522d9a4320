"""The benchmark of reflection, on a talk small enough to know the answers."""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from graphs.errors import OutputCutError
from graphs.ports import ChatMessage, Priority, Sampling, Skill
from graphs.rewriting import SCHEMA
from tests.benchmarks.cached_model import CachedModel
from tests.benchmarks.locomo import Conversation, read
from tests.benchmarks.paired import difference
from tests.benchmarks.reflection import answerable, draw, run, summary
from tests.benchmarks.search_keys import WAYS, makes_sense
from tests.benchmarks.search_keys import run as run_keys
from tests.fakes.chat_model import ScriptedChatModel
from tests.fakes.embedder import BagOfWords
from tests.fakes.writer import Writer

MESSAGE = [ChatMessage("user", "Note: Ida plays the cello.")]


@pytest.fixture
def conversations(tmp_path: Path) -> list[Conversation]:
    def line(dia_id: str, speaker: str, text: str) -> dict[str, str]:
        return {"dia_id": dia_id, "speaker": speaker, "text": text}

    talk = {
        "speaker_a": "Ida",
        "speaker_b": "Tim",
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_1": [
            line("D1:1", "Ida", "I moved to Trondheim to study marine biology."),
            line("D1:2", "Tim", "I bought a boat in Bergen last week."),
        ],
        "session_2_date_time": "12:09 am on 13 September, 2023",
        "session_2": [line("D2:1", "Ida", "My sister Ana adopted a grey cat.")],
    }
    qa = [
        {"question": "What did Tim buy?", "answer": "a boat", "evidence": ["D1:2"], "category": 4},
        {"question": "Who adopted a cat?", "evidence": ["D2:1"], "category": 1},
        {"question": "What of Ida and her sister?", "evidence": ["D1:1", "D2:1"], "category": 1},
    ]
    file = tmp_path / "locomo.json"
    file.write_text(json.dumps([{"sample_id": "c", "conversation": talk, "qa": qa}]), encoding="utf-8")
    return read(file)


def structured(model: CachedModel) -> Mapping[str, Any]:
    return model.structured(
        MESSAGE, SCHEMA, Sampling(0.0, 10), stop=threading.Event(), priority=Priority.REFLECTION
    )


def test_only_questions_of_the_drawn_sessions_are_asked(conversations: list[Conversation]) -> None:
    asked = [question.text for question in answerable(conversations[0], {"c": {"D2"}})]
    assert asked == ["Who adopted a cat?"]
    assert draw(conversations, 0, 1) == {"c": {"D1", "D2"}}
    assert sum(map(len, draw(conversations, 1, 1).values())) == 1


def test_both_speakers_are_reflected_on_as_the_person(conversations: list[Conversation]) -> None:
    writer = CachedModel(Writer(), None)
    small = CachedModel(Writer(skill=Skill.QUOTES), None)
    drawn = draw(conversations, 0, 1)
    outcomes = run(conversations, BagOfWords(), drawn, {"verbatim": None, "writer": writer, "small": small})
    assert outcomes["writer"].done["added"] == 3
    assert writer.spent.calls == 3
    assert small.spent.calls == 0
    assert outcomes["small"].measures == outcomes["verbatim"].measures
    assert outcomes["writer"].doubles == 0
    result = summary(outcomes, {"verbatim": None, "writer": writer, "small": small}, drawn)
    assert result["questions"] == 3
    ways = result["ways"]
    assert isinstance(ways, dict)
    assert ways["writer"]["memories"] == {"topic": 1, "profile": 2}
    assert ways["writer"]["turns_kept"] == 1.0
    assert ways["none"]["recall@10"] == 1.0


def test_keys_stand_in_beside_the_lines_in_every_way(conversations: list[Conversation]) -> None:
    class Keyed(Writer):
        def structured(self, *args: Any, **named: Any) -> dict[str, Any]:
            return {"topic": "boat trip", "question": "Who has a grey cat?"}

    outcomes, written = run_keys(
        conversations, BagOfWords(), draw(conversations, 0, 1), CachedModel(Keyed(), None)
    )
    assert list(outcomes) == list(WAYS)
    assert all(outcome.measures["recall@10"] == [1.0] * 3 for outcome in outcomes.values())
    assert (written[0].written, written[0].dropped) == (6, 4)


def test_a_key_is_short_and_shares_a_telling_word() -> None:
    assert makes_sense("Who adopted the cat?", "Ida: I adopted a cat.")
    assert not makes_sense("What is it?", "Ida: I adopted a cat.")
    assert not makes_sense("cat " * 20, "Ida: I adopted a cat.")


def test_an_answer_is_asked_for_once(tmp_path: Path) -> None:
    writer = Writer()
    first = CachedModel(writer, tmp_path)
    assert structured(first) == {"statement": "Ida plays the cello."}
    again = CachedModel(Writer(lambda note: "another"), tmp_path)
    assert structured(again) == {"statement": "Ida plays the cello."}
    assert (len(writer.prompts), again.spent.calls) == (1, 1)
    assert again.spent.prompt_tokens == first.spent.prompt_tokens > 0


def test_a_reply_is_asked_for_once(tmp_path: Path) -> None:
    asked, scripted = [ChatMessage("user", "Who?")], ScriptedChatModel().say("Ida plays the cello.")
    for model in (scripted, ScriptedChatModel()):
        chunks = CachedModel(model, tmp_path).stream(asked, Sampling(0.0, 20), stop=threading.Event())
        told = list(chunks)
        assert "".join(chunk.text for chunk in told) == "Ida plays the cello."
        assert told[-1].finish == "stop"
    assert len(scripted.calls) == 1


def test_a_reply_that_was_stopped_is_asked_for_again(tmp_path: Path) -> None:
    asked, stop = [ChatMessage("user", "Who?")], threading.Event()
    stop.set()
    model = CachedModel(ScriptedChatModel().say("Ida plays.", "Ida plays."), tmp_path)
    assert [one.finish for one in model.stream(asked, Sampling(0.0, 20), stop=stop)] == ["stopped"]
    stop.clear()
    assert [one.text for one in model.stream(asked, Sampling(0.0, 20), stop=stop)] == ["Ida plays."]


def test_an_answer_that_was_cut_stays_cut(tmp_path: Path) -> None:
    def cut(note: str) -> str:
        raise OutputCutError("The output was cut.")

    for write in (cut, str):
        with pytest.raises(OutputCutError):
            structured(CachedModel(Writer(write), tmp_path))


def test_a_difference_has_an_interval() -> None:
    found = difference([1.0, 1.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0])
    assert found["mean"] == 0.5
    assert 0.0 <= found["low"] <= 0.5 <= found["high"] <= 1.0
    assert difference([1.0] * 9, [1.0] * 9) == {"mean": 0.0, "low": 0.0, "high": 0.0}
