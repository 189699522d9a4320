"""What the messages of a talk are worth: the person's own, from elsewhere, or set aside."""

from collections.abc import Sequence

from app.services.stores import Stores
from graphs.lineage import judged, seen
from graphs.memory.continuing import Line
from storage.records import Message


def standing(stores: Stores, persona_id: str, messages: Sequence[Message]) -> list[Line]:
    """The messages in their order, each with its worth, whatever is asked."""
    return judged(seen(stores.memories, messages), stores.lesson_book.of(persona_id))
