"""How long a search takes when much is remembered, beside the bare index and the bare word search.

    .venv/bin/python -m tests.benchmarks.scale --data locomo-dev.json --sizes 5000 50000 [--json OUT]

The store is filled with LoCoMo's turns, then with copies in which each word may be another one and whose
vectors are shaken a little. The questions are LoCoMo's, embedded beforehand.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.models.embedding import minilm_embedder
from graphs.memory.question import understand
from graphs.ports import Embedder
from tests.benchmarks import locomo
from tests.benchmarks.locomo import PERSONA, Conversation, Loaded

QUESTIONS = 200
LIMIT = 20
KEPT_WORDS = 0.7
SHAKE = 0.03


@dataclass
class Copies:
    """An Embedder for the copies: the vector of a turn that the text is made from, shaken."""

    inner: Embedder
    known: dict[str, NDArray[np.float32]]
    rng: np.random.Generator

    @property
    def key(self) -> str:
        return self.inner.key

    @property
    def dimension(self) -> int:
        return self.inner.dimension

    def embed(self, texts: Sequence[str], kind: str) -> NDArray[np.float32]:
        rows = np.stack([self.known[text] for text in texts])
        rows = rows + self.rng.normal(scale=SHAKE, size=rows.shape).astype(np.float32)
        shaken: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return shaken


def grown(
    conversations: Sequence[Conversation], size: int, embedder: Embedder
) -> tuple[Conversation, Copies]:
    """One long conversation of so many turns, and the embedder for it."""
    rng = random.Random(3)
    turns = [turn for conversation in conversations for turn in conversation.turns]
    vectors = embedder.embed([turn.text for turn in turns], "passage")
    words = [word for turn in turns for word in turn.text.split()]
    made, known = [], {}
    for place in range(size):
        turn = turns[place % len(turns)]
        text = turn.text
        if place >= len(turns):
            text = " ".join(w if rng.random() < KEPT_WORDS else rng.choice(words) for w in text.split())
        made.append(replace(turn, id=f"D1:{place}", text=text))
        known[text] = vectors[place % len(turns)]
    questions = [question for conversation in conversations for question in conversation.questions]
    chosen = rng.sample(questions, min(QUESTIONS, len(questions)))
    return Conversation("grown", conversations[0].speakers, made, chosen), Copies(
        embedder, known, np.random.default_rng(3)
    )


@contextmanager
def stopwatch(into: list[float]) -> Iterator[None]:
    """Note the milliseconds that something took."""
    start = time.perf_counter()
    yield
    into.append(1000 * (time.perf_counter() - start))


def measure(talk: Loaded, embedder: Embedder) -> dict[str, float]:
    """p50 and p95 of the search and p50 of its two bare halves."""
    times: dict[str, list[float]] = {"search": [], "chroma": [], "fts5": []}
    names = talk.memories.speaker_names(PERSONA)
    for number, question in enumerate(talk.conversation.questions):
        asked = understand(question.text, names)
        vector = np.asarray(embedder.embed([asked.meaning], "query")[0])
        if number == 0:
            talk.retriever.find(PERSONA, asked, vector, limit=LIMIT, now=talk.now)  # opens files
        with stopwatch(times["search"]):
            talk.retriever.find(PERSONA, asked, vector, limit=LIMIT, now=talk.now)
        with stopwatch(times["chroma"]):
            talk.index.query(PERSONA, vector, LIMIT)
        with stopwatch(times["fts5"]):
            talk.words.search(PERSONA, asked.words, LIMIT)
    return {
        "p50_ms": round(statistics.median(times["search"]), 2),
        "p95_ms": round(float(np.percentile(times["search"], 95)), 2),
        "raw_chroma_p50_ms": round(statistics.median(times["chroma"]), 2),
        "raw_fts5_p50_ms": round(statistics.median(times["fts5"]), 2),
    }


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a LoCoMo file")
    parser.add_argument("--sizes", type=int, nargs="+", default=[5_000, 50_000])
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/keepsake-benchmarks")
    arguments = parser.parse_args()
    embedder = minilm_embedder(arguments.models)
    conversations = locomo.read(arguments.data)
    stage_ms = {}
    for size in arguments.sizes:
        conversation, copies = grown(conversations, size, embedder)
        with locomo.loaded(conversation, copies) as talk:
            stage_ms[str(size)] = measure(talk, embedder)
        print(f"{size:7d} memories: {stage_ms[str(size)]}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps({"stage_ms": stage_ms}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
