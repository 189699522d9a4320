"""The ways of finding memories that the benchmark compares, from one index alone to the whole product."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from graphs.memory.question import Question, understand
from graphs.memory.ranking import WEIGHTS
from graphs.retrieval import BREADTH, Retriever
from tests.benchmarks.locomo import PERSONA, Loaded

DEPTH = 20
RANK_CONSTANT = 60
"""Of reciprocal rank fusion, as its authors have it (Cormack, Clarke, Büttcher 2009)."""
STEPS: Mapping[str, Sequence[str]] = {
    "meaning + words, z-scores": ("meaning", "words"),
    "+ the speaker": ("speaker",),
    "+ the turns beside": ("beside_meaning", "beside_words"),
    "+ the session": ("session",),
    "+ the line's form": ("length", "statement", "oneself"),
    "+ the time asked about": ("period",),
    "+ tells when (the product)": ("when",),
}
"""Which parts of the order each step adds."""
GROUPS: Sequence[Sequence[str]] = (
    ("meaning",),
    ("words",),
    ("speaker",),
    ("period",),
    ("when",),
    ("beside_meaning", "beside_words"),
    ("session",),
    ("length",),
    ("statement",),
    ("oneself",),
)
Vector = NDArray[np.float32]


@dataclass(frozen=True)
class Method:
    """A way to search: embeds what it wants to, then finds memory ids, best first."""

    name: str
    embed: Callable[[Loaded, str], Vector | None]
    find: Callable[[Loaded, str, Vector | None], Sequence[str]]
    observations: bool = False
    """Whether LoCoMo's observations are remembered beside the turns."""


def dense(talk: Loaded, _question: str, vector: Vector | None) -> list[str]:
    """The nearest turns by meaning."""
    assert vector is not None
    return [memory_id for memory_id, _ in talk.index.query(PERSONA, vector, DEPTH)]


def bm25(talk: Loaded, question: str, _vector: Vector | None) -> list[str]:
    """The best turns by words, the question as it stands."""
    return [memory_id for memory_id, _ in talk.words.search(PERSONA, question, DEPTH)]


def rank_fusion(talk: Loaded, question: str, vector: Vector | None) -> list[str]:
    """Reciprocal rank fusion of the two, the question as the product understands it."""
    assert vector is not None
    scores: dict[str, float] = defaultdict(float)
    by_meaning = talk.index.query(PERSONA, vector, BREADTH)
    for found in (by_meaning, talk.words.search(PERSONA, asked(talk, question).words, BREADTH)):
        for place, (memory_id, _) in enumerate(found, 1):
            scores[memory_id] += 1 / (RANK_CONSTANT + place)
    return sorted(scores, key=lambda memory_id: scores[memory_id], reverse=True)[:DEPTH]


def embed_as_it_stands(talk: Loaded, question: str) -> Vector:
    """The question's vector, a speaker's name and all."""
    return np.asarray(talk.embedder.embed([question], "query")[0])


def asked(talk: Loaded, question: str) -> Question:
    """The question as the product understands it: without the speaker's name."""
    return understand(question, talk.memories.speaker_names(PERSONA), now=talk.now)


def embed_without_name(talk: Loaded, question: str) -> Vector:
    """The vector of what the product looks for."""
    return np.asarray(talk.embedder.embed([asked(talk, question).meaning], "query")[0])


def product(name: str, weights: Mapping[str, float] = WEIGHTS, *, observations: bool = False) -> Method:
    """The product's own search, all of it but the embedding timed.

    With observations twice as many are asked for, since of a turn and its observation one is shown.
    """

    def retriever(talk: Loaded) -> Retriever:
        return Retriever(talk.memories, talk.words, talk.index, talk.embedder, weights=weights)

    def embed(talk: Loaded, question: str) -> Vector | None:
        return retriever(talk).embed(asked(talk, question))

    def find(talk: Loaded, question: str, vector: Vector | None) -> list[str]:
        limit = DEPTH * (1 + observations)
        found = retriever(talk).find(PERSONA, asked(talk, question), vector, limit=limit, now=talk.now)
        return [one.memory.id for one in found]

    return Method(name, embed, find, observations)


def methods(*, parts: bool, observations: bool = False) -> list[Method]:
    """What is compared; `parts`: also the product as it grows and without each of its parts."""
    plain = {part: 1.0 if part in {"meaning", "words"} else 0.0 for part in WEIGHTS}
    chosen = [
        Method("dense", embed_as_it_stands, dense),
        Method("bm25", lambda talk, question: None, bm25),
        Method("dense, no speaker's name", embed_without_name, dense),
        Method("rank fusion", embed_without_name, rank_fusion),
        product("z-scores added", plain),
        product("product"),
    ]
    if parts:
        chosen += [*_growing(), *(_without(group) for group in GROUPS)]
    if observations:
        more = product("product+reflections", observations=True)
        chosen.append(more)
        if parts:
            alone = {part: 0.0 if part.startswith("kin") else weight for part, weight in WEIGHTS.items()}
            chosen.append(product("+reflections, each for itself", alone, observations=True))
    return chosen


def _growing() -> list[Method]:
    taken: set[str] = set()
    found = []
    for name, parts in STEPS.items():
        taken |= set(parts)
        found.append(product(name, {part: WEIGHTS[part] if part in taken else 0.0 for part in WEIGHTS}))
    return found[:-1]


def _without(group: Sequence[str]) -> Method:
    less = {part: 0.0 if part in group else weight for part, weight in WEIGHTS.items()}
    return replace(product("", less), name=f"without {' and '.join(group)}")
