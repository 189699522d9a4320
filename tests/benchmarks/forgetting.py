"""A year of daily use with forgetting and without: how much stays in recall, and what is still found.

    .venv/bin/python -m tests.benchmarks.forgetting --data locomo-dev.json [--json OUT] [--plot OUT.svg]

Both runs live the same life (tests/benchmarks/life.py) and are asked the same on the same days, so all is
compared in pairs. "levels off" says how much of what is added in the last quarter of the time the number of
memories in recall grows by: 1 without forgetting, 0 where it grows no more.
"""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from app.models.embedding import minilm_embedder
from graphs.ports import Embedder
from tests.benchmarks.forgetting_plot import drawing
from tests.benchmarks.life import END, OLDER, RECENT, Life, Living, Outcome, Store, plan
from tests.benchmarks.locomo import CachedEmbedder, read

DRAWS = 5_000
INTERVAL = (2.5, 97.5)


def lived(life: Life, embedder: Embedder, *, forgetting: bool) -> Outcome:
    """A life in a store of its own."""
    with TemporaryDirectory() as folder, Store(Path(folder), embedder) as store:
        return Living(life, store, forgetting=forgetting).live()


def compared(off: Outcome, on: Outcome, kind: str) -> dict[str, Any]:
    """Recall of one kind of question with and without, and their ratio with its interval."""
    pairs = np.array(
        [
            [without.recall, held.recall]
            for without, held in zip(off.answers, on.answers, strict=True)
            if without.asked.kind == kind
        ]
    )
    if not len(pairs):
        return {"questions": 0}
    rng = np.random.default_rng(7)
    drawn = (pairs[rng.integers(len(pairs), size=len(pairs))].mean(axis=0) for _ in range(DRAWS))
    low, high = np.percentile([held / max(without, 1e-9) for without, held in drawn], INTERVAL)
    without, held = pairs.mean(axis=0)
    return {
        "questions": len(pairs),
        "off": round(float(without), 4),
        "on": round(float(held), 4),
        "ratio": round(float(held / max(without, 1e-9)), 4),
        "interval": [round(float(low), 4), round(float(high), 4)],
    }


def growth(active: Sequence[int], stored: Sequence[int]) -> float:
    """By how much of what was added in the last quarter of the days the memories in recall grew."""
    quarter = max(len(stored) // 4, 1)
    added = stored[-1] - stored[-1 - quarter]
    return round((active[-1] - active[-1 - quarter]) / max(added, 1), 3)


def summary(life: Life, off: Outcome, on: Outcome) -> dict[str, Any]:
    """All figures."""
    return {
        "days": life.days,
        "personas": len(life.conversations),
        "unasked": life.unasked,
        "recall@10": {kind: compared(off, on, kind) for kind in (RECENT, OLDER, END)},
        "active": {
            "off": off.active[-1],
            "on": on.active[-1],
            "most": max(on.active),
            "last_quarter_growth": growth(on.active, on.stored),
        },
        "stay": {
            kind: {"active": active, "of": of, "share": round(active / max(of, 1), 4)}
            for kind, (active, of) in on.kept.items()
        },
        "came_back": dict(on.came_back),
        "by_day": {"off": off.active, "on": on.active},
    }


def show(result: dict[str, Any]) -> None:
    """Print what matters."""
    for kind, line in result["recall@10"].items():
        if line["questions"]:
            low, high = line["interval"]
            print(
                f"recall@10, {kind:15s} {line['questions']:4d} questions: off {line['off']:.3f},"
                f" on {line['on']:.3f}, ratio {line['ratio']:.3f} [{low:.3f}, {high:.3f}]"
            )
    print("in recall at the end:", result["active"])
    print("still in recall:", result["stay"])
    print("came back:", result["came_back"])


def main() -> None:
    """Read the arguments, live twice, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a LoCoMo file")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--plot", type=Path, help="draw them here, as SVG")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=5, help="of the days on which is asked")
    parser.add_argument("--cache", type=Path, help="keep vectors here between runs")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/keepsake-benchmarks")
    arguments = parser.parse_args()
    embedder: Embedder = minilm_embedder(arguments.models)
    cached = CachedEmbedder(embedder, arguments.cache) if arguments.cache else None
    life = plan(read(arguments.data), arguments.days, random.Random(arguments.seed))
    off, on = (lived(life, cached or embedder, forgetting=forgetting) for forgetting in (False, True))
    result = summary(life, off, on)
    if cached:
        cached.save()
    show(result)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1), encoding="utf-8")
    if arguments.plot:
        arguments.plot.write_text(drawing(result), encoding="utf-8")


if __name__ == "__main__":
    main()
