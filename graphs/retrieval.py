"""Finding memories: by meaning and by words, with what stands beside them, in one order.

Shared by the chat, the memory search, the command line and the benchmark.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from graphs.learning import Learning
from graphs.memory.form import form_of
from graphs.memory.question import Question, understand
from graphs.memory.ranking import WEIGHTS, Candidate, Ranked, Scored, rank
from graphs.ports import Embedder
from personas.errors import KeepsakeError
from storage.memories import MemoryRepository
from storage.plain import julian_day, time_of
from storage.records import Memory, MemoryState, Trust
from storage.surroundings import TURN, Surroundings
from storage.words import WordIndex

__all__ = ["Retriever", "Scored"]

Vector = NDArray[np.float32]
BREADTH: Final = 30
"""Candidates by meaning, and as many by words: half again what a reply keeps a record of. With 40 nothing is
found better in the first ten (docs/benchmarks.md)."""
TRUST_RANKS: Final[Mapping[str, int]] = {level.value: level.rank for level in Trust}
log = logging.getLogger(__name__)


class Neighbours(Protocol):
    """Finds vectors by likeness and by id."""

    def query(self, persona_id: str, vector: Vector, k: int) -> list[tuple[str, float]]:
        """The k nearest memories with their cosines, the nearest first."""

    def cosines(self, persona_id: str, vector: Vector, ids: Sequence[str]) -> Mapping[str, float]:
        """The cosines of those of the memories that have a vector."""


class Retriever:
    """Searches a persona's active memories. Without an index or an embedder it goes by words alone."""

    def __init__(
        self,
        memories: MemoryRepository,
        words: WordIndex,
        index: Neighbours | None,
        embedder: Embedder | None,
        *,
        prepare: Callable[[], object] = lambda: None,
        weights: Mapping[str, float] = WEIGHTS,
        level: Callable[[float], float] = lambda cosine: cosine,
        learning: Learning | None = None,
    ) -> None:
        """`prepare` is called before each search, to take into the index what is new.

        `level` brings the embedder's cosines to the scale of the bundled one, for rules with a threshold.
        With `learning`, the order is the one that was learnt for the persona.
        """
        self._memories = memories
        self._words = words
        self._index = index
        self._embedder = embedder
        self._prepare = prepare
        self._weights = weights
        self._level = level
        self._learning = learning

    def search(
        self,
        persona_id: str,
        query: str,
        *,
        limit: int,
        now: datetime,
        context: Sequence[str] = (),
        without: Sequence[str] = (),
    ) -> list[Scored]:
        """The memories that answer best, best first.

        `context` are the person's messages before this one, the newest last. Memories that rest only on
        the messages `without` are passed over, such as those that the prompt repeats anyway.
        """
        self._prepare()
        names = self._memories.speaker_names(persona_id)
        question = understand(query, names, context, now=now.astimezone())
        vector = self.embed(question)
        return self.find(persona_id, question, vector, limit=limit, now=now, without=without)

    def embed(self, question: Question) -> Vector | None:
        """The question as a vector; None where there is no embedder, or it fails."""
        if self._index is None or self._embedder is None:
            return None
        try:
            return np.asarray(self._embedder.embed([question.meaning], "query")[0], dtype=np.float32)
        except KeepsakeError as error:
            log.warning("searching by words alone: %s", type(error).__name__)
            return None

    def find(
        self,
        persona_id: str,
        question: Question,
        vector: Vector | None,
        *,
        limit: int,
        now: datetime,
        without: Sequence[str] = (),
    ) -> list[Scored]:
        """As `search`, for a question that has been embedded."""
        passed_over = self._memories.resting_only_on(without)
        breadth = max(BREADTH, limit)
        wide = breadth + len(passed_over)
        bm25 = _first(breadth, self._words.search(persona_id, question.words, wide), passed_over)
        near = _first(breadth, self._nearest(persona_id, vector, wide), passed_over)
        around = self._memories.surroundings(persona_id, [*near, *bm25])
        if passed_over:
            around = [one for one in around if one.id not in passed_over]
        farther = [one.id for one in around if one.id not in near]
        cosines = {**near, **self._cosines(persona_id, vector, farther)}
        candidates = _candidates(around, cosines, bm25, question, julian_day(now))
        weights = self._learning.weights(persona_id) if self._learning else self._weights
        ranked = rank(candidates, weights, limit=limit)
        return self._read(ranked, cosines, bm25)

    def faded(self, persona_id: str, question: Question, most: int) -> list[Memory]:
        """Faded memories that share words with a message, those that fit best first."""
        found = self._words.search(persona_id, question.words, most, MemoryState.FADED)
        return self._memories.get_many([memory_id for memory_id, _ in found])

    def cosines(self, question: Question, texts: Sequence[str]) -> Sequence[float | None]:
        """How near texts that no index holds are to a question, as levelled; None where that is unknown."""
        vector = self.embed(question) if texts else None
        if vector is None or self._embedder is None:
            return [None] * len(texts)
        try:
            rows = self._embedder.embed(texts, "passage")
        except KeepsakeError as error:
            log.warning("texts are compared by their words alone: %s", type(error).__name__)
            return [None] * len(texts)
        return [self._level(float(cosine)) for cosine in rows @ vector]

    def learn(self, persona_id: str, shown: Sequence[Scored], used: Collection[str]) -> None:
        """Learn from which of the memories shown a reply used; never raises for what goes wrong there."""
        if self._learning:
            self._learning.after_reply(persona_id, shown, used)

    def _nearest(self, persona_id: str, vector: Vector | None, k: int) -> list[tuple[str, float]]:
        if vector is None or self._index is None:
            return []
        return self._index.query(persona_id, vector, k)

    def _cosines(self, persona_id: str, vector: Vector | None, ids: Sequence[str]) -> Mapping[str, float]:
        if vector is None or self._index is None or not ids:
            return {}
        return self._index.cosines(persona_id, vector, ids)

    def _read(
        self, ranked: Sequence[Ranked], cosines: Mapping[str, float], bm25: Mapping[str, float]
    ) -> list[Scored]:
        memories = {memory.id: memory for memory in self._memories.get_many([one.id for one in ranked])}
        return [
            Scored(
                memories[one.id],
                one.total,
                {
                    **one.parts,
                    "cosine": round(self._level(cosines[one.id]) if one.id in cosines else 0.0, 4),
                    "bm25": round(bm25.get(one.id, 0.0), 4),
                },
                one.features,
            )
            for one in ranked
            if one.id in memories and memories[one.id].state is MemoryState.ACTIVE
        ]


def _first(most: int, scored: Sequence[tuple[str, float]], passed_over: Collection[str]) -> dict[str, float]:
    return dict(islice((pair for pair in scored if pair[0] not in passed_over), most))


def _candidates(
    around: Sequence[Surroundings],
    cosines: Mapping[str, float],
    bm25: Mapping[str, float],
    question: Question,
    today: float,
) -> list[Candidate]:
    whose, period = question.whose, question.period
    asks_when, somebody = question.asks_when, whose.is_somebody
    speakers = {(one.speaker, one.speaker_name) for one in around}
    meant = {speaker for speaker in speakers if whose.spoke(*speaker)}
    return [
        Candidate(
            one.id,
            cosines.get(one.id),
            bm25.get(one.id, 0.0),
            (one.speaker, one.speaker_name) in meant,
            one.session_id,
            one.beside,
            form.length,
            form.is_question,
            (today - one.touched) / one.strength,
            one.granularity == TURN,
            one.kin,
            period is not None and period.start <= time_of(one.said_on) < period.end,
            asks_when and form.tells_when,
            somebody and form.about_oneself,
            TRUST_RANKS[one.trust],
            one.uses,
        )
        for one in around
        for form in [form_of(one.text)]
    ]
