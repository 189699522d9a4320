"""Changes that wait for the person: many at once, or of what was pinned."""

from collections.abc import Callable
from datetime import datetime

from app.services import words
from app.services.stores import Stores
from app.services.views import ChangeLine, Done
from graphs.changing import retire
from storage.records import Author, Memory, Proposal


class ChangeService:
    """Shows what waits, and does what the person decides."""

    def __init__(self, *, stores: Stores, changed: Callable[[], None]) -> None:
        self._stores = stores
        self._changed = changed

    def waiting(self, persona_id: str) -> tuple[ChangeLine, ...]:
        """What waits, oldest first."""
        now = self._stores.clock.now()
        return tuple(self._line(proposal, now) for proposal in self._stores.claims.waiting(persona_id))

    def newer(self, proposal_id: str) -> Done:
        """The newer one counts: the older is no longer so. Can be undone.

        Raises NotFoundError where it has been decided already.
        """
        proposal, batch_id = self._stores.claims.proposal(proposal_id), self._stores.ids()
        with self._stores.database.atomic():
            retire(
                self._stores.memories,
                self._stores.messages,
                proposal.old_id,
                proposal.new_id,
                proposal.since,
                batch_id=batch_id,
                by=Author.USER,
            )
            self._stores.claims.decided(proposal_id)
        self._changed()
        return Done(batch_id, "The newer one counts.", (proposal.old_id, proposal.new_id))

    def both(self, proposal_id: str) -> Done:
        """Both are so.

        Raises NotFoundError where it has been decided already.
        """
        proposal = self._stores.claims.proposal(proposal_id)
        self._stores.claims.decided(proposal_id)
        self._changed()
        return Done("", "Both are kept.", (proposal.old_id, proposal.new_id))

    def _line(self, proposal: Proposal, now: datetime) -> ChangeLine:
        old, new = self._memory(proposal.old_id), self._memory(proposal.new_id)
        return ChangeLine(
            id=proposal.id,
            old_id=old.id,
            old_text=old.text,
            old_when=words.when(old.said_on, now),
            new_id=new.id,
            new_text=new.text,
            new_when=words.when(new.said_on, now),
        )

    def _memory(self, memory_id: str) -> Memory:
        return self._stores.memories.get(memory_id)
