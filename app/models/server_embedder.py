"""Text to vectors behind any OpenAI-compatible server."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import httpx
import numpy as np
from numpy.typing import NDArray

from app.models.server_abilities import listed
from app.models.server_errors import in_words
from app.models.server_url import api_base
from app.models.sse import client
from graphs.errors import ModelError

CONNECT_S, READ_S = 5.0, 60.0
AT_ONCE: Final = 32
"""Texts a call; servers refuse more at different counts, 32 is the smallest known limit."""
MOST_CHARACTERS: Final = 1_600
"""Of a text: about the 512 tokens that most search models read."""
LEAST_CHARACTERS: Final = 200
REST_S: Final = 20.0
"""A server that does not answer is left alone for so long, so that nobody waits for it at each message."""
TOO_MUCH: Final = frozenset({400, 413, 422})
"""What servers say to too many texts, or to one that is too long."""
LIKELY: Final = ("embed", "bge", "e5", "gte", "minilm", "arctic")
PROBE: Final = "Does it work?"
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """Which model of which server."""

    url: str
    model: str
    dimension: int
    """Length of a vector; 0 while it is not known."""
    api_key: str = ""
    query_prefix: str = ""
    passage_prefix: str = ""

    @property
    def key(self) -> str:
        """Names model, length and prefixes, but no address: elsewhere the model gives the same vectors."""
        letters = (one if one.isascii() and one.isalnum() else "-" for one in self.model.lower())
        told = f"{self.model}\0{self.dimension}\0{self.query_prefix}\0{self.passage_prefix}"
        digest = hashlib.sha256(told.encode()).hexdigest()[:8]
        return f"server-{''.join(letters)[:32].strip('-') or 'model'}-{digest}"


class ServerEmbedder:
    """An Embedder over HTTP. Any thread may call it."""

    def __init__(self, spec: ServerSpec, *, now: Callable[[], float] = time.monotonic) -> None:
        """`now` is in seconds, from any moment on."""
        self._spec = spec
        self._base = api_base(spec.url)
        self._headers = {"Authorization": f"Bearer {spec.api_key}"} if spec.api_key else {}
        self._now = now
        self._resting = threading.Lock()
        self._rests_until = -1.0
        self._trouble: ModelError | None = None

    @property
    def key(self) -> str:
        """Names model, length and prefixes."""
        return self._spec.key

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._spec.dimension

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vectors:
        """Unit vectors, shape (len(texts), dimension). An empty text gives a zero vector.

        Raises ModelError where the server does not answer, refuses, or gives vectors of another length.
        """
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        prefix = self._spec.query_prefix if kind == "query" else self._spec.passage_prefix
        wanted = [index for index, text in enumerate(texts) if text.strip()]
        for start in range(0, len(wanted), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            vectors[some] = self._asked([prefix + texts[index][:MOST_CHARACTERS] for index in some])
        return vectors

    def close(self) -> None:
        """There is nothing to free."""

    def _asked(self, texts: list[str]) -> Vectors:
        """Vectors of texts that go together; what is too much for the server goes in smaller parts."""
        self._check_awake()
        try:
            with in_words(self._base):
                answer = self._post(texts)
        except ModelError as error:
            self._note(error)
            raise
        if answer is None:
            half = len(texts) // 2
            if half:
                return np.concatenate([self._asked(texts[:half]), self._asked(texts[half:])])
            return self._asked([texts[0][: len(texts[0]) // 2]])
        with in_words(self._base):
            return self._unit(_rows(answer, len(texts)))

    def _post(self, texts: list[str]) -> Any:
        """The server's answer; None where it was asked for too much, and less can be asked for."""
        body = {"model": self._spec.model, "input": texts, "encoding_format": "float"}
        with client(httpx.Timeout(READ_S, connect=CONNECT_S)) as http:
            response = http.post(f"{self._base}/embeddings", json=body, headers=self._headers)
        if response.status_code in TOO_MUCH and (len(texts) > 1 or len(texts[0]) > LEAST_CHARACTERS):
            return None
        response.raise_for_status()
        return response.json()

    def _unit(self, rows: Vectors) -> Vectors:
        if self.dimension and rows.shape[1] != self.dimension:
            raise ModelError(
                f"The server's model gives vectors of {rows.shape[1]} numbers, and {self.dimension} were "
                "expected: it is another model than the one that was chosen.",
                "Choose the server again on the model page, and the memories are read anew.",
            )
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.isfinite(rows).all() or not lengths.all():
            raise ModelError("The server's model gave vectors that mean nothing.", "Choose another model.")
        return np.asarray(rows / lengths, dtype=np.float32)

    def _check_awake(self) -> None:
        with self._resting:
            if self._trouble and self._now() < self._rests_until:
                raise self._trouble
            self._trouble = None

    def _note(self, error: ModelError) -> None:
        """Leave a server alone that did not answer; one that refused is up, and may be asked again."""
        if isinstance(error.__cause__, httpx.TransportError):
            with self._resting:
                self._trouble, self._rests_until = error, self._now() + REST_S


def found_out(spec: ServerSpec) -> ServerSpec:
    """With the model's name and the length of its vectors, asked of the server.

    Raises ModelError where none answers, or its model gives no vectors.
    """
    named = spec if spec.model else replace(spec, model=_likeliest(spec))
    embedder = ServerEmbedder(replace(named, dimension=0))
    rows = embedder._asked([PROBE])  # noqa: SLF001 - the one call that need not know the length
    return replace(named, dimension=int(rows.shape[1]))


def _likeliest(spec: ServerSpec) -> str:
    """Of a server's models the first that sounds like a search model, else the first."""
    base = api_base(spec.url)
    headers = {"Authorization": f"Bearer {spec.api_key}"} if spec.api_key else {}
    with in_words(base), client(httpx.Timeout(READ_S, connect=CONNECT_S)) as http:
        response = http.get(f"{base}/models", headers=headers)
        response.raise_for_status()
        names = [str(entry["id"]) for entry in listed(response.json())]
    if not names:
        raise ModelError(f"The server at {base} offers no model.", "Load one there first, or name it.")
    return next((name for name in names if any(word in name.lower() for word in LIKELY)), names[0])


def _rows(answer: Any, count: int) -> Vectors:
    """The vectors of an answer, in the order of the texts. Raises ValueError for nonsense."""
    entries = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(entries, list) or len(entries) != count:
        raise ValueError(answer)
    rows: list[Any] = [None] * count
    for place, vector in _placed(entries):
        rows[place] = vector
    try:
        found = np.asarray(rows, dtype=np.float32)
    except TypeError as error:
        raise ValueError(answer) from error
    if found.ndim != 2 or not found.shape[1]:  # noqa: PLR2004 - a row a text
        raise ValueError(answer)
    return found


def _placed(entries: list[Any]) -> Iterator[tuple[int, Any]]:
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict) or not isinstance(place := entry.get("index", number), int):
            raise ValueError(entry)  # noqa: TRY004 - what json.loads raises for nonsense
        if not 0 <= place < len(entries):
            raise ValueError(entry)
        yield place, entry.get("embedding")
