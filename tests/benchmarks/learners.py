"""Orders that learn, and LoCoMo's questions with all that the product found for them before ranking."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Protocol
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from graphs import retrieval
from graphs.memory import ranking
from graphs.memory.blending import Blend, concordance
from graphs.memory.choosing import choose
from graphs.memory.feature_ranker import FeatureRanker
from graphs.memory.ranking import WEIGHTS, Candidate, Ranked, Scored
from graphs.ports import Embedder
from storage.records import Memory
from tests.benchmarks.locomo import PERSONA, Conversation, Loaded, Question, loaded
from tests.benchmarks.reranker import Reranker
from tests.benchmarks.ways import asked as understood

DEPTH = 20
DIMENSION = 384
"""Of all-MiniLM-L6-v2."""
Row = NDArray[np.float64]
START = np.array(list(WEIGHTS.values()))


@dataclass(frozen=True)
class Asked:
    """A question with all that the product found for it before ranking."""

    question: Question
    vector: Row
    candidates: Sequence[Candidate]
    vectors: Mapping[str, Row]
    evidence: frozenset[str]
    """As memory ids."""
    cited: frozenset[str]
    """What replies are taken to use, if it is shown: the evidence, unless a model was asked."""


@dataclass(frozen=True)
class Sitting:
    """A conversation with its questions, ready to be gone through in any order."""

    conversation: Conversation
    asked: Sequence[Asked]
    memories: Mapping[str, Memory]
    chosen: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict)
    """Which are shown, by question and order; the same for most learners and rounds."""


def sittings(conversations: Sequence[Conversation], embedder: Embedder) -> Iterator[Sitting]:
    """Every conversation, stored and searched once."""
    for conversation in conversations:
        with loaded(conversation, embedder) as talk:
            asked = [_asked(talk, question) for question in conversation.questions]
            ids = {one.id for some in asked for one in some.candidates}
            yield Sitting(conversation, asked, {one.id: one for one in talk.memories.get_many(list(ids))})


def _asked(talk: Loaded, question: Question) -> Asked:
    met: list[Sequence[Candidate]] = []

    def keep(candidates: Sequence[Candidate], *rest: object, **named: object) -> list[Ranked]:
        met.append(candidates)
        return []

    with mock.patch.object(retrieval, "rank", keep):
        talk.retriever.search(PERSONA, question.text, limit=DEPTH, now=talk.now)
    vector = talk.retriever.embed(understood(talk, question.text))
    assert vector is not None
    vectors = talk.index.vectors(PERSONA, [one.id for one in met[0]])
    evidence = frozenset(memory_id for memory_id, turn in talk.turn_of.items() if turn in question.evidence)
    return Asked(
        question,
        vector.astype(np.float64),
        met[0],
        {memory_id: own.astype(np.float64) for memory_id, own in vectors.items()},
        evidence,
        evidence,
    )


def shown_of(sitting: Sitting, asked: Asked, found: Sequence[Ranked]) -> list[Scored]:
    """Those that the product would show to the model."""
    bm25 = {one.id: one.bm25 for one in asked.candidates}
    scored = [
        Scored(
            sitting.memories[one.id],
            one.total,
            {"cosine": float(asked.vectors[one.id] @ asked.vector), "bm25": bm25[one.id]},
        )
        for one in found
    ]
    key = (asked.question.text, *(one.id for one in found))
    if key not in sitting.chosen:
        sitting.chosen[key] = frozenset(one.scored.memory.id for one in choose(scored) if not one.left_out)
    return [one for one in scored if one.memory.id in sitting.chosen[key]]


class Learner(Protocol):
    """An order that learns."""

    def order(self, asked: Asked, candidates: Sequence[Candidate]) -> list[Ranked]:
        """The best candidates, best first."""

    def learn(self, asked: Asked, shown: Sequence[Ranked], used: Sequence[bool]) -> None:
        """One turn has passed."""


class Plain:
    """The order as it is without learning."""

    def order(self, asked: Asked, candidates: Sequence[Candidate]) -> list[Ranked]:
        return ranking.rank(candidates, limit=DEPTH)

    def learn(self, asked: Asked, shown: Sequence[Ranked], used: Sequence[bool]) -> None:
        pass


@dataclass
class Features:
    """The ranker over features; `trust` says how far it is trusted, its blend unless told."""

    trust: Callable[[Blend], float] = lambda blend: blend.weight
    ranker: FeatureRanker = field(default_factory=lambda: FeatureRanker.untrained(WEIGHTS))
    blend: Blend = field(default_factory=Blend)

    def order(self, asked: Asked, candidates: Sequence[Candidate]) -> list[Ranked]:
        weights = START + self.trust(self.blend) * (self.ranker.weights - START)
        return ranking.rank(candidates, dict(zip(WEIGHTS, weights, strict=True)), limit=DEPTH)

    def learn(self, asked: Asked, shown: Sequence[Ranked], used: Sequence[bool]) -> None:
        if all(used) or not any(used):
            return
        features = np.array([one.features for one in shown])
        gain = concordance(features @ self.ranker.weights, used) - concordance(features @ START, used)
        self.blend = self.blend.after(gain)
        self.ranker = self.ranker.learn(features, used)


@dataclass
class Adapted:
    """RMM's reranker on the twenty best of another order."""

    inner: Learner
    trust: Callable[[Blend], float] = lambda blend: blend.weight
    step: float = 0.1
    reranker: Reranker = field(default_factory=lambda: Reranker.untrained(DIMENSION))
    blend: Blend = field(default_factory=Blend)
    noise: np.random.Generator = field(default_factory=lambda: np.random.default_rng(3))

    def order(self, asked: Asked, candidates: Sequence[Candidate]) -> list[Ranked]:
        best = self.inner.order(asked, candidates)
        trust = self.trust(self.blend)
        if not trust:
            return best
        totals = self._totals(best) + trust * self._shift(asked, best)
        return [best[place] for place in np.argsort(-totals, kind="stable")]

    def learn(self, asked: Asked, shown: Sequence[Ranked], used: Sequence[bool]) -> None:
        best = self.inner.order(asked, asked.candidates)
        place = {one.id: at for at, one in enumerate(best)}
        seen = [(place[one.id], hit) for one, hit in zip(shown, used, strict=True) if one.id in place]
        if any(hit for _, hit in seen) and not all(hit for _, hit in seen):
            at, hits = [one for one, _ in seen], [hit for _, hit in seen]
            totals, shift = self._totals(best), self._shift(asked, best)
            gain = concordance((totals + shift)[at], hits) - concordance(totals[at], hits)
            self.blend = self.blend.after(gain)
            rewards = np.full(len(best), np.nan)
            rewards[at] = np.where(hits, 1.0, -1.0)
            rows = self._rows(asked, best)
            self.reranker = self.reranker.learn(asked.vector, rows, rewards, self.noise, step=self.step)
        self.inner.learn(asked, shown, used)

    def _shift(self, asked: Asked, best: Sequence[Ranked]) -> Row:
        return self.reranker.shift(asked.vector, self._rows(asked, best))

    @staticmethod
    def _totals(best: Sequence[Ranked]) -> Row:
        return np.array([one.total for one in best])

    @staticmethod
    def _rows(asked: Asked, best: Sequence[Ranked]) -> NDArray[np.float64]:
        return np.stack([asked.vectors[one.id] for one in best])


def always(blend: Blend) -> float:
    """Trusted without asking how it does."""
    return 1.0


def likely(blend: Blend) -> float:
    """Trusted by the chance that it is better, from one half on."""
    return NormalDist().cdf(blend.clearness)


def likelier(blend: Blend) -> float:
    """The same, but only so far as the chance is above one half."""
    return max(0.0, 2 * likely(blend) - 1)


LEARNERS: Mapping[str, Callable[[], Learner]] = {
    "features": Features,
    "features, likely": lambda: Features(likely),
    "features, likelier": lambda: Features(likelier),
    "features, unblended": lambda: Features(always),
    "reranker, likely": lambda: Adapted(Plain(), likely),
    "reranker, unblended": lambda: Adapted(Plain(), always),
    "reranker, the paper's step, unblended": lambda: Adapted(Plain(), always, 0.001),
    "both, likely": lambda: Adapted(Features(likely), likely),
}
