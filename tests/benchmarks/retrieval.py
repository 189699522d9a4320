"""How well memories are found: the evidence turns of LoCoMo's questions, through the product's own recall.

    .venv/bin/python -m tests.benchmarks.retrieval --data locomo-dev.json [--json OUT] [--parts]
        [--reflections] [--cache DIR] [--no-stages]

Each way is measured on the same questions in the same run; how much better or worse than the product it does
comes with a paired bootstrap. `stage_ms` times the search at 5,000 and 50,000 memories.
"""

import argparse
import json
import math
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from app.models.embedding import file_embedder, minilm_embedder
from graphs.ports import Embedder
from tests.benchmarks.compare import Difference, difference
from tests.benchmarks.locomo import CachedEmbedder, Conversation, Loaded, Question, loaded, read
from tests.benchmarks.scale import stage_ms
from tests.benchmarks.ways import DEPTH, Method, methods

__all__ = ["Answer", "ask", "measure", "methods", "run", "show", "summary"]

PRODUCT = "product"
MEASURES = ("recall@5", "recall@10", "recall@20", "any@10", "ndcg@10")


@dataclass(frozen=True)
class Answer:
    """How one method did on one question."""

    method: str
    conversation: str
    category: str
    measures: Mapping[str, float]
    milliseconds: float
    embedding_milliseconds: float


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
        measure(talk.turns(found)[:DEPTH], question.evidence),
        1000 * (done - embedded),
        1000 * (embedded - start),
    )


def run(conversations: Iterable[Conversation], embedder: Embedder, chosen: Sequence[Method]) -> list[Answer]:
    """Every question of every conversation by every method."""
    answers = []
    for conversation in conversations:
        for observations in sorted({method.observations for method in chosen}):
            some = [method for method in chosen if method.observations == observations]
            with loaded(conversation, embedder, observations=observations) as talk:
                ask(talk, conversation.questions[0], some[-1])  # the first search opens files
                answers += [
                    ask(talk, question, method) for question in conversation.questions for method in some
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
        "against_product": _differences(by_method),
        "asked": datetime.now().astimezone().isoformat(timespec="minutes"),
    }


def _line(answers: Sequence[Answer]) -> dict[str, float]:
    means = {name: round(statistics.fmean(a.measures[name] for a in answers), 4) for name in MEASURES}
    return means | {
        "p50_ms": round(statistics.median(a.milliseconds for a in answers), 2),
        "p95_ms": round(float(np.percentile([a.milliseconds for a in answers], 95)), 2),
        "embed_p50_ms": round(statistics.median(a.embedding_milliseconds for a in answers), 2),
    }


def _differences(by_method: Mapping[str, Sequence[Answer]]) -> dict[str, dict[str, list[float]]]:
    """Each way less the product: mean difference and the 95% interval, over the same questions."""
    ours = by_method.get(PRODUCT, ())
    return {
        name: {
            measure: list(
                astuple(
                    difference(
                        [answer.measures[measure] for answer in some],
                        [answer.measures[measure] for answer in ours],
                    )
                )
            )
            for measure in ("recall@10", "ndcg@10")
        }
        for name, some in by_method.items()
        if ours and name != PRODUCT
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

    print(f"\n{'less the product, 95% interval':32s}{'recall@10':>28s}{'ndcg@10':>28s}")
    differences = result["against_product"]
    assert isinstance(differences, dict)
    for name, line in differences.items():
        print(f"{name:32s}" + "".join(f"{Difference(*one)!s:>28s}" for one in line.values()))


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a LoCoMo file")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--parts", action="store_true", help="also leave out each part of the order in turn")
    parser.add_argument("--learn", choices=["online"], help="also learn from each question, a fifth wrongly")
    parser.add_argument(
        "--reflections", action="store_true", help="also with LoCoMo's observations kept beside the turns"
    )
    parser.add_argument(
        "--no-stages", action="store_true", help="leave out the times at 5,000 and 50,000 memories"
    )
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
    conversations = read(arguments.data)
    chosen = methods(parts=arguments.parts, observations=arguments.reflections)
    if arguments.learn:
        from tests.benchmarks.learning import with_learning

        chosen = with_learning(chosen)
    result = summary(run(conversations, cached or embedder, chosen))
    show(result)
    if not arguments.no_stages:
        result["stage_ms"] = stage_ms(conversations, cached or embedder)
    if cached:
        cached.save()
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
