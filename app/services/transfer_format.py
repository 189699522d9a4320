"""The two kinds of file that can be taken in, read and checked whole before anything is written.

A transcript: lines of `role` (user or assistant), `text`, `time`, and perhaps `name`.
An export: a first line with `keepsake` (the version of the form), then a record a line, each with `kind`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from personas.errors import UserError
from personas.model import Guard, Remembers
from storage.records import (
    Author,
    Granularity,
    LessonKind,
    MemoryState,
    MessageState,
    Origin,
    Role,
    SessionState,
    Trust,
)

FORM = 1
"""Version of the export's form."""
MOST_BYTES = 500_000_000
LONGEST_TEXT = 200_000


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]
"""A time; one without a zone is taken as UTC."""
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Id = Annotated[str, Field(min_length=1, max_length=64)]


class Line(BaseModel):
    """A line of a file. What it holds beyond the known is passed over."""

    model_config = ConfigDict(frozen=True)


class Said(Line):
    """A line of a transcript."""

    role: Role
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    time: Moment
    name: Annotated[str, Field(max_length=200, validation_alias=AliasChoices("name", "speaker"))] = ""


class PersonaLine(Line):
    """A persona of an export."""

    kind: Literal["persona"] = "persona"
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
    name: str
    tagline: str = ""
    greeting: Text = ""
    description: Text = ""
    personality: Text = ""
    scenario: Text = ""
    example_dialogue: Text = ""
    reply_length: Literal["short", "medium", "long"] = "medium"
    temperature: float = 0.7
    remembers: Remembers = "months"
    guard: Guard = "light"
    """Only an export that the person vouches for may loosen it."""
    extensions: dict[str, Any] = {}


class ConversationLine(Line):
    """A conversation of an export."""

    kind: Literal["conversation"] = "conversation"
    id: Id
    persona_id: str
    title: str
    created: Moment
    head_id: str | None = None
    origin: Origin = Origin.CHAT


class SessionLine(Line):
    """A sitting of an export."""

    kind: Literal["session"] = "session"
    conversation_id: Id
    started: Moment
    state: SessionState


class MessageLine(Line):
    """A message of an export; its parent stands on an earlier line."""

    kind: Literal["message"] = "message"
    id: Id
    conversation_id: Id
    parent_id: str | None
    role: Role
    text: Text
    state: MessageState
    created: Moment
    origin: Origin = Origin.CHAT
    speaker: str = ""
    model: str = ""
    error: str = ""


class SourceLine(Line):
    """What a memory rests on."""

    message_id: Id
    quote: Text = ""


class MemoryLine(Line):
    """A memory of an export."""

    kind: Literal["memory"] = "memory"
    id: Id
    persona_id: str
    granularity: Granularity
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    trust: Trust
    said_on: Moment
    created: Moment
    speaker: Role = Role.USER
    speaker_name: str = ""
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    state: MemoryState = MemoryState.ACTIVE
    pinned: bool = False
    importance: Annotated[float, Field(ge=0, le=1)] = 0.5
    strength: Annotated[float, Field(gt=0, le=36_500)] = 30.0
    last_used: Moment | None = None
    recalls: Annotated[int, Field(ge=0)] = 0
    superseded_by: str | None = None
    sources: tuple[SourceLine, ...] = ()


class RevisionLine(Line):
    """A change of a memory of an export."""

    kind: Literal["revision"] = "revision"
    batch_id: Id
    memory_id: Id
    by: Author
    at: Moment
    action: Annotated[str, Field(max_length=40)]
    before: dict[str, Any] | None
    after: dict[str, Any]
    reason: Text = ""


class LessonLine(Line):
    """Something that the guard had learned."""

    kind: Literal["lesson"] = "lesson"
    persona_id: str
    memory_id: Id
    teaches: LessonKind
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    reason: Text = ""
    created: Moment
    context_id: str | None = None
    instead_id: str | None = None
    strength: Annotated[float, Field(gt=0, le=5)] = 1.0
    applied: Annotated[int, Field(ge=0)] = 0
    last_applied: Moment | None = None


L = TypeVar("L", bound=Line)
KINDS: dict[str, type[Line]] = {
    "persona": PersonaLine,
    "conversation": ConversationLine,
    "session": SessionLine,
    "message": MessageLine,
    "memory": MemoryLine,
    "revision": RevisionLine,
    "lesson": LessonLine,
}


@dataclass(frozen=True, slots=True)
class Transcript:
    """A talk from elsewhere."""

    lines: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """What Keepsake wrote."""

    lines: tuple[Line, ...]


class FileFormError(UserError):
    """The file cannot be taken in."""

    def __init__(self, message: str, hint: str = "Nothing was imported.") -> None:
        super().__init__(message, hint)


def read(file: Path) -> Transcript | Export:
    """The whole file, checked line by line. Raises FileFormError, which names the line."""
    rows = list(_rows(file))
    if not rows:
        raise FileFormError(f"{file.name} is empty.")
    first = rows[0][1]
    if "keepsake" in first:
        if first["keepsake"] != FORM:
            raise FileFormError(
                f"{file.name} was written by a newer Keepsake (form {first['keepsake']}).",
                "Bring Keepsake up to date; nothing was imported.",
            )
        records = [(number, _record(number, row)) for number, row in rows[1:]]
        _check_order(records)
        return Export(tuple(line for _, line in records))
    return Transcript(tuple(_checked(Said, number, row) for number, row in rows))


def _rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise FileFormError(f"{file.name} is larger than {MOST_BYTES // 1_000_000} MB.")
        with file.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, _object(number, line)
    except OSError as error:
        raise FileFormError(f"{file} cannot be read: {(error.strerror or str(error)).lower()}.") from error
    except UnicodeDecodeError as error:
        raise FileFormError(f"{file.name} is not a text file in UTF-8.") from error


def _object(number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FileFormError(f"Line {number} is not JSON.") from error
    if not isinstance(row, dict):
        raise FileFormError(f"Line {number} is not a JSON object.")
    return row


def _record(number: int, row: dict[str, Any]) -> Line:
    model = KINDS.get(str(row.get("kind")))
    if model is None:
        raise FileFormError(f"Line {number} has the unknown kind {str(row.get('kind'))[:40]!r}.")
    return _checked(model, number, row)


def _checked(model: type[L], number: int, row: dict[str, Any]) -> L:
    try:
        return model.model_validate(row)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "missing":
            raise FileFormError(f"Line {number} has no {key}.") from error
        raise FileFormError(f"Line {number}: {key}: {fault['msg'].lower()}.") from error


def _check_order(records: list[tuple[int, Line]]) -> None:
    conversations: set[str] = set()
    messages: dict[str, str] = {}
    for number, line in records:
        if isinstance(line, ConversationLine):
            conversations.add(line.id)
        elif isinstance(line, MessageLine):
            if line.conversation_id not in conversations:
                raise FileFormError(f"Line {number}: its conversation is not in the file before it.")
            if line.parent_id and messages.get(line.parent_id) != line.conversation_id:
                raise FileFormError(f"Line {number}: the message that it follows on is not before it.")
            messages[line.id] = line.conversation_id
