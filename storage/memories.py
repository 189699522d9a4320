"""Memories: every change is one transaction of memory, sources, history and outbox."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from personas.errors import NotFoundError
from storage.claim_rows import ReadClaims, no_claims
from storage.claims import claiming, parts_over
from storage.database import Database
from storage.erasure import delete_memories, off_the_disk
from storage.errors import UndoConflictError
from storage.memory_filter import MemoryFilter, chosen, ordered
from storage.memory_rows import FIELDS, FIXED, plain, plain_fields, read_memories, read_turns, to_memories
from storage.memory_writes import MemoryWriter
from storage.records import Author, Memory, MemoryState, Revision
from storage.revisions import SOFT, RevisionLog, fields_after, fields_before
from storage.surroundings import Surroundings, SurroundingsReader, resting_only_on, speaker_names

__all__ = ["MemoryFilter", "MemoryRepository"]

Memories = list[Memory]
Revisions = list[Revision]
Ids = list[str]
"""Named here, since within the class `list` is a method."""


class MemoryRepository:
    """Memories, their history, and the way back."""

    def __init__(
        self,
        database: Database,
        ids: Callable[[], str],
        now: Callable[[], datetime],
        read_claims: ReadClaims = no_claims,
    ) -> None:
        """`read_claims` tells what a memory claims; asked whenever its words change."""
        self._db = database
        self._ids = ids
        self._now = now
        self._log = RevisionLog(database, ids, now)
        self._writer = MemoryWriter(database, self._log, read_claims)
        self._surroundings = SurroundingsReader(database)

    def add(self, memory: Memory, by: Author, *, reason: str = "", batch_id: str | None = None) -> Memory:
        """Keep a new memory."""
        with self._db.atomic():
            self._writer.add(memory, by, batch_id=batch_id, reason=reason)
            return self.get(memory.id)

    def change(
        self,
        memory_id: str,
        by: Author,
        action: str,
        *,
        batch_id: str | None = None,
        reason: str = "",
        **fields: object,
    ) -> Memory:
        """Change some fields, named as in `Memory`; nothing is noted where they hold these values already.

        Raises NotFoundError.
        """
        unknown = fields.keys() - set(FIELDS) | fields.keys() & FIXED
        if unknown:
            raise TypeError(f"Fields of a memory that cannot be changed: {', '.join(sorted(unknown))}")
        given = {name: plain(value) for name, value in fields.items()}
        with self._db.atomic():
            memory = self.get(memory_id)
            self._writer.change(memory, by, action, given, batch_id=batch_id, reason=reason)
            return self.get(memory_id)

    def get(self, memory_id: str) -> Memory:
        """The memory with this id.

        Raises NotFoundError.
        """
        memory = self.find(memory_id)
        if memory is None:
            raise NotFoundError("There is no such memory any more.")
        return memory

    def find(self, memory_id: str) -> Memory | None:
        """The memory with this id, if there is one."""
        return next(iter(self.get_many([memory_id])), None)

    def get_many(self, memory_ids: Sequence[str]) -> list[Memory]:
        """Those of the memories that there are, in the order asked for."""
        return read_memories(self._db, memory_ids)

    def list(self, persona_id: str, wanted: MemoryFilter = MemoryFilter()) -> Memories:  # noqa: B008
        """A page of the memories that the filter lets through."""
        where, named = chosen(persona_id, wanted)
        order, more = ordered(wanted, self._now())
        return to_memories(self._db, self._db.rows(f"SELECT m.* {where} {order}", named | more))

    def count(self, persona_id: str, wanted: MemoryFilter = MemoryFilter()) -> int:  # noqa: B008
        """How many memories the filter lets through, on all pages."""
        where, named = chosen(persona_id, wanted)
        return self._db.number(f"SELECT count(*) {where}", named)

    def counts(self, persona_id: str) -> Mapping[MemoryState, int]:
        """How many memories a persona has in each state."""
        rows = self._db.rows(
            "SELECT state, count(*) AS n FROM memories WHERE persona_id = ? GROUP BY state", [persona_id]
        )
        found = {row["state"]: row["n"] for row in rows}
        return {state: found.get(state, 0) for state in MemoryState}

    def ids(self, persona_id: str, state: MemoryState = MemoryState.ACTIVE) -> Ids:
        """The ids of all memories in a state."""
        rows = self._db.rows(
            "SELECT id FROM memories WHERE persona_id = ? AND state = ? ORDER BY seq", [persona_id, state]
        )
        return [row["id"] for row in rows]

    def surroundings(self, persona_id: str, memory_ids: Iterable[str]) -> Sequence[Surroundings]:
        """What ranking needs to know about memories, their kin and the turns beside; active ones only."""
        return self._surroundings.read(persona_id, memory_ids)

    def read_missing_claims(self) -> None:
        """Read the claims of memories that have none, such as those of a store from before there were any."""
        self._writer.read_missing_claims()

    def parts_over(self, memory_ids: Sequence[str]) -> Mapping[str, Sequence[tuple[str, datetime]]]:
        """By memory, what of it is no longer so, in words, and since when."""
        return parts_over(self._db, memory_ids)

    def claiming(self, persona_id: str, attributes: Sequence[str]) -> Memories:
        """Active memories in which the person claims something of these attributes that is so, newest first.

        Only what is trusted as their own words are, or noted from them.
        """
        return self.get_many(claiming(self._db, persona_id, attributes))

    def resting_only_on(self, message_ids: Sequence[str]) -> set[str]:
        """The ids of memories that rest on nothing but these messages."""
        return resting_only_on(self._db, message_ids)

    def speaker_names(self, persona_id: str) -> Sequence[str]:
        """The names under which anybody speaks in a persona's memories."""
        return speaker_names(self._db, persona_id)

    def from_message(self, message_id: str) -> Memories:
        """The memories that rest on a message, whatever their state, oldest first."""
        rows = self._db.rows(
            "SELECT * FROM memories WHERE id IN (SELECT memory_id FROM sources WHERE message_id = ?)"
            " ORDER BY seq",
            [message_id],
        )
        return to_memories(self._db, rows)

    def turns_of(self, message_ids: Sequence[str]) -> Memories:
        """The memories that are these messages as they were said, whatever their state, oldest first."""
        return read_turns(self._db, message_ids)

    def retired_by(self, memory_id: str) -> Memories:
        """The memories that are no longer so because of this one, oldest first."""
        rows = self._db.rows(
            "SELECT * FROM memories WHERE superseded_by = ? AND state = ? ORDER BY seq",
            [memory_id, MemoryState.SUPERSEDED],
        )
        return to_memories(self._db, rows)

    def history(self, memory_id: str) -> Revisions:
        """A memory's changes, newest first."""
        return self._log.history(memory_id)

    def batch(self, batch_id: str) -> Revisions:
        """What was changed together, in the order in which it was."""
        return self._log.batch(batch_id)

    def last_batch(self, persona_id: str, by: Author | None = None) -> str | None:
        """The newest batch of changes that is worth undoing, by one author or by any."""
        return self._log.last_batch(persona_id, by)

    def undo(self, batch_id: str, by: Author, *, undo_batch_id: str | None = None) -> Memories:
        """Take back all that was changed together; this is itself a batch that can be undone.

        Raises NotFoundError where nothing is left of it, UndoConflictError where it has changed since.
        """
        with self._db.atomic():
            revisions = self._log.batch(batch_id)
            if not revisions:
                raise NotFoundError("There is nothing left to undo.")
            self._check_unchanged_since(revisions)
            new_batch = undo_batch_id or self._ids()
            restored = fields_before(revisions)
            for memory in self.get_many(list(restored)):
                self._writer.change(memory, by, "undo", restored[memory.id], batch_id=new_batch, reason="")
            return self.get_many(list(restored))

    def erase(self, *memory_ids: str) -> int:
        """Delete memories for good, with their history; say how many there were.

        Their words leave the file at once. The messages that they rest on are not touched.
        """
        erased = delete_memories(self._db, memory_ids)
        off_the_disk(self._db)
        return erased

    def _check_unchanged_since(self, revisions: Sequence[Revision]) -> None:
        before, after = fields_before(revisions), fields_after(revisions)
        added = {revision.memory_id for revision in revisions if revision.before is None}
        for memory in self.get_many([memory_id for memory_id in after if memory_id not in added]):
            now = plain_fields(memory)
            for name, value in before[memory.id].items():
                if name not in SOFT and now[name] not in (after[memory.id].get(name, value), value):
                    raise UndoConflictError(
                        "This has been changed again since, so nothing was undone.",
                        "Undo the newer change first.",
                    )
