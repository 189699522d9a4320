"""The memory page's address as a filter."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from storage.memories import MemoryFilter
from storage.records import Granularity, MemoryState, Role, Trust

PAGE = 50

E = TypeVar("E", bound=StrEnum)

_STATES = {"all": (), "pinned": (MemoryState.ACTIVE,)}
_TRUSTS = {"unconfirmed": (Trust.INFERRED, Trust.PASTED, Trust.IMPORTED), "companion": (), "all": ()}
_ORDERS = {
    "oldest": {"order": "said_on", "descending": False},
    "strength": {"order": "strength"},
    "weakest": {"order": "strength", "descending": False},
    "last_used": {"order": "last_used"},
    "text": {"order": "text", "descending": False},
}


def filter_of(where: Mapping[str, str], now: datetime) -> MemoryFilter:
    """What to list. An empty choice means active memories of what the person said, newest first."""
    state, origin, days = where.get("state", ""), where.get("from", ""), where.get("when", "")
    wanted = MemoryFilter(
        query=where.get("q", ""),
        granularities=_chosen(Granularity, where.get("kind", "")),
        states=_STATES[state] if state in _STATES else _chosen(MemoryState, state) or (MemoryState.ACTIVE,),
        trusts=_TRUSTS[origin] if origin in _TRUSTS else _chosen(Trust, origin),
        speaker=None if origin == "all" else Role.ASSISTANT if origin == "companion" else Role.USER,
        pinned=True if state == "pinned" else None,
        since=now - timedelta(days=int(days)) if days.isdecimal() else None,
        limit=PAGE,
        offset=page_of(where) * PAGE,
    )
    return replace(wanted, **_ORDERS.get(where.get("order", ""), {}))  # type: ignore[arg-type]


def page_of(where: Mapping[str, str]) -> int:
    """Which page of the list, from 0."""
    number = where.get("n", "")
    return int(number) if number.isdecimal() else 0


def is_narrowed(where: Mapping[str, str]) -> bool:
    """Whether anything was chosen."""
    return any(where.get(key) for key in ("q", "kind", "state", "from", "when"))


def _chosen(kind: type[E], value: str) -> tuple[E, ...]:
    return tuple(one for one in kind if one == value)
