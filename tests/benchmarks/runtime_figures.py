"""What the rows of tests/benchmarks/runtime.py are made of."""

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

GO = threading.Event()
"""A stop that never comes."""


@dataclass
class Row:
    """A figure with its target; `at_most` says on which side it has to lie."""

    value: float
    target: float
    at_most: bool
    beside: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    """What a quick run did otherwise."""
    measured: bool = True
    """False where a quick run says nothing about the target."""

    @property
    def ok(self) -> bool | None:
        """Whether the target is met; None where that was not measured."""
        if not self.measured:
            return None
        return self.value <= self.target if self.at_most else self.value >= self.target

    def as_json(self) -> dict[str, Any]:
        note = {"note": self.note} if self.note else {}
        return {"value": round(self.value, 4), "target": self.target, "ok": self.ok, **note, **self.beside}


def seconds(work: Callable[[], object]) -> float:
    """How long something takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def middle(figures: Sequence[float]) -> float:
    """The median."""
    return float(statistics.median(figures))
