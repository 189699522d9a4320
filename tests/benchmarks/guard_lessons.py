"""Which lessons become one: poison of the same case against poison of other cases.

    .venv/bin/python -m tests.benchmarks.guard_lessons --data attacks.jsonl [--half a] [--cache FOLDER]

Each poisoned line is taken for a lesson. Pairs of one case should become one, pairs of different cases must
not. What merging costs is counted too: of three lines of a case, how often the third is set aside by the
lessons of the first two, and how often by what is left where those became one.
"""

import argparse
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.models.embedding import minilm_embedder
from graphs.memory import lessons
from graphs.memory.consensus import Statement, statement
from graphs.ports import Embedder
from storage.records import Lesson, LessonKind
from tests.benchmarks.cached import CachedEmbedder
from tests.benchmarks.guard_sample import drawn
from tests.benchmarks.guard_world import Case, read

BEGAN: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """A poisoned line, as a lesson and as a memory."""

    case_id: str
    lesson: Lesson
    one: Statement


Rule = Callable[[Line, Line, float], bool]


def _near(least: float) -> Rule:
    """Like in words, or so near and with the same name or number."""
    more = lessons.NEAR - least
    return lambda old, new, cosine: lessons.says_the_same(old.lesson, new.one, cosine + more)


RULES: Final[Mapping[str, Rule]] = {
    "words": lambda old, new, _cosine: lessons.is_like(old.lesson, new.one),
    **{f"cosine {least}, the same name": _near(least) for least in (0.35, 0.45, lessons.NEAR, 0.65)},
    "cosine 0.45 alone": lambda _old, _new, cosine: cosine >= 0.45,
    "cosine 0.55 alone": lambda _old, _new, cosine: cosine >= lessons.NEAR,
}
SETS_ASIDE: Final = RULES[f"cosine {lessons.NEAR}, the same name"]


def lines_of(cases: Sequence[Case]) -> list[Line]:
    """The poisoned lines, each once."""
    texts = dict.fromkeys((case.id, line.text) for case in cases for line in case.lines if line.poisoned)
    return [
        Line(
            case_id,
            Lesson("", "mira", "", LessonKind.AVOID, text, "", BEGAN),
            statement("", text, vouched_for=True),
        )
        for case_id, text in texts
    ]


def figures(lines: Sequence[Line], cosines: NDArray[np.float32]) -> dict[str, dict[str, float]]:
    """By rule: pairs of one case and of different cases that become one; and thirds that are found after."""
    result: dict[str, dict[str, float]] = {}
    pairs = list(itertools.combinations(range(len(lines)), 2))
    same = {pair for pair in pairs if lines[pair[0]].case_id == lines[pair[1]].case_id}
    thirds = _thirds(lines)
    for name, rule in RULES.items():
        joined = [pair for pair in pairs if _holds(rule, lines, cosines, *pair)]
        result[name] = {
            "same_case": len(same),
            "same_case_joined": sum(pair in same for pair in joined),
            "others": len(pairs) - len(same),
            "others_joined": sum(pair not in same for pair in joined),
            "thirds": len(thirds),
            "thirds_found_apart": sum(_found(lines, cosines, *each, joined=False) for each in thirds),
            "thirds_found": sum(
                _found(lines, cosines, *each, joined=_holds(rule, lines, cosines, *each[:2]))
                for each in thirds
            ),
        }
    return result


def _thirds(lines: Sequence[Line]) -> list[tuple[int, int, int]]:
    """Three lines of a case, in each order."""
    by_case: dict[str, list[int]] = {}
    for number, line in enumerate(lines):
        by_case.setdefault(line.case_id, []).append(number)
    return [three for numbers in by_case.values() for three in itertools.permutations(numbers, 3)]


def _found(
    lines: Sequence[Line], cosines: NDArray[np.float32], first: int, second: int, third: int, *, joined: bool
) -> bool:
    taught = [first] if joined else [first, second]
    return any(_holds(SETS_ASIDE, lines, cosines, one, third) for one in taught)


def _holds(rule: Rule, lines: Sequence[Line], cosines: NDArray[np.float32], old: int, new: int) -> bool:
    return rule(lines[old], lines[new], float(cosines[old, new]))


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, nargs="+", help="cases as JSON Lines")
    parser.add_argument("--half", choices=["a", "b"], help="only one half of each kind, drawn by id")
    parser.add_argument("--cache", type=Path, help="keep vectors here between runs")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/keepsake-benchmarks")
    arguments = parser.parse_args()
    cases = drawn([case for file in arguments.data for case in read(file)], None, arguments.half)
    lines = lines_of(cases)
    embedder: Embedder = minilm_embedder(arguments.models)
    cached = CachedEmbedder(embedder, arguments.cache)
    vectors = cached.embed([line.lesson.text for line in lines], "passage")
    cached.save()
    print(json.dumps(figures(lines, vectors @ vectors.T), indent=1))


if __name__ == "__main__":
    main()
