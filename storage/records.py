"""The records that the store keeps: frozen, plain, with times in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Who wrote a message."""

    USER = "user"
    ASSISTANT = "assistant"


class MessageState(StrEnum):
    """How far a message got."""

    PENDING = "pending"
    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"
    FAILED = "failed"


class Origin(StrEnum):
    """How a message reached the store; what it is worth as evidence follows from it."""

    CHAT = "chat"
    IMPORT = "import"


class SessionState(StrEnum):
    """Whether a session has been reflected on."""

    OPEN = "open"
    CLOSED = "closed"
    REFLECTED = "reflected"
    FAILED = "failed"


class Granularity(StrEnum):
    """How much a memory spans (RMM's prospective reflection; MemGAS)."""

    TURN = "turn"
    TOPIC = "topic"
    SESSION = "session"
    PROFILE = "profile"


class MemoryState(StrEnum):
    """Only `active` memories are recalled."""

    ACTIVE = "active"
    FADED = "faded"
    QUARANTINED = "quarantined"
    SUPERSEDED = "superseded"
    FORGOTTEN = "forgotten"


class Trust(StrEnum):
    """Where a memory's authority comes from, most trusted first."""

    SAID = "said"
    """The person said it in the chat."""
    TYPED = "typed"
    """The person wrote it into the memory page or the command line."""
    NOTED = "noted"
    """Written by reflection, with a quote found in the person's own words."""
    INFERRED = "inferred"
    """Without such a quote; also whatever the companion itself said."""
    PASTED = "pasted"
    """Sent by the person, in somebody else's words: quoted, forwarded, dictated."""
    IMPORTED = "imported"
    """From a file, a card or another program."""

    @property
    def rank(self) -> int:
        """0 for the most trusted."""
        return list(Trust).index(self)


def least_trusted(levels: "list[Trust]") -> Trust:
    """Trust by lineage: what is derived is never trusted more than its sources."""
    return max(levels, key=lambda level: level.rank)


class Author(StrEnum):
    """Who changed a memory."""

    USER = "user"
    REFLECTION = "reflection"
    GUARD = "guard"
    DECAY = "decay"


class ClaimKind(StrEnum):
    """How a claim stands to what was claimed before it."""

    HOLDS = "holds"
    """It is so."""
    BEGINS = "begins"
    """It is so from now on, said as a change."""
    CORRECTS = "corrects"
    """It is so, and what was said before was wrong."""
    ADDS = "adds"
    """It is so too: beside what was said before, not in its place."""
    ENDS = "ends"
    """It is no longer so, or was so once."""
    HAPPENED = "happened"
    """It happened once, and nothing ends it."""


class Outcome(StrEnum):
    """What became of a candidate memory in one reply."""

    FACT = "fact"
    UNCONFIRMED = "unconfirmed"
    SET_ASIDE = "set_aside"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A tree of messages with one chosen path, which ends at `head_id`."""

    id: str
    persona_id: str
    title: str
    created: datetime
    updated: datetime
    head_id: str | None = None
    origin: Origin = Origin.CHAT


@dataclass(frozen=True, slots=True)
class Session:
    """One sitting within a conversation; a long pause begins another. The unit of reflection."""

    id: str
    conversation_id: str
    persona_id: str
    started: datetime
    ended: datetime
    """The time of its newest message."""
    state: SessionState = SessionState.OPEN
    attempts: int = 0
    error: str = ""
    reflected_by: str = ""
    """Name of the model that reflected on it; empty for quotes chosen by rule."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. Committed with `pending` before anything else happens to it."""

    id: str
    conversation_id: str
    session_id: str
    parent_id: str | None
    role: Role
    text: str
    state: MessageState
    created: datetime
    origin: Origin = Origin.CHAT
    speaker: str = ""
    """The speaker's name where a transcript gave one."""
    model: str = ""
    timing: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds by stage."""
    error: str = ""
    reads_from: str = ""
    """For a reply: id of the message from which on its model was given the talk word for word; empty where
    that was all of it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A memory's pointer to the message it derives from, with the words it rests on."""

    message_id: str
    quote: str = ""
    """A substring of the message's text; empty when the whole message is the memory."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Something remembered."""

    id: str
    persona_id: str
    granularity: Granularity
    text: str
    trust: Trust
    created: datetime
    said_on: datetime
    """When it was said; for a memory that somebody typed, when it was typed."""
    speaker: Role = Role.USER
    speaker_name: str = ""
    session_id: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    """When it is true, not only when it was said."""
    state: MemoryState = MemoryState.ACTIVE
    pinned: bool = False
    importance: float = 0.5
    """In [0, 1]; sets the strength that a memory starts with."""
    strength: float = 30.0
    """S of the forgetting curve: days until retention has fallen to 0.9."""
    last_used: datetime | None = None
    recalls: int = 0
    """How many replies used it."""
    superseded_by: str | None = None
    file: str = ""
    """Name of the file that it was imported from, cut and cleaned; nobody vouches for it."""
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A part of what a memory claims, derived from its words; whether it counts, the memory's state tells."""

    memory_id: str
    subject: str
    """`self` for the person, `world` for the world, else words for somebody else: `sister ana`."""
    attribute: str
    """`home`, `work`, `favourite colour`, …; `any` for an end that names a thing and not what it was."""
    value: str
    kind: ClaimKind = ClaimKind.HOLDS
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    ended_by: str | None = None
    """The memory that ended this claim where others of the same memory still stand."""


@dataclass(frozen=True, slots=True)
class Held:
    """A memory's claims, with what is needed to hold them against others."""

    memory_id: str
    trust: Trust
    last_said: datetime
    """When it was last said, which is later than when it was first said where it was repeated."""
    speaker_name: str
    pinned: bool
    claims: tuple[Claim, ...]
    """Those that still count."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A memory that may be outdated by another, which waits for the person to decide."""

    id: str
    old_id: str
    new_id: str
    made: datetime
    since: datetime
    """From when the old one would no longer be so."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One change to one memory. Revisions of one action share a `batch_id` and are undone together."""

    id: str
    batch_id: str
    memory_id: str
    by: Author
    at: datetime
    action: str
    """`add`, `edit`, `pin`, `unpin`, `fade`, `forget`, `revive`, `supersede`, `merge`, `use`, `undo`, …"""
    before: Mapping[str, object] | None
    """Changed fields only; None where the memory did not exist before."""
    after: Mapping[str, object]
    reason: str = ""


class LessonKind(StrEnum):
    """What a lesson says of memories like the one that taught it."""

    AVOID = "avoid"
    """Set them aside."""
    ALLOW = "allow"
    """Do not set them aside for this reason again."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was refused, or allowed, so that it need not be found out again."""

    id: str
    persona_id: str
    memory_id: str
    """The memory that taught it; when that is erased for good, so is the lesson."""
    kind: LessonKind
    text: str
    """What was said there."""
    reason: str
    """Why it was refused; for one that allows, the reason that no longer counts."""
    created: datetime
    context_id: str | None = None
    """The message at which it came up."""
    instead_id: str | None = None
    """The memory of what the person told about it."""
    strength: float = 1.0
    applied: int = 0
    """How often it decided."""
    last_applied: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recall:
    """What one reply did with one candidate memory."""

    message_id: str
    """The reply."""
    memory_id: str
    rank: int
    """0 for the best."""
    scores: Mapping[str, float]
    """By part, `total` among them."""
    outcome: Outcome
    reason: str = ""
    """Why it was set aside or left out, for a person."""
    used: bool = False
    usage: float = 0.0
    """How strongly the reply seems to rest on it, in [0, 1]."""
