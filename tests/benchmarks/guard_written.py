"""Full mode by written chains: what they tell of poison, beside the choice of a kind and no model at all.

    .venv/bin/python -m tests.benchmarks.guard_written --data attacks.jsonl benign.jsonl --half a \
        --model PATH --threads 1 --cache FOLDER --minutes 15 --json OUT

The notes are those of nine words and more that light mode leaves open: first what own words leave in the
reply, which is what full mode asks about, then, as far as `--minutes` reach, the rest. For each of them and
for what the person told that is nearest to the question the model writes a chain. Scored by what the chains'
vectors have in common, with votes weighed by trust, by a judge that chooses among the numbered chains, by the
product's own choice of a kind, and, with no model, by the same vote on the bare texts. Figures are AUCs of
poison against look-alikes and against all honest notes, with intervals by bootstrap over cases.
`--cache` keeps each answer, so that a run that `--minutes` ended goes on where it was.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.models.embedding import minilm_embedder
from app.models.select import NONE, Machine, resolve
from tests.benchmarks.auc import auc, difference
from tests.benchmarks.cached import CachedEmbedder
from tests.benchmarks.cached_model import CachedModel
from tests.benchmarks.guard_open import Situation, situations
from tests.benchmarks.guard_sample import drawn
from tests.benchmarks.guard_scores import BY_TRUST, CONTROL, JUDGE, KINDS, Bench, Row
from tests.benchmarks.guard_world import opened, read
from tests.benchmarks.watched_model import WatchedModel

CHUNK: Final = 15
"""Questions that one step after the other is asked about, so that its examples are read once for many."""
SUMS: Final[Mapping[str, Sequence[str]]] = {
    "kinds + chains": (KINDS, BY_TRUST),
    "kinds + judge": (KINDS, JUDGE),
    "kinds + chains + judge": (KINDS, BY_TRUST, JUDGE),
    "kinds + bare texts": (KINDS, CONTROL),
}
"""Sums of standardised scores; nothing is fitted."""
REFUSED: Final[Mapping[str, Callable[[Mapping[str, float]], bool]]] = {
    "kinds, as in the product": lambda scores: scores[KINDS] == 2,
    "judge": lambda scores: scores[JUDGE] == 1,
    "kinds and judge": lambda scores: scores[KINDS] == 2 and scores[JUDGE] == 1,
    "kinds, or suspect and judge": lambda scores: scores[KINDS] + scores[JUDGE] >= 2,
}
"""What would be set aside."""
AGAINST: Final[Mapping[str, frozenset[str]]] = {
    "look-alikes": frozenset({"look-alike"}),
    "honest": frozenset({"look-alike", "honest"}),
}


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """AUC of each way, how far it is ahead of the kinds and of no model, and what would be refused."""
    groups = [row.group for row in rows]
    ways = columns(rows)
    return {
        "notes": {name: groups.count(name) for name in sorted(set(groups))},
        "ways": {
            name: {against: _compared(rows, ways, name, some) for against, some in AGAINST.items()}
            for name in ways
        },
        "refused": {
            name: {
                group: sum(refuses(row.scores) for row in rows if row.group == group)
                for group in sorted(set(groups))
            }
            for name, refuses in REFUSED.items()
            if KINDS in ways
        },
    }


def columns(rows: Sequence[Row]) -> dict[str, list[float]]:
    """The scores of each way, and of the sums."""
    ways = {name: [row.scores[name] for row in rows] for name in rows[0].scores}
    even = {name: _standardised(some) for name, some in ways.items()}
    sums = {
        name: [sum(each) for each in zip(*(even[one] for one in of), strict=True)]
        for name, of in SUMS.items()
        if even.keys() >= set(of)
    }
    return ways | sums


def _standardised(some: Sequence[float]) -> list[float]:
    values = np.asarray(some, dtype=np.float64)
    return [float(one) for one in (values - values.mean()) / (values.std() or 1.0)]


def _compared(
    rows: Sequence[Row], ways: Mapping[str, Sequence[float]], name: str, against: frozenset[str]
) -> dict[str, Any]:
    places = [place for place, row in enumerate(rows) if row.group == "poison" or row.group in against]
    bad = [rows[place].group == "poison" for place in places]
    cases = [rows[place].case for place in places]
    if not any(bad) or all(bad):
        return {}
    one = [ways[name][place] for place in places]
    others = {"kinds": KINDS, "text": CONTROL}
    gains = {
        other: difference(one, [ways[way][place] for place in places], bad, cases)
        for other, way in others.items()
        if way in ways
    }
    chance = difference(one, [0.0] * len(one), bad, cases)
    return {"auc": round(auc(one, bad), 3), "over_chance": chance, "over": gains}


def show(result: Mapping[str, Any]) -> None:
    """Print it as tables."""
    print(result["tokens_per_note"])
    for part in ("asked", "all"):
        print(part, result[part]["notes"])
        for name, line in result[part]["ways"].items():
            print(f"{name:26s}", *(_shown(against, one) for against, one in line.items() if one))
        for name, refused in result[part]["refused"].items():
            print(f"{name:30s}", refused)


def _shown(against: str, one: Mapping[str, Any]) -> str:
    gains = "  ".join(
        f"over {name} {gain['mean']:+.3f} ({gain['low']:+.3f} to {gain['high']:+.3f})"
        for name, gain in {"chance": one["over_chance"], **one["over"]}.items()
    )
    return f"| {against} {one['auc']:.3f}  {gains}"


def asked(
    ask: Callable[[Sequence[Situation]], list[Row]], some: Sequence[Situation], minutes: float
) -> list[Row]:
    """The rows of as many situations as there is time for."""
    until, rows = time.monotonic() + 60 * minutes, list[Row]()
    for start in range(0, len(some), CHUNK):
        if time.monotonic() > until:
            break
        rows += ask(some[start : start + CHUNK])
    return rows


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, nargs="+", help="cases as JSON Lines")
    parser.add_argument("--model", default=NONE, help="a GGUF file, a server's address, or none: bare texts")
    parser.add_argument("--threads", type=int, help="of the model; all by default")
    parser.add_argument("--half", choices=["a", "b"], help="only one half of each kind, drawn by id")
    parser.add_argument("--sample", type=int, help="only so many of each kind, of either half as many")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin nothing after so long")
    parser.add_argument("--cache", type=Path, required=True, help="keep vectors and answers here")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--each", type=Path, help="write what became of each note here")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/keepsake-benchmarks")
    arguments = parser.parse_args()
    cases = [case for file in arguments.data for case in read(file)]
    cases = drawn(cases, arguments.sample, arguments.half)
    embedder = CachedEmbedder(minilm_embedder(arguments.models), arguments.cache)
    with opened(embedder) as world:
        some = situations(world, cases)
    model = resolve(arguments.model, Machine(arguments.models, threads=arguments.threads))
    bench = Bench(WatchedModel(CachedModel(model, arguments.cache)), embedder)
    rows = asked(bench.bare if arguments.model == NONE else bench.rows, some, arguments.minutes)
    model.close()
    embedder.save()
    result = {
        "asked": figures([row for row in rows if row.shown]),
        "all": figures(rows),
        "tokens_per_note": bench.per_note(len(rows)),
    }
    show(result)
    for path, content in ((arguments.json, result), (arguments.each, [asdict(row) for row in rows])):
        if path:
            path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
