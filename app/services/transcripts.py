"""Takes in a talk from elsewhere: a conversation, and a memory for each thing said, recallable at once."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from app.services import words
from app.services.stores import Stores
from app.services.transfer_format import Transcript
from app.services.turn_memories import TurnMemories
from app.services.views import ImportReport
from storage.plain import storable
from storage.records import Conversation, Origin, Role

LONGEST_TITLE = 80
Line = tuple[Role, str, datetime]


def take_in(
    stores: Stores, turns: TurnMemories, transcript: Transcript, persona_id: str, file: Path, *, mine: bool
) -> ImportReport:
    """Write the talk, unless it is there already. To be called inside a transaction."""
    lines = transcript.lines
    content = [(line.role, storable(line.text), line.time) for line in lines]
    if find_same(stores, persona_id, content):
        return ImportReport(
            "This talk has been imported before, so nothing was added.", already_there=len(lines)
        )
    conversation = stores.conversations.add(persona_id, _title(file), Origin.IMPORT, created=lines[0].time)
    parent: str | None = None
    memories = 0
    for line in lines:
        message = stores.messages.append(
            conversation.id,
            line.role,
            line.text,
            parent_id=parent,
            created=line.time,
            origin=Origin.IMPORT,
            speaker=line.name,
        )
        parent = message.id
        memories += turns.remember(message, persona_id, mine=mine, file=file.name) is not None
    sentence = f"Imported {words.count(len(lines), 'message')}; all of them can be recalled now."
    return ImportReport(sentence, conversations=1, messages=len(lines), memories=memories)


def find_same(stores: Stores, persona_id: str, content: Sequence[Line]) -> Conversation | None:
    """A conversation whose chosen path says the same, by the same, at the same times."""
    for conversation in stores.conversations.list(persona_id, limit=-1):
        path = stores.messages.path(conversation.id)
        if [(one.role, one.text, one.created) for one in path] == list(content):
            return conversation
    return None


def _title(file: Path) -> str:
    return words.excerpt(file.stem.replace("_", " ").replace("-", " "), LONGEST_TITLE) or "Imported talk"
