"""Learning from use: the weights of the order, for each persona, and one step after each reply.

What is learnt only ever changes an order, and never in the way of a reply: whatever goes wrong here is
logged, and the order is the plain one.
"""

import logging
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from graphs.memory.blending import Blend, concordance
from graphs.memory.feature_ranker import FeatureRanker
from graphs.memory.ranking import WEIGHTS, Row, Scored
from personas.errors import KeepsakeError
from storage.learned import Learned, LearnedRepository

HARMLESS: Final = (KeepsakeError, sqlite3.Error, ValueError, np.linalg.LinAlgError)
"""What may go wrong with a store that is full, or with numbers."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Experience:
    """What turns have taught, and how far it is trusted."""

    ranker: FeatureRanker
    blend: Blend
    turns: int = 0

    @classmethod
    def begin(cls, start: Mapping[str, float] = WEIGHTS) -> Self:
        """Nothing learnt yet."""
        return cls(FeatureRanker.untrained(start), Blend())

    @classmethod
    def of(cls, learned: Learned, start: Mapping[str, float] = WEIGHTS) -> Self:
        """As it was stored.

        Raises ValueError where it is damaged.
        """
        curvature, pull, sums = learned.arrays
        count = len(learned.names)
        if curvature.shape != (count, count) or pull.shape != (count,) or not _finite(learned):
            raise ValueError("What was learnt is damaged.")
        stored = FeatureRanker(learned.names, np.zeros(count), curvature, pull)
        return cls(stored.starting_from(start), Blend(*sums.tolist()), learned.turns)

    @property
    def weights(self) -> dict[str, float]:
        """The weights to rank with, by name of the part; before anything is learnt exactly the plain ones."""
        served = self.ranker.start
        if self.turns:
            served = served + self.blend.weight * (self.ranker.weights - served)
        return dict(zip(self.ranker.names, served.tolist(), strict=True))

    def after(self, features: Row, used: Sequence[bool]) -> Self:
        """After one turn: a row of parts for each memory shown. All or none used teaches nothing."""
        if all(used) or not any(used):
            return self
        learnt, plain = (features @ weights for weights in (self.ranker.weights, self.ranker.start))
        return replace(
            self,
            ranker=self.ranker.learn(features, used),
            blend=self.blend.after(concordance(learnt, used) - concordance(plain, used)),
            turns=self.turns + 1,
        )


class Learning:
    """Experience in the store, for one embedder."""

    def __init__(self, learned: LearnedRepository, embedder: str) -> None:
        """`embedder` is its key; empty for none."""
        self._learned = learned
        self._embedder = embedder

    def weights(self, persona_id: str) -> Mapping[str, float]:
        """What each part of the order counts."""
        try:
            return self._experience(persona_id).weights
        except HARMLESS:
            log.warning("what was learnt cannot be read: the plain order", exc_info=True)
            return WEIGHTS

    def after_reply(self, persona_id: str, shown: Sequence[Scored], used: Collection[str]) -> None:
        """Learn from which of the memories shown, and found by the order, a reply used; by id."""
        ranked = [one for one in shown if one.features]
        hits = [one.memory.id in used for one in ranked]
        if all(hits) or not any(hits):
            return
        try:
            learnt = self._experience(persona_id).after(np.array([one.features for one in ranked]), hits)
            ranker, blend = learnt.ranker, learnt.blend
            self._learned.save(
                persona_id,
                self._embedder,
                turns=learnt.turns,
                gain=blend.gain,
                names=ranker.names,
                arrays=(ranker.curvature, ranker.pull, np.array([blend.turns, blend.gains, blend.squares])),
            )
        except HARMLESS:
            log.warning("nothing was learnt from a reply", exc_info=True)

    def _experience(self, persona_id: str) -> Experience:
        try:
            found = self._learned.find(persona_id, self._embedder)
            return Experience.of(found) if found else Experience.begin()
        except ValueError:
            log.warning("what was learnt is damaged, and is learnt anew", exc_info=True)
            return Experience.begin()


def _finite(learned: Learned) -> bool:
    return all(np.isfinite(array).all() for array in learned.arrays)
