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
from graphs.memory.question import Question, Whose, understand
from graphs.memory.ranking import WEIGHTS, Candidate, Ranked, Scored, rank
from graphs.ports import Embedder
from personas.errors import KeepsakeError
from storage.memories import MemoryRepository
from storage.records import Granularity, Memory, MemoryState, Trust
from storage.surroundings import Surroundings
from storage.words import WordIndex

__all__ = ["Retriever", "Scored"]

Vector = NDArray[np.float32]
BREADTH: Final = 40
"""Candidates by meaning, and as many by words: twice what a reply keeps a record of."""
SIGHT: Final = 5
"""So many times further it is looked by meaning, to know the cosines of those found by words or beside
others. Whatever lies beyond that is ranked as if as far as the last one seen: reading its vector as well
brings no more and takes as long as the search itself (docs/benchmarks.md)."""
TRUST_RANKS: Final[Mapping[str, int]] = {level.value: level.rank for level in Trust}
log = logging.getLogger(__name__)


class Neighbours(Protocol):
    """Finds vectors by likeness and by id."""

    def query(self, persona_id: str, vector: Vector, k: int) -> list[tuple[str, float]]:
        """The k nearest memories with their cosines, the nearest first."""

    def vectors(self, persona_id: str, ids: Sequence[str]) -> Mapping[str, Vector]:
        """The vectors of those of the memories that have one."""


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
        question = understand(query, self._memories.speaker_names(persona_id), context)
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
        sight = SIGHT * breadth + len(passed_over)
        seen = _first(sight, self._nearest(persona_id, vector, sight), passed_over)
        found = list(dict.fromkeys([*list(seen)[:breadth], *bm25]))
        around = [
            one for one in self._memories.surroundings(persona_id, found, now) if one.id not in passed_over
        ]
        farthest = min(seen.values(), default=None)
        candidates = [
            _candidate(one, seen.get(one.id, farthest), bm25.get(one.id, 0.0), question.whose)
            for one in around
        ]
        weights = self._learning.weights(persona_id) if self._learning else self._weights
        ranked = rank(candidates, weights, limit=limit)
        beyond = [one.id for one in ranked if one.id not in seen]
        return self._read(ranked, seen | self._cosines(persona_id, vector, beyond), bm25)

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

    def _cosines(self, persona_id: str, vector: Vector | None, ids: Sequence[str]) -> dict[str, float]:
        if vector is None or self._index is None or not ids:
            return {}
        vectors = self._index.vectors(persona_id, ids)
        return {memory_id: float(vector @ own) for memory_id, own in vectors.items()}

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
            if one.id in memories
        ]


def _first(most: int, scored: Sequence[tuple[str, float]], passed_over: Collection[str]) -> dict[str, float]:
    return dict(islice((pair for pair in scored if pair[0] not in passed_over), most))


def _candidate(one: Surroundings, cosine: float | None, bm25: float, whose: Whose) -> Candidate:
    return Candidate(
        id=one.id,
        cosine=cosine,
        bm25=bm25,
        spoken=whose.spoke(one.speaker, one.speaker_name),
        session_id=one.session_id,
        beside=one.beside,
        length=one.length,
        is_question=one.is_question,
        idle=one.idle,
        is_turn=one.granularity == Granularity.TURN,
        trust=TRUST_RANKS[one.trust],
        uses=one.uses,
    )
