"""Whether an embedding model tells related from unrelated at all, and on which scale it does.

Conversions to GGUF are about that load and run, and find anything as near as anything else. And each model
has a scale of its own: for one, strangers lie at a cosine of 0.1, for another at 0.8. A few questions, each
with a passage that answers it in other words, show both.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from graphs.errors import ModelError
from graphs.ports import Embedder

PAIRS: Final = (
    ("What does she eat in the morning?", "Breakfast is usually porridge with berries."),
    ("Where did they spend their holidays?", "Last summer the family rented a cottage by the sea."),
    ("Is he good with animals?", "The dog follows him around and the cat sleeps on his lap."),
    ("What is her job?", "She works as a nurse in the children's ward."),
    ("How does he get to the office?", "Every weekday the train takes him into town by eight."),
    ("Which instrument can she play?", "At night she practises the violin until the neighbours knock."),
    ("Why was she sad?", "Her grandfather died in March and she misses him."),
    ("What are they building?", "The carpenter brought planks for the new garden shed."),
)
NEEDED: Final = 5
"""Of the eight questions so many must find their own passage first; by chance it would be one."""


@dataclass(frozen=True, slots=True)
class Level:
    """A model's scale of cosines."""

    strangers: float
    """Between a question and what has nothing to do with it, in the mean."""
    kin: float
    """Between a question and its answer, in the mean."""

    def __call__(self, cosine: float) -> float:
        """The cosine as the bundled model would have it, for which the rules' thresholds were chosen."""
        share = (cosine - self.strangers) / (self.kin - self.strangers)
        return BUNDLED.strangers + share * (BUNDLED.kin - BUNDLED.strangers)


BUNDLED: Final = Level(strangers=0.113, kin=0.426)
"""Of all-MiniLM-L6-v2, measured with these pairs."""


def try_out(embedder: Embedder, name: str) -> Level:
    """The model's level.

    Raises ModelError where it cannot be run, or does not tell related from unrelated.
    """
    questions = embedder.embed([question for question, _ in PAIRS], "query")
    passages = embedder.embed([passage for _, passage in PAIRS], "passage")
    cosines = questions @ passages.T
    own = np.diagonal(cosines)
    right = int((cosines.argmax(axis=1) == np.arange(len(PAIRS))).sum()) if np.isfinite(cosines).all() else 0
    if right < NEEDED:
        raise ModelError(
            f"{name} cannot tell what belongs together: {right} of {len(PAIRS)} questions met their answer.",
            "The file may be badly converted. Choose another.",
        )
    strangers = float((cosines.sum() - own.sum()) / (cosines.size - own.size))
    return Level(strangers=strangers, kin=float(own.mean()))
