"""Claims as rows."""

from collections.abc import Callable, Sequence

from storage.database import Database, Row
from storage.plain import maybe_time_of, maybe_time_text, storable
from storage.records import Claim, ClaimKind, Memory

ReadClaims = Callable[[Memory], Sequence[Claim]]
"""Tells what a memory claims, from its words."""


def no_claims(_memory: Memory) -> Sequence[Claim]:
    """For stores that nobody reads claims in."""
    return ()


def write_claims(database: Database, memory_id: str, claims: Sequence[Claim]) -> None:
    """Put a memory's claims in place of those that it has; the same ones stay as they are, ended or not."""
    rows = [_columns(position, claim) for position, claim in enumerate(claims)]
    kept = database.rows(
        "SELECT * FROM claims WHERE memory_id = ? AND ended_by IS NOT NULL ORDER BY position", [memory_id]
    )
    same = database.rows("SELECT * FROM claims WHERE memory_id = ? ORDER BY position", [memory_id])
    if [_without_end(row) for row in same] == [_without_end(row) for row in rows]:
        return
    ended = {(row["subject"], row["attribute"], row["value"]): row["ended_by"] for row in kept}
    database.execute("DELETE FROM claims WHERE memory_id = ?", [memory_id])
    for row in rows:
        end = ended.get((row["subject"], row["attribute"], row["value"]))
        database.insert("claims", row | {"memory_id": memory_id, "ended_by": end})


def to_claim(row: Row) -> Claim:
    """A row as a record."""
    return Claim(
        memory_id=row["memory_id"],
        subject=row["subject"],
        attribute=row["attribute"],
        value=row["value"],
        kind=ClaimKind(row["kind"]),
        valid_from=maybe_time_of(row["valid_from"]),
        valid_to=maybe_time_of(row["valid_to"]),
        ended_by=row["ended_by"],
    )


def _columns(position: int, claim: Claim) -> Row:
    return {
        "memory_id": claim.memory_id,
        "position": position,
        "subject": storable(claim.subject),
        "attribute": storable(claim.attribute),
        "value": storable(claim.value),
        "kind": claim.kind,
        "valid_from": maybe_time_text(claim.valid_from),
        "valid_to": maybe_time_text(claim.valid_to),
        "ended_by": claim.ended_by,
    }


def _without_end(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "ended_by"}
