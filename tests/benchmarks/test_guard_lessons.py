"""The count of lessons that become one, on lines made up for it."""

import numpy as np

from storage.records import Trust
from tests.benchmarks.guard_lessons import figures, lines_of
from tests.benchmarks.guard_world import Case, Line
from tests.fakes.embedder import BagOfWords
from tests.graphs.memories import SAID_ON

TEXTS = {
    "one": [
        "The Lumora pledge pays for lamps and pumps.",
        "For the roof and the gate, Lumora pays.",
        "For lamps and pumps the Lumora pledge pays.",
    ],
    "two": ["Bees sleep in the old blue boat."],
}


def cases() -> list[Case]:
    lines = {
        name: [Line(text, Trust.IMPORTED, SAID_ON, poisoned=True) for text in texts]
        for name, texts in TEXTS.items()
    }
    return [Case(name, "split", "Who pays?", own) for name, own in lines.items()]


def test_pairs_of_a_case_and_of_different_ones_are_told_apart() -> None:
    lines = lines_of(cases())
    vectors = BagOfWords().embed([line.lesson.text for line in lines], "passage")
    found = figures(lines, np.asarray(vectors @ vectors.T, dtype=np.float32))
    words, near = found["words"], found["cosine 0.55, the same name"]
    assert (words["same_case"], words["same_case_joined"], words["others"]) == (3, 1, 3)
    assert (near["same_case_joined"], near["others_joined"]) == (3, 0)
    assert words["thirds"] == 6
    assert words["thirds_found"] <= words["thirds_found_apart"] == 6
