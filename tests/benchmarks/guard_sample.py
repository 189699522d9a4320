"""A fixed part of the guard's cases: so many of each kind, one half to look at and one to judge by."""

import hashlib
from collections.abc import Iterable, Sequence

from tests.benchmarks.guard_world import Case


def drawn(cases: Sequence[Case], of_each_kind: int | None = None, half: str | None = None) -> list[Case]:
    """Cases in their order: all, or one half (`a`, `b`), and of each kind so many, as many of either half.

    The draw goes by ids alone, so a larger sample holds the smaller one.
    """
    of_each_half = None if of_each_kind is None else of_each_kind // 2
    chosen: set[str] = set()
    for kind in {case.kind for case in cases}:
        for one in "ab" if half is None else half:
            of_kind = (case.id for case in cases if case.kind == kind and half_of(case.id) == one)
            chosen.update(_first(of_kind, of_each_half))
    return [case for case in cases if case.id in chosen]


def half_of(case_id: str) -> str:
    """The half that a case belongs to."""
    return "ab"[_draw(case_id)[0] % 2]


def _first(ids: Iterable[str], most: int | None) -> list[str]:
    return sorted(ids, key=lambda one: _draw(one)[1:])[:most]


def _draw(case_id: str) -> bytes:
    return hashlib.sha256(case_id.encode()).digest()
