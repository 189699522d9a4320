"""How well memories are found: the evidence turns of LoCoMo's questions, through the product's own recall.

.venv/bin/python -m tests.benchmarks.retrieval --data locomo-dev.json [--json OUT] [--parts] [--cache DIR]
"""

import argparse
import json
import math
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.models.embedding import file_embedder, minilm_embedder
from graphs.memory.question import Question as Asked
from graphs.memory.question import understand
from graphs.memory.ranking import WEIGHTS
from graphs.ports import Embedder
from graphs.retrieval import Retriever
from tests.benchmarks.locomo import PERSONA, CachedEmbedder, Conversation, Loaded, Question, loaded, read

DEPTH = 20
MEASURES = ("recall@5", "recall@10", "recall@20", "any@10", "ndcg@10")
Vector = NDArray[np.float32]


@dataclass(frozen=True)
class Answer:
    """How one method did on one question."""

    method: str
    conversation: str
    category: str
    measures: Mapping[str, float]
    milliseconds: float
    embedding_milliseconds: float


@dataclass(frozen=True)
class Method:
    """A way to search: embeds what it wants to, then finds memory ids, best first."""

    name: str
    embed: Callable[[Loaded, str], Vector | None]
    find: Callable[[Loaded, str, Vector | None], Sequence[str]]


def dense(talk: Loaded, question: str, vector: Vector | None) -> list[str]:
    """The nearest turns by meaning, the question as it stands."""
    assert vector is not None
    return [memory_id for memory_id, _ in talk.index.query(PERSONA, vector, DEPTH)]


def bm25(talk: Loaded, question: str, vector: Vector | None) -> list[str]:
    """The best turns by words, the question as it stands."""
    return [memory_id for memory_id, _ in talk.words.search(PERSONA, question, DEPTH)]


def embed_as_it_stands(talk: Loaded, question: str) -> Vector:
    return np.asarray(talk.embedder.embed([question], "query")[0])


def asked(talk: Loaded, question: str) -> Asked:
    """The question as the product understands it: without the speaker's name."""
    return understand(question, talk.memories.speaker_names(PERSONA))


def embed_without_name(talk: Loaded, question: str) -> Vector:
    return np.asarray(talk.embedder.embed([asked(talk, question).meaning], "query")[0])


def product(name: str, weights: Mapping[str, float] = WEIGHTS) -> Method:
    """The product's own search, all of it but the embedding timed."""

    def retriever(talk: Loaded) -> Retriever:
        return Retriever(talk.memories, talk.words, talk.index, talk.embedder, weights=weights)

    def embed(talk: Loaded, question: str) -> Vector | None:
        return retriever(talk).embed(asked(talk, question))

    def find(talk: Loaded, question: str, vector: Vector | None) -> list[str]:
        found = retriever(talk).find(PERSONA, asked(talk, question), vector, limit=DEPTH, now=talk.now)
        return [one.memory.id for one in found]

    return Method(name, embed, find)


def methods(*, parts: bool, learn: str = "") -> list[Method]:
    """What is compared; with `parts` also the product without each of its parts."""
    chosen = [
        Method("dense", embed_as_it_stands, dense),
        Method("bm25", lambda talk, question: None, bm25),
        product("product"),
    ]
    if learn:
        from tests.benchmarks.learning import learned_method

        chosen.insert(0, learned_method(chosen[-1]))
    if parts:
        chosen.append(Method("dense, no speaker's name", embed_without_name, dense))
        around = {"beside_meaning", "beside_words", "session", "length", "statement", "speaker"}
        chosen.append(product("meaning + words", {part: 0 if part in around else 1 for part in WEIGHTS}))
        groups = [["meaning"], ["words"], ["speaker"], ["beside_meaning", "beside_words"], ["session"]]
        for group in [*groups, ["length"], ["statement"]]:
            less = {part: 0 if part in group else weight for part, weight in WEIGHTS.items()}
            chosen.append(product(f"without {' and '.join(group)}", less))
    return chosen


def measure(found: Sequence[str], evidence: frozenset[str]) -> dict[str, float]:
    """Recall, any and nDCG of one answer; `found` are turn ids."""
    hits = [turn in evidence for turn in found]
    gain = sum(hit / math.log2(place + 2) for place, hit in enumerate(hits[:10]))
    ideal = sum(1 / math.log2(place + 2) for place in range(min(10, len(evidence))))
    return {
        **{f"recall@{k}": sum(hits[:k]) / len(evidence) for k in (5, 10, 20)},
        "any@10": float(any(hits[:10])),
        "ndcg@10": gain / ideal,
    }


def ask(talk: Loaded, question: Question, method: Method) -> Answer:
    """One question by one method."""
    start = time.perf_counter()
    vector = method.embed(talk, question.text)
    embedded = time.perf_counter()
    found = method.find(talk, question.text, vector)
    done = time.perf_counter()
    return Answer(
        method.name,
        talk.conversation.id,
        question.category,
        measure([talk.turn_of[memory_id] for memory_id in found], question.evidence),
        1000 * (done - embedded),
        1000 * (embedded - start),
    )


def run(conversations: Iterable[Conversation], embedder: Embedder, chosen: Sequence[Method]) -> list[Answer]:
    """Every question of every conversation by every method."""
    answers = []
    for conversation in conversations:
        with loaded(conversation, embedder) as talk:
            ask(talk, conversation.questions[0], chosen[-1])  # the first search opens files
            answers += [
                ask(talk, question, method) for question in conversation.questions for method in chosen
            ]
    return answers


def summary(answers: Sequence[Answer]) -> dict[str, object]:
    """Means by method, then by conversation and by category."""
    by_method: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_method[answer.method].append(answer)
    return {
        "questions": max(len(some) for some in by_method.values()),
        "methods": {name: _line(some) for name, some in by_method.items()},
        "recall@10_by_conversation": {
            name: _spread(some, lambda answer: answer.conversation) for name, some in by_method.items()
        },
        "recall@10_by_category": {
            name: _spread(some, lambda answer: answer.category) for name, some in by_method.items()
        },
        "asked": datetime.now().astimezone().isoformat(timespec="minutes"),
    }


def _line(answers: Sequence[Answer]) -> dict[str, float]:
    means = {name: round(statistics.fmean(a.measures[name] for a in answers), 4) for name in MEASURES}
    return means | {
        "p50_ms": round(statistics.median(a.milliseconds for a in answers), 2),
        "p95_ms": round(float(np.percentile([a.milliseconds for a in answers], 95)), 2),
        "embed_p50_ms": round(statistics.median(a.embedding_milliseconds for a in answers), 2),
    }


def _spread(answers: Sequence[Answer], of: Callable[[Answer], str]) -> dict[str, float]:
    groups: dict[str, list[float]] = defaultdict(list)
    for answer in answers:
        groups[of(answer)].append(answer.measures["recall@10"])
    return {name: round(statistics.fmean(some), 4) for name, some in sorted(groups.items())}


def show(result: Mapping[str, object]) -> None:
    """Print it as tables."""
    print(f"{result['questions']} questions; p50 without the embedding, which is told apart")
    for title in ("methods", "recall@10_by_conversation", "recall@10_by_category"):
        table = result[title]
        assert isinstance(table, dict)
        columns = list(next(iter(table.values())))
        print(f"\n{title:32s}" + "".join(f"{column:>13s}" for column in columns))
        for name, line in table.items():
            print(f"{name:32s}" + "".join(f"{line[column]:13.3f}" for column in columns))


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a LoCoMo file")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--parts", action="store_true", help="also leave out each part of the order in turn")
    parser.add_argument("--learn", choices=["online"], help="also learn from each question, a fifth wrongly")
    parser.add_argument(
        "--cache", type=Path, help="keep vectors here between runs (embedding time is then void)"
    )
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/keepsake-benchmarks")
    parser.add_argument("--embedder", type=Path, help="another search model, in GGUF form")
    parser.add_argument("--query-prefix", default="", help="what it wants before a question")
    parser.add_argument("--passage-prefix", default="", help="what it wants before a text to be found")
    arguments = parser.parse_args()
    embedder: Embedder = minilm_embedder(arguments.models)
    if arguments.embedder:
        before = {"query_prefix": arguments.query_prefix, "passage_prefix": arguments.passage_prefix}
        embedder = file_embedder(arguments.embedder, **before)
    cached = CachedEmbedder(embedder, arguments.cache) if arguments.cache else None
    result = summary(
        run(
            read(arguments.data),
            cached or embedder,
            methods(parts=arguments.parts, learn=arguments.learn or ""),
        )
    )
    if cached:
        cached.save()
    show(result)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
