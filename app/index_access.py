"""Ways to the vector index: own it, ask the process that owns it, or do without.

Chroma answers wrongly, or breaks, when two processes open one folder. So whoever gets the instance lock
opens it; others ask that process over its loopback address, with the token from the lock file; and where
the owner serves nothing (another command at work) search goes by words alone.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from app.instance import Holder, InstanceLock
from storage.index import VectorIndex

Vector = NDArray[np.float32]
TIMEOUT_SECONDS = 20.0
TOKEN_HEADER = "x-keepsake-token"  # noqa: S105 - a header's name
log = logging.getLogger(__name__)


class Neighbours(Protocol):
    """Finds vectors by likeness and by id."""

    def query(self, persona_id: str, vector: Vector, k: int) -> list[tuple[str, float]]:
        """The k nearest memories with their cosines, the nearest first."""

    def cosines(self, persona_id: str, vector: Vector, ids: Sequence[str]) -> dict[str, float]:
        """The cosines of those of the memories that have a vector."""


class NoNeighbours:
    """Search by meaning is not to be had: finds nothing."""

    def query(self, persona_id: str, vector: Vector, k: int) -> list[tuple[str, float]]:  # noqa: ARG002
        """Nothing."""
        return []

    def cosines(self, persona_id: str, vector: Vector, ids: Sequence[str]) -> dict[str, float]:  # noqa: ARG002
        """None."""
        return {}


class AskedNeighbours:
    """Asks the running Keepsake. Where it does not answer, search goes by words alone."""

    def __init__(
        self, holder: Holder, post: Callable[[str, dict[str, Any]], Any] | None = None, *, embedder: str = ""
    ) -> None:
        """`embedder`: the key of the model that made the vectors; where another serves, nothing is found."""
        self._holder = holder
        self._post = post or self._request
        self._embedder = embedder

    def query(self, persona_id: str, vector: Vector, k: int) -> list[tuple[str, float]]:
        """The k nearest memories with their cosines, the nearest first."""
        row = np.asarray(vector).reshape(-1).tolist()
        question = {"persona_id": persona_id, "vector": row, "k": k, "embedder": self._embedder}
        return [(str(found), float(cosine)) for found, cosine in self._ask("query", question, [])]

    def cosines(self, persona_id: str, vector: Vector, ids: Sequence[str]) -> dict[str, float]:
        """The cosines of those of the memories that have a vector."""
        row = np.asarray(vector).reshape(-1).tolist()
        question = {"persona_id": persona_id, "vector": row, "ids": list(ids), "embedder": self._embedder}
        return dict(self._ask("cosines", question, {}))

    def sync(self) -> None:
        """Have the running Keepsake take in what is new."""
        self._ask("sync", {}, None)

    def _ask(self, what: str, question: dict[str, Any], otherwise: Any) -> Any:
        import httpx

        try:
            return self._post(what, question)
        except (httpx.HTTPError, ValueError) as error:
            log.warning("the running Keepsake did not answer: %s", type(error).__name__)
            return otherwise

    def _request(self, what: str, question: dict[str, Any]) -> Any:
        import httpx

        answer = httpx.post(
            f"{self._holder.url}/api/index/{what}",
            json=question,
            headers={TOKEN_HEADER: self._holder.token},
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
        )
        answer.raise_for_status()
        return answer.json()


def reach_index(
    lock: InstanceLock, open_own: Callable[[], VectorIndex], command: str, embedder: str = ""
) -> VectorIndex | AskedNeighbours | NoNeighbours:
    """The best way to the index that there is just now."""
    if lock.acquire(command):
        return open_own()
    holder = lock.holder()
    return AskedNeighbours(holder, embedder=embedder) if holder and holder.url else NoNeighbours()
