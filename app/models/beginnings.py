"""What side work of one kind always begins with, kept on the disk so that it is read once.

The guard's examples take 700 tokens, on two cores 8 s. They stand in the lane of side work, which reflection
and the guard's other examples use as well; from a file they are back in 10 ms, in another life of the program
too. As with talks (app/models/states.py) a file belongs to one model and to the very tokens: changed examples
are read anew. It is dropped together with those of the talks.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from app.models.engine import SIDE_TOKENS, Engine, Lane, shared
from app.models.states import FEWEST_TOKENS, States
from graphs.ports import Stop

FOLDER: Final = "beginnings"
MOST_BYTES: Final = 512_000_000
"""Room for all of them; the oldest go first."""
LARGEST: Final = MOST_BYTES // 4
"""Room for one: of larger ones a few would push each other out, and be written again and again."""


class Beginnings:
    """Those of one model, in a folder beside the states of talks."""

    def __init__(self, states: Path, model: Path) -> None:
        self._kept = States(states / FOLDER, model, most_bytes=MOST_BYTES, largest=LARGEST)

    def take_up(self, engine: Engine, tokens: Sequence[int], *, stop: Stop, rereads: bool = False) -> None:
        """Have the side lane hold a beginning, unless it nearly does: from the disk, else read and kept.

        A model that `rereads` cannot go back to it in what the lane holds. Where `stop` ends it the lane
        holds what was read so far.
        """
        held = engine.held(Lane.SIDE)
        known = shared(held, tokens)
        if rereads and known < len(held):
            known = 0
        if len(tokens) - known < FEWEST_TOKENS or len(tokens) >= SIDE_TOKENS:
            return
        found = self._kept.best(tokens)
        if found and found[1] == len(tokens) == len(found[0].tokens):
            if engine.load(found[0].path, len(tokens), lane=Lane.SIDE):
                return
            self._kept.forget(found[0])
        if engine.read(tokens, lane=Lane.SIDE, stop=stop):
            self._kept.keep(tokens, partial(engine.save, lane=Lane.SIDE))
