"""What each part of the order is worth to this person, learnt from what replies used.

A linear ranker over the parts of graphs/memory/ranking.py. Of the memories that a reply was shown, those that
it used are taken to have been chosen before those that it did not (Plackett-Luce):

    log P = mean over used u of  log( e^(w·x_u/τ) / (e^(w·x_u/τ) + Σ over unused v of e^(w·x_v/τ)) )

and the weights w follow a normal distribution that each turn sharpens by one Newton step (online Laplace;
Spiegelhalter and Lauritzen 1990), so there is no step size to choose. The start weights are its prior. Along
their own direction it is weak: making all weights smaller changes no order, and is all that a signal without
any sense teaches (what was shown was shown for its high parts, so that among the shown these tell nothing).
Across it, it is strong: the signal is wrong nearly half the time (docs/benchmarks.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

Row = NDArray[np.float64]
Matrix = NDArray[np.float64]

TEMPERATURE: Final = 2.5
"""τ: about the spread of the totals of one search's candidates."""
ACROSS: Final = 20.0
"""The prior's precision across the start weights: their ratios change by a fifth or so, not by a half."""
ALONG: Final = 1.0
"""The prior's precision along them."""
KEPT: Final = 0.998
"""So much of what it knew is left after each turn: some five hundred turns count."""
LEAST_SCALE: Final = 0.5
"""Shrinking below that says that the signal is noise, and then what it says across must not be blown up."""
LEAST: Final = 0.25
"""Bound of a weight in start weights: no part falls silent,"""
MOST: Final = 3.0
"""and none drowns the others."""
MOST_FROM_NOTHING: Final = 0.5
"""Bound, on either side, of a weight that starts at 0."""


@dataclass(frozen=True, slots=True)
class FeatureRanker:
    """What turns have taught, as natural parameters of a normal distribution; its prior is added on use."""

    names: tuple[str, ...]
    start: Row
    curvature: Matrix
    """Precision gained."""
    pull: Row
    """Precision gained times where it lies."""

    @classmethod
    def untrained(cls, start: Mapping[str, float]) -> Self:
        """Knows nothing but the start weights, of which one at least is above 0."""
        weights = np.array(list(start.values()), dtype=np.float64)
        return cls(tuple(start), weights, np.zeros((len(weights), len(weights))), np.zeros(len(weights)))

    def starting_from(self, start: Mapping[str, float]) -> Self:
        """The same knowledge with other start weights; parts that are new to it start unlearnt."""
        fresh = type(self).untrained(start)
        common = [name for name in self.names if name in start]
        old, new = [self.names.index(name) for name in common], [fresh.names.index(name) for name in common]
        fresh.curvature[np.ix_(new, new)] = self.curvature[np.ix_(old, old)]
        fresh.pull[new] = self.pull[old]
        return fresh

    @property
    def mean(self) -> Row:
        """The likeliest weights, whatever their scale."""
        prior = _prior(self.start)
        solved = np.linalg.solve(prior + self.curvature, prior @ self.start + self.pull)
        return solved.astype(np.float64)

    @property
    def weights(self) -> Row:
        """The weights to rank with: as large as the start weights altogether, and bounded."""
        along = self.start / np.linalg.norm(self.start)
        mean = self.mean
        length = float(mean @ along)
        scale = max(length / float(np.linalg.norm(self.start)), LEAST_SCALE)
        learnt: Row = self.start + (mean - length * along) / scale
        bound = np.where(self.start > 0, 0.0, MOST_FROM_NOTHING)
        return np.clip(learnt, LEAST * self.start - bound, MOST * self.start + bound)

    def learn(self, features: Matrix, used: Sequence[bool]) -> Self:
        """After one turn: `features` has a row of parts for each memory shown, before any weighting.

        Nothing is learnt where all or none were used.
        """
        if all(used) or not any(used):
            return self
        mean = self.mean
        gradient, curvature = slope(mean, features, used)
        return replace(
            self,
            curvature=KEPT * self.curvature + curvature,
            pull=KEPT * self.pull + curvature @ mean + gradient,
        )


def log_likelihood(weights: Row, features: Matrix, used: Sequence[bool]) -> float:
    """Log P of the module's docstring."""
    return float(np.mean([_log_softmax(rows @ weights)[0] for rows in _contests(features, used)]))


def slope(weights: Row, features: Matrix, used: Sequence[bool]) -> tuple[Row, Matrix]:
    """The gradient of log P by the weights, and how strongly it curves down."""
    gradient, curvature = np.zeros(len(weights)), np.zeros((len(weights), len(weights)))
    contests = _contests(features, used)
    for rows in contests:
        chances = np.exp(_log_softmax(rows @ weights))
        expected = chances @ rows
        gradient += rows[0] - expected
        curvature += (rows * chances[:, None]).T @ rows - np.outer(expected, expected)
    return gradient / len(contests), curvature / len(contests)


def _contests(features: Matrix, used: Sequence[bool]) -> list[Matrix]:
    """For each memory that was used: its parts, then those of all that were not."""
    chosen = np.asarray(used, dtype=bool)
    scaled = features / TEMPERATURE
    return [np.vstack([row, scaled[~chosen]]) for row in scaled[chosen]]


def _log_softmax(scores: Row) -> Row:
    shifted = scores - scores.max()
    logs: Row = shifted - np.log(np.exp(shifted).sum())
    return logs


def _prior(start: Row) -> Matrix:
    along = np.outer(start, start) / float(start @ start)
    prior: Matrix = ACROSS * np.eye(len(start)) + (ALONG - ACROSS) * along
    return prior
