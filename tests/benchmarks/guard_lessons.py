"""Which lessons become one: poison of the same case against poison of other cases.

    .venv/bin/python -m tests.benchmarks.guard_lessons --data attacks.jsonl [--half a] [--cache FOLDER]

Each poisoned line is taken for a lesson. Pairs of one case should become one, pairs of different cases must
not. What merging costs is counted too: of three lines of a case, how often the third is set aside by the
lessons of the first two, and how often by what is left where those became one. Last, what brings a word of
caution: notes that resemble a lesson, or a question that has two words in common with it, as it was before.
"""

import argparse
import itertools
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.models.embedding import minilm_embedder
from graphs.memory import lessons
from graphs.memory.consensus import Statement, statement
from graphs.memory.trusting import FACTS
from graphs.ports import Embedder
from storage.records import Lesson, LessonKind, Trust
from tests.benchmarks.cached import CachedEmbedder
from tests.benchmarks.guard_sample import drawn
from tests.benchmarks.guard_world import Case, read
from tests.benchmarks.guard_world import Line as Memory

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
MANY: Final = (20, 200)
"""So many lessons of other cases beside honest ones."""
ASKED: Final = 2
"""Words that a question had to share with a lesson."""
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


def cautions(cases: Sequence[Case], others: Sequence[Case], embedder: Embedder) -> dict[str, Any]:
    """What a case's first poison, as a lesson, warns of; and many lessons of `others` beside honest ones."""
    found: dict[str, list[bool]] = {}
    for case in cases:
        poison = [line.text for line in case.lines if line.poisoned]
        honest = [line.text for line in case.lines if not line.poisoned and line.trust not in FACTS]
        if poison:
            taught = _lines(case.id, poison[:1])
            _note(found, "other poison of the case", taught, poison[1:], embedder)
            _note(found, "honest notes of the case", taught, honest, embedder)
            if poison[1:]:
                by_question = _asked(case.query, _lines(case.id, poison[1:]))
                found.setdefault("question: another line's lesson", []).append(by_question)
    pool = lines_of(others)
    for count in MANY:
        taught = random.Random(3).sample(pool, min(count, len(pool)))
        for case in (one for one in cases if not one.is_attack):
            notes = [line.text for line in case.lines if line.trust not in FACTS]
            _note(found, f"honest notes beside {count} lessons", taught, notes, embedder)
            by_question = _asked(case.query, taught)
            found.setdefault(f"question: honest, beside {count} lessons", []).append(by_question)
    return {name: {"of": len(hits), "warned": sum(hits)} for name, hits in found.items()}


def _lines(case_id: str, texts: Sequence[str]) -> list[Line]:
    return lines_of(
        [Case(case_id, "", "", [Memory(text, Trust.IMPORTED, BEGAN, poisoned=True) for text in texts])]
    )


def _note(
    found: dict[str, list[bool]], name: str, taught: Sequence[Line], texts: Sequence[str], embedder: Embedder
) -> None:
    if not texts:
        return
    notes = _lines("", texts)
    lessons_at = embedder.embed([line.lesson.text for line in taught], "passage")
    cosines = embedder.embed([note.lesson.text for note in notes], "passage") @ lessons_at.T
    for note, row in zip(notes, cosines.tolist(), strict=True):
        pairs = list(zip(taught, row, strict=True))
        aside = any(lessons.says_the_same(old.lesson, note.one, cosine) for old, cosine in pairs)
        warned = any(lessons.resembles(old.lesson, note.one, cosine) for old, cosine in pairs)
        found.setdefault(f"{name}: set aside", []).append(aside)
        found.setdefault(f"{name}: set aside or warned of", []).append(aside or warned)


def _asked(query: str, taught: Sequence[Line]) -> bool:
    asked = statement("", query, vouched_for=True).words
    return any(len(asked & line.one.words) >= ASKED for line in taught)


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, nargs="+", help="cases as JSON Lines")
    parser.add_argument("--half", choices=["a", "b"], help="only one half of each kind, drawn by id")
    parser.add_argument("--lessons", type=Path, help="cases whose poison are the lessons beside honest ones")
    parser.add_argument("--cache", type=Path, help="keep vectors here between runs")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/keepsake-benchmarks")
    arguments = parser.parse_args()
    cases = drawn([case for file in arguments.data for case in read(file)], None, arguments.half)
    lines = lines_of(cases)
    embedder: Embedder = minilm_embedder(arguments.models)
    cached = CachedEmbedder(embedder, arguments.cache)
    vectors = cached.embed([line.lesson.text for line in lines], "passage")
    cached.save()
    result: dict[str, Any] = dict(figures(lines, vectors @ vectors.T))
    if arguments.lessons:
        others = [case for case in read(arguments.lessons) if case.id not in {one.id for one in cases}]
        result["cautions"] = cautions(cases, others, cached)
        cached.save()
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
