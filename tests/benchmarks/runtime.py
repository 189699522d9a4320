"""What a person waits for: how much is read again, and how long until the first word.

    .venv/bin/python -m tests.benchmarks.runtime [--model FILE] [--quick] [--json OUT]

All figures but two are ratios or counts of one run, since machines differ and are noisy; what is compared is
measured side by side. Without a file a model of random weights is made (random_shape.py). Rows are made in
runtime_talk.py, runtime_work.py and runtime_program.py. A quick run says in a note what it did less of, and
leaves `ok` empty where it says nothing about the target.
"""

import argparse
import json
import os
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from app.models.worker.chat import WorkerChat
from tests.benchmarks import random_shape, runtime_program
from tests.benchmarks.runtime_figures import Row
from tests.benchmarks.runtime_talk import PERSONA, SHORT_REPLY, first_words, talked
from tests.benchmarks.runtime_work import paths, schemas, speeds

MOST_MB: Final = 600
FEW: Final = 4
"""Turns before the memory of the whole program is measured."""
PARTS: Final = ("talk", "speed", "paths", "schema", "program", "memory")


@dataclass(frozen=True)
class Amount:
    """How much is done."""

    reply_tokens: int
    rounds: int
    times: int
    """Of the quicker figures within a round."""
    speed_repeats: int
    speed_tokens: int
    path_tokens: int
    path_rounds: int
    paths_apart: int
    answers: int
    answer_tokens: int
    memories: int
    much: int
    """Memories with which the whole program's memory is measured."""
    turns: int
    crashes: int


FULL: Final = Amount(40, 3, 2, 5, 96, 32, 3, 6, 1_000, 40, 5_000, 50_000, 12, 100)
QUICK: Final = Amount(8, 1, 1, 2, 32, 16, 1, 2, 8, 24, 5_000, 5_000, 4, 1)


def run(file: Path, only: Collection[str] = PARTS, *, quick: bool) -> dict[str, Any]:
    """All rows, or those of some parts."""
    amount, clock = QUICK if quick else FULL, Clock()
    with TemporaryDirectory() as folder:
        rows = _of_the_model(file, Path(folder, "states"), amount, clock, only, quick=quick)
        made, stages = _of_the_program(file, Path(folder), amount, clock, only, quick=quick)
    return {
        "model": file.stem,
        "rows": {name: row.as_json() for name, row in (rows | made).items()},
        "stages": stages,
        "load": round(os.getloadavg()[0], 1),
        "seconds": clock.spent,
    }


class Clock:
    """How long the parts of a run took."""

    def __init__(self) -> None:
        self.spent: dict[str, int] = {}
        self._at = time.monotonic()

    def lap(self, part: str) -> None:
        """A part is over."""
        now = time.monotonic()
        self.spent[part], self._at = round(now - self._at), now
        print(f"  ({part}: {self.spent[part]} s, load {os.getloadavg()[0]:.1f})", flush=True)


def _of_the_model(
    file: Path, states: Path, amount: Amount, clock: Clock, only: Collection[str], *, quick: bool
) -> dict[str, Row]:
    """Rows that need no more than the model's process."""
    rows: dict[str, Row] = {}
    model = WorkerChat(file, states=states)
    try:
        model.load()
        if "talk" in only:
            rows["tokens_read_flat"], talk = talked(model, amount.reply_tokens, quick=quick)
            rows |= first_words(talk, file, states, rounds=amount.rounds, times=amount.times)
            clock.lap("talk")
        if "speed" in only:
            rows |= speeds(model, file, amount.speed_repeats, amount.speed_tokens)
            clock.lap("speed")
        if "paths" in only:
            rows["batch_paths"] = paths(
                model, amount.path_tokens, amount.path_rounds, apart=amount.paths_apart
            )
            rows["batch_paths"].note = f"{amount.paths_apart} of the six tried apart" if quick else ""
            clock.lap("paths")
        if "schema" in only:
            rows["schema"] = schemas(model, amount.answers, amount.answer_tokens)
            rows["schema"].note = f"{amount.answers} answers; a full run asks for 1,000" if quick else ""
            clock.lap("schema")
    finally:
        model.close()
    return rows


def _of_the_program(
    file: Path, folder: Path, amount: Amount, clock: Clock, only: Collection[str], *, quick: bool
) -> tuple[dict[str, Row], dict[str, float]]:
    """Rows of the whole program, and where the time of a turn goes."""
    rows: dict[str, Row] = {}
    megabytes, stages = None, {}
    if "program" in only:
        megabytes, told = runtime_program.measure(
            folder / "data", file, memories=amount.memories, turns=amount.turns, crashes=amount.crashes
        )
        rows, stages = runtime_program.rows(told, amount.crashes, quick=quick), told["stages"]
        clock.lap("program")
    if "memory" in only:
        if megabytes is None or not quick:
            megabytes, _ = runtime_program.measure(
                folder / "much", file, memories=amount.much, turns=FEW, crashes=0
            )
        rows["memory_mb"] = Row(
            megabytes["whole"],
            MOST_MB,
            at_most=True,
            beside={name: round(size) for name, size in megabytes.items() if name != "whole"},
            note=f"with {amount.much:,} memories, not 50,000" if quick else "",
            measured=not quick,
        )
        clock.lap("memory")
    return rows, stages


def show(result: dict[str, Any]) -> None:
    """Print the rows and the stages."""
    print(f"{result['model']}, load {result['load']}, {sum(result['seconds'].values())} s")
    verdicts = {True: "ok", False: "MISSED", None: "not measured"}
    for name, row in result["rows"].items():
        target, note = f"target {row['target']:<8}", row.get("note", "")
        print(f"{name:26s}{row['value']:10.3f}  {target} {verdicts[row['ok']]:13s}{note}")
    whole = sum(result["stages"].values()) or 1.0
    for name, spent in result["stages"].items():
        print(f"  {name.replace('_', ' '):20s}{spent:9.1f} ms {spent / whole:6.1%}")


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, help="a GGUF file; without one, random weights")
    parser.add_argument("--quick", action="store_true", help="less of everything, within a minute")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="some of the rows")
    parser.add_argument("--json", type=Path, help="write the figures here")
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        file = arguments.model or random_shape.build(
            Path(folder), [SHORT_REPLY, PERSONA.description, PERSONA.personality]
        )
        result = run(file, arguments.only, quick=arguments.quick)
    show(result)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
