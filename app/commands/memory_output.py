"""Memories as the command line prints them."""

from collections.abc import Sequence
from typing import Any

import click

from app.services.views import HistoryLine, MemoryLine
from app.services.words import iso


def memory_rows(lines: Sequence[MemoryLine]) -> list[dict[str, Any]]:
    """Memories as JSON."""
    return [
        {
            "id": line.id,
            "text": line.text,
            "granularity": line.granularity,
            "state": line.state,
            "trust": line.trust,
            "said_on": iso(line.said_on),
            "speaker": line.speaker,
            "pinned": line.pinned,
            "strength": line.strength_words,
        }
        | ({"score": round(line.score, 4), "parts": dict(line.parts)} if line.score is not None else {})
        for line in lines
    ]


def history_rows(lines: Sequence[HistoryLine]) -> list[dict[str, Any]]:
    """Changes as JSON."""
    return [
        {
            "change": line.batch_id,
            "at": iso(line.at),
            "by": line.by,
            "action": line.action,
            "words": line.words,
            "before": line.before,
            "after": line.after,
        }
        for line in lines
    ]


def print_lines(lines: Sequence[MemoryLine], last: str) -> None:
    """Memories for a person, and a last line."""
    for line in lines:
        state = f", {line.state_words}" if line.state_words else ""
        click.echo(f"{line.id}  {line.text}\n{'':<28}{line.where_from}, {line.when}{state}")
    if last:
        click.echo(last)


def print_history(lines: Sequence[HistoryLine]) -> None:
    """Changes for a person."""
    for line in lines:
        click.echo(line.words)
