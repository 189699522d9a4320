"""The reranker of Reflective Memory Management (arXiv 2503.08026): adapts embeddings to what replies use.

    q' = q + W_q q      m' = m + W_m m      s = q'ᵀ m'

While learning, M of the K candidates are drawn in the order of s/τ + Gumbel noise, that is without
replacement by softmax(s/τ), and both matrices take a step of REINFORCE:

    Δφ = η Σ over the drawn i of (R_i - b) ∇ log P(i),   P = softmax(s/τ)

with R = +1 for a memory that the reply used, -1 for one that it was shown and did not use. Of what was not
shown nothing is known: its reward is the baseline. Two things differ from the paper. b is the running mean
of the rewards, since with its b = ½ the rewards would push down nearly always. And noise is for learning
only: unit vectors have s in about [0, 1], where it would drown what it is added to.

No part of the product's order: it was measured beside graphs/memory/feature_ranker.py and did not win
(docs/benchmarks.md, docs/decisions/0016-learn-weights-not-embeddings.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from graphs.memory.ranking import standard_rows

Row = NDArray[np.float64]
Matrix = NDArray[np.float64]

DRAWN: Final = 5
"""The paper's M."""
TEMPERATURE: Final = 0.5
"""The paper's τ."""
STEP: Final = 0.1
"""η. The paper's 0.001 stands for thousands of questions; it moves no memory in a few hundred."""
MOST: Final = 1.0
"""Bound of each matrix's Frobenius norm: no adapted vector is more than twice as long as it was."""
BASELINE_STEP: Final = 0.05


@dataclass(frozen=True, slots=True)
class Reranker:
    """Both matrices, and the running mean of the rewards."""

    of_query: Matrix
    of_memory: Matrix
    baseline: float = 0.0

    @classmethod
    def untrained(cls, dimension: int) -> Self:
        """Leaves every vector as it is."""
        return cls(np.zeros((dimension, dimension)), np.zeros((dimension, dimension)))

    def adapted(self, query: Row, memories: Matrix) -> tuple[Row, Matrix]:
        """q', and m' for each row of `memories`."""
        return query + self.of_query @ query, memories + memories @ self.of_memory.T

    def scores(self, query: Row, memories: Matrix) -> Row:
        """How well each memory answers the query: s."""
        adapted, rows = self.adapted(query, memories)
        scores: Row = rows @ adapted
        return scores

    def shift(self, query: Row, memories: Matrix) -> Row:
        """By how many standard deviations each memory's meaning rises; 0 for all while nothing is learnt."""
        moved: Row = np.subtract(*standard_rows(self.scores(query, memories), memories @ query))
        return moved

    def learn(
        self, query: Row, memories: Matrix, rewards: Row, noise: np.random.Generator, *, step: float = STEP
    ) -> Self:
        """After one turn; a reward is NaN where a memory was not shown."""
        known = rewards[~np.isnan(rewards)]
        if known.size == 0:
            return self
        drawn = draw(self.scores(query, memories), noise)
        advantages = np.nan_to_num(rewards[drawn] - self.baseline, nan=0.0)
        of_query, of_memory = self.slope(query, memories, drawn, advantages)
        return replace(
            self,
            of_query=bounded(self.of_query + step * of_query),
            of_memory=bounded(self.of_memory + step * of_memory),
            baseline=self.baseline + BASELINE_STEP * (float(known.mean()) - self.baseline),
        )

    def slope(
        self, query: Row, memories: Matrix, drawn: Sequence[int] | NDArray[np.intp], advantages: Row
    ) -> tuple[Matrix, Matrix]:
        """The gradient of Σ advantage · log P of the drawn, by W_q and by W_m."""
        adapted, rows = self.adapted(query, memories)
        by_score = -float(advantages.sum()) * np.exp(log_chances(rows @ adapted))
        np.add.at(by_score, np.asarray(drawn, dtype=np.intp), advantages)
        by_score /= TEMPERATURE
        return np.outer(by_score @ rows, query), np.outer(adapted, by_score @ memories)


def draw(scores: Row, noise: np.random.Generator, count: int = DRAWN) -> NDArray[np.intp]:
    """So many places, drawn without replacement by softmax(scores/τ): the Gumbel top-k trick."""
    return np.argsort(-(scores / TEMPERATURE + noise.gumbel(size=len(scores))))[:count]


def log_chances(scores: Row) -> Row:
    """Log softmax(scores/τ)."""
    scaled = scores / TEMPERATURE
    logs: Row = scaled - scaled.max() - np.log(np.exp(scaled - scaled.max()).sum())
    return logs


def bounded(matrix: Matrix) -> Matrix:
    """The matrix, scaled down to the greatest norm where it is beyond."""
    norm = float(np.linalg.norm(matrix))
    return matrix * (MOST / norm) if norm > MOST else matrix
