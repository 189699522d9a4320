"""The benchmark itself, on a conversation small enough to know the answers."""

import json
from pathlib import Path

import pytest

from storage.records import Granularity, Trust
from tests.benchmarks import scale
from tests.benchmarks.cached import CachedEmbedder
from tests.benchmarks.compare import difference
from tests.benchmarks.locomo import PERSONA, loaded, read
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
    observation = {
        "session_1_observation": {
            "Ida": [
                ["Ida studies marine biology in Trondheim.", "D1:1"],
                ["Ida lives with a fiddler.", "D1:3"],
            ],
            "Tim": [["Tim asks about the fjord.", ["D1:2", "D9:9"]], ["Tim is nowhere.", "D9:9"]],
        }
    }
    raw = {"sample_id": "conv-1", "conversation": talk, "qa": qa, "observation": observation}
    file = tmp_path / "locomo.json"
    file.write_text(json.dumps([raw]), encoding="utf-8")
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


def test_observations_are_kept_with_their_turns_and_count_as_them(data: Path) -> None:
    [conversation] = read(data)
    assert [one.turn_ids for one in conversation.observations] == [("D1:1",), ("D1:3",), ("D1:2",)]
    with loaded(conversation, BagOfWords(), observations=True) as talk:
        notes = talk.memories.get_many(list(talk.noted_of))
        assert {(note.granularity, note.trust) for note in notes} == {(Granularity.TOPIC, Trust.IMPORTED)}
        assert [note.speaker_name for note in notes] == ["Ida", "Ida", "Tim"]
        both = [*talk.noted_of, *talk.turn_of]
        assert talk.turns(both) == ["D1:1", "D1:3", "D1:2", "D2:1"]
    result = summary(run([conversation], BagOfWords(), methods(parts=True, observations=True)))
    found = result["methods"]
    assert isinstance(found, dict)
    assert found["product+reflections"]["recall@5"] == 1.0
    assert {"without words", "+ the speaker", "+reflections, each for itself"} <= set(found)
    assert set(result["against_product"]) == set(found) - {"product"}  # type: ignore[call-overload]


def test_a_difference_comes_with_its_interval() -> None:
    same = difference([0.5] * 20, [0.5] * 20)
    assert (same.mean, same.low, same.high) == (0.0, 0.0, 0.0)
    better = difference([1.0] * 15 + [0.0] * 5, [0.0] * 20)
    assert better.low < better.mean == 0.75 < better.high
    assert str(better).startswith("+0.7500 [")


def test_a_store_filled_in_bulk_is_as_good_as_one_that_was_talked_with(data: Path) -> None:
    embedder = BagOfWords()
    conversation, copies = scale.grown(read(data), 40, embedder)
    with scale.filled(conversation, copies) as talk:
        turn = talk.memories.surroundings(PERSONA, list(talk.turn_of)[1:2])[0]
        assert len(turn.beside) == 2
        figures = scale.measure(talk, embedder)
    assert {"p50_ms", "p95_ms", "raw_chroma_p50_ms", "raw_fts5_p50_ms", "ratio"} <= set(figures)


def test_vectors_are_made_once_and_kept_between_runs(tmp_path: Path) -> None:
    inner = BagOfWords()
    kept = CachedEmbedder(CachedEmbedder(inner, tmp_path))
    first = kept.embed(["one", "two"], "passage")
    assert (kept.embed(["two", "one"], "passage") == first[::-1]).all()
    saved = CachedEmbedder(inner, tmp_path)
    saved.embed(["one"], "query")
    saved.save()
    inner.missing = True
    assert CachedEmbedder(inner, tmp_path).embed(["one"], "query").shape == (1, inner.dimension)


def test_measures_by_hand() -> None:
    figures = measure(["x", "a", "y", "z", "w", "b"], frozenset({"a", "b"}))
    assert (figures["recall@5"], figures["recall@10"], figures["any@10"]) == (0.5, 1.0, 1.0)
    assert figures["ndcg@10"] == pytest.approx((0.6309 + 0.3562) / (1 + 0.6309), abs=1e-3)
    assert measure([], frozenset({"a"}))["ndcg@10"] == 0.0
