"""The benchmark itself, on a conversation small enough to know the answers."""

import json
from pathlib import Path

import pytest

from tests.benchmarks.locomo import read
from tests.benchmarks.retrieval import measure, methods, run, summary
from tests.fakes.embedder import BagOfWords


@pytest.fixture
def data(tmp_path: Path) -> Path:
    def line(dia_id: str, speaker: str, text: str, **more: str) -> dict[str, str]:
        return {"dia_id": dia_id, "speaker": speaker, "text": text, **more}

    talk = {
        "speaker_a": "Ida",
        "speaker_b": "Tim",
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_1": [
            line("D1:1", "Ida", "I moved to Trondheim to study marine biology."),
            line("D1:2", "Tim", "How do you like the fjord?"),
            line("D1:3", "Ida", "My flatmate plays the fiddle.", blip_caption="a man with a fiddle"),
        ],
        "session_2_date_time": "12:09 am on 13 September, 2023",
        "session_2": [line("D2:1", "Tim", "I bought a boat last week.")],
    }
    qa = [
        {"question": "What did Tim buy?", "answer": "a boat", "evidence": ["D2:1"], "category": 4},
        {"question": "Who plays the fiddle?", "evidence": ["D1:3; D1:1"], "category": 1},
        {"question": "A trick question", "evidence": ["D1:1"], "category": 5},
        {"question": "Without evidence", "evidence": [], "category": 4},
        {"question": "With evidence that is not there", "evidence": ["D9:9"], "category": 2},
    ]
    file = tmp_path / "locomo.json"
    file.write_text(json.dumps([{"sample_id": "conv-1", "conversation": talk, "qa": qa}]), encoding="utf-8")
    return file


def test_only_questions_that_can_be_answered_are_asked(data: Path) -> None:
    [conversation] = read(data)
    assert [question.text for question in conversation.questions] == [
        "What did Tim buy?",
        "Who plays the fiddle?",
    ]
    assert conversation.questions[1].evidence == {"D1:3", "D1:1"}
    assert conversation.turns[2].text == "My flatmate plays the fiddle. [shares a photo: a man with a fiddle]"
    assert conversation.turns[3].at.isoformat() == "2023-09-13T00:09:00+00:00"


def test_the_figures_come_through_the_whole_product(data: Path) -> None:
    result = summary(run(read(data), BagOfWords(), methods(parts=False)))
    assert result["questions"] == 2
    found = result["methods"]
    assert isinstance(found, dict)
    assert {"dense", "bm25", "rank fusion", "z-scores added", "product"} <= set(found)
    for line in found.values():
        assert {"recall@5", "recall@10", "recall@20", "any@10", "ndcg@10", "p50_ms"} <= set(line)
    assert found["product"]["recall@5"] == 1.0


def test_measures_by_hand() -> None:
    figures = measure(["x", "a", "y", "z", "w", "b"], frozenset({"a", "b"}))
    assert (figures["recall@5"], figures["recall@10"], figures["any@10"]) == (0.5, 1.0, 1.0)
    assert figures["ndcg@10"] == pytest.approx((0.6309 + 0.3562) / (1 + 0.6309), abs=1e-3)
    assert measure([], frozenset({"a"}))["ndcg@10"] == 0.0
