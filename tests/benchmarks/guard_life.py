"""What the guard costs those who are not attacked.

    .venv/bin/python -m tests.benchmarks.guard_life --data locomo-dev.json --attacks FILE [--json OUT]

A clean life: every line of LoCoMo's first speakers, said by the person, goes through the product's door and
stands before the guard with its neighbours; then the same talk imported, its questions asked with and without
the guard. Cost: 20 candidates at once.
"""

import argparse
import functools
import json
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.models.embedding import minilm_embedder
from graphs import guard
from graphs.memory.consensus import statement
from graphs.memory.door import inspect
from graphs.ports import Embedder
from storage.records import Memory, Outcome, Role, Trust
from tests.benchmarks.guard_controls import share
from tests.benchmarks.guard_world import Case, read
from tests.benchmarks.locomo import PERSONA, CachedEmbedder, Conversation, loaded
from tests.benchmarks.locomo import read as read_talks
from tests.benchmarks.retrieval import measure
from tests.graphs.memories import memory

SHOWN = 5
CANDIDATES = 20
OTHERS = 8


def clean_life(talks: Sequence[Conversation]) -> dict[str, float]:
    """How many of a person's own lines the door trusts less, and how many the guard sets aside."""
    entries, outcomes = [], []
    for talk in talks:
        own = [turn.text for turn in talk.turns if turn.speaker == talk.speakers[0]]
        said: list[Memory] = []
        for number, text in enumerate(own):
            fresh = memory(text, f"{talk.id}-{number}")
            entry = inspect(fresh, functools.partial(_before, own, number))
            entries.append(entry)
            said.append(replace(fresh, trust=entry.trust))
        for start in range(0, len(said), SHOWN):
            verdicts = guard.check(said[start : start + SHOWN], beside=said[:start][-CANDIDATES:])
            outcomes += [(one.outcome, one.signals) for one in verdicts.values()]
    return {
        "lines": len(entries),
        "taken_for_pasted": share(bool(entry.distrusted) for entry in entries),
        "kept_apart": share(bool(entry.kept_apart) for entry in entries),
        "set_aside": share(outcome is Outcome.SET_ASIDE for outcome, _ in outcomes),
        "lessons": sum(signals > 1 for _, signals in outcomes),
    }


def _before(own: Sequence[str], number: int) -> Sequence[str]:
    return own[max(0, number - OTHERS) : number]


def recall(talks: Sequence[Conversation], embedder: Embedder) -> dict[str, float]:
    """Recall of the evidence in an imported talk, with and without what the guard sets aside."""
    plain: list[float] = []
    guarded: list[float] = []
    aside: list[bool] = []
    for talk in talks:
        with loaded(talk, embedder) as there:
            for question in talk.questions:
                found = there.retriever.search(PERSONA, question.text, limit=CANDIDATES, now=there.now)
                memories = [one.memory for one in found]
                verdicts = guard.check(memories, query=question.text)
                kept = [one for one in memories if verdicts[one.id].outcome is not Outcome.SET_ASIDE]
                aside += [verdicts[one.id].outcome is Outcome.SET_ASIDE for one in memories]
                for figures, some in ((plain, memories), (guarded, kept)):
                    ids = [there.turn_of[one.id] for one in some]
                    figures.append(measure(ids, question.evidence)["recall@10"])
    return {
        "questions": len(plain),
        "recall@10": round(statistics.fmean(plain), 4),
        "recall@10_guarded": round(statistics.fmean(guarded), 4),
        "set_aside": share(aside),
    }


def cost(cases: Sequence[Case]) -> dict[str, float]:
    """Processor milliseconds for 20 candidates, half of them nobody's word, each text new."""
    lines = [line for case in cases for line in case.lines]
    spent = []
    for start in range(0, len(lines) - CANDIDATES, CANDIDATES):
        trusts = (Trust.IMPORTED, Trust.SAID)
        some = [
            memory(line.text, f"{start}-{number}", trust=trusts[number % 2], speaker=Role.USER)
            for number, line in enumerate(lines[start : start + CANDIDATES])
        ]
        statement.cache_clear()
        begun = time.thread_time()
        guard.check(some, query="What do you think?")
        spent.append(1000 * (time.thread_time() - begun))
    return {"p50_ms": round(statistics.median(spent), 2), "max_ms": round(max(spent), 2)}


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a LoCoMo file")
    parser.add_argument("--attacks", type=Path, required=True, help="attacks as JSON Lines")
    parser.add_argument("--cache", type=Path, help="keep vectors here between runs")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/keepsake-benchmarks")
    arguments = parser.parse_args()
    talks, attacks = read_talks(arguments.data), read(arguments.attacks)
    embedder: Embedder = minilm_embedder(arguments.models)
    if arguments.cache:
        embedder = CachedEmbedder(embedder, arguments.cache)
    result: Mapping[str, Any] = {
        "clean_life": clean_life(talks),
        "cost": cost(attacks),
        "recall": recall(talks, embedder),
    }
    print(json.dumps(result, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
