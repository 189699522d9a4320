"""What the services give to pages and commands: frozen, with every word for a person already made.

Times are in UTC; the `when` beside them is in words, in the local time of the machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from graphs.events import Finished, Phase, Recalled, Thought, Token, Unsaid
from storage.records import Granularity, Memory, MemoryState, MessageState, Origin, Outcome, Role, Trust


@dataclass(frozen=True, slots=True)
class Failed:
    """The reply did not come; the person's message is kept."""

    message: str
    hint: str = ""
    message_id: str = ""
    """The failed reply, which `ChatService.retry` takes up again; empty where none was begun."""


TurnEvent = Recalled | Phase | Thought | Unsaid | Token | Finished | Failed


@dataclass(frozen=True, slots=True)
class ConversationLine:
    """A conversation in the list, newest first."""

    id: str
    title: str
    updated: datetime
    when: str
    """`18:02`, `yesterday`, `Friday`, `3 May`."""
    group: str
    """A heading: `Today`, `Yesterday`, `Last week`, `May`, `May 2025`."""
    origin: Origin = Origin.CHAT
    preview: str = ""
    """The person's last words in it, on one line; with a query, the words that were found."""


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message on the chosen path of a conversation."""

    id: str
    role: Role
    text: str
    state: MessageState
    created: datetime
    when: str
    model: str = ""
    error: str = ""
    """What went wrong and what to do, where the reply failed."""
    shown: int = 0
    """How many memories the reply was shown."""
    used: int = 0
    """How many of them it seems to rest on."""
    siblings: tuple[str, ...] = ()
    """Ids of the alternatives in order, this one among them; empty where there is only one."""
    is_greeting: bool = False
    day: str = ""
    """Of `created`, for the line between days: `Today`, `Yesterday`, `Friday`, `3 May`, `3 May 2025`."""
    thoughts: str = ""
    """What the model thought before it replied."""
    from_memory: bool = False
    """The reply was put together from memories alone, without a model."""
    unproven: tuple[tuple[str, str], ...] = ()
    """Ids and first words of memories that it seems to rest on and that the person has not confirmed."""
    imported: bool = False
    elsewhere: bool = False
    """It was imported, and the person does not vouch for it, so it is no word of theirs."""
    file: str = ""
    """Name of the file that it was imported from, where that is known."""
    aside: str = ""
    """Why the companion does not read it, where it was imported and set aside."""
    reads_from: str = ""
    """For a reply: the message from which on its model was given the talk word for word; empty for all."""

    @property
    def position(self) -> int:
        """Which of the alternatives this is, from 0."""
        return self.siblings.index(self.id) if self.id in self.siblings else 0


@dataclass(frozen=True, slots=True)
class WhyLine:
    """What one reply did with one memory."""

    memory_id: str
    text: str
    where_from: str
    """`you said`, `you wrote`, `noted`, `unconfirmed`, `set aside`, or `Mira said`."""
    when: str
    outcome: Outcome
    used: bool
    reason: str = ""
    """Why it was set aside or left out."""
    strength: int = 0
    """How much of it is kept, 0 to 5 parts."""
    strength_words: str = ""
    gone: bool = False
    """It has been forgotten since; its text is then empty."""
    quote: str = ""
    """The words of the source message that it rests on; empty where they are the text itself."""


@dataclass(frozen=True, slots=True)
class WhyView:
    """Which memories a reply was shown, which it used, and what was left out."""

    message_id: str
    sentence: str
    """`Used 1 of 3 memories that were shown.`"""
    used: tuple[WhyLine, ...] = ()
    shown: tuple[WhyLine, ...] = ()
    """Shown and not used."""
    left_out: tuple[WhyLine, ...] = ()
    """Candidates that were not shown, set aside ones among them."""
    model: str = ""
    timing: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds by stage."""


@dataclass(frozen=True, slots=True)
class MemoryLine:
    """A memory in a list."""

    id: str
    text: str
    granularity: Granularity
    kind: str
    """The granularity in a word: `what you said`, `topic`, `summary`, `about you`."""
    state: MemoryState
    state_words: str
    """Empty for active ones; `faded`, `waiting for you`, `no longer so`."""
    trust: Trust
    where_from: str
    said_on: datetime
    when: str
    speaker: str
    """`you`, the companion's name, or the speaker's name of a transcript."""
    pinned: bool
    strength: int
    """How much of it is kept, 0 to 5 parts."""
    strength_words: str
    """`fades about 12 March unless it comes up`, `pinned, does not fade`."""
    score: float | None = None
    """How well it matches; only from `MemoryService.recall`."""
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemoryPage:
    """One page of a memory list, with counts for the line above it."""

    lines: tuple[MemoryLine, ...]
    total: int
    """How many match the filter, on all pages."""
    counts: Mapping[MemoryState, int]
    """How many the persona has by state, whatever the filter."""
    fading: int
    """How many active ones fade within the next two weeks."""
    words: str
    """`312 remembered · 9 fading · 2 waiting for you`."""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A memory that a newer one may have made outdated, which the person is to decide."""

    id: str
    old_id: str
    old_text: str
    old_when: str
    new_id: str
    new_text: str
    new_when: str


@dataclass(frozen=True, slots=True)
class SourceView:
    """A message that a memory derives from."""

    message_id: str
    conversation_id: str
    conversation_title: str
    text: str
    quote: str
    """The words it rests on; the whole text where the message is the memory."""
    said_on: datetime
    when: str
    speaker: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change to a memory."""

    batch_id: str
    at: datetime
    words: str
    """`3 May: you changed “…” to “…”`."""
    action: str
    by: str
    before: str = ""
    """The text before, where the text changed."""
    after: str = ""
    can_undo: bool = False
    """Only the newest change of a memory can be undone."""


@dataclass(frozen=True, slots=True)
class UseLine:
    """A reply that used a memory."""

    message_id: str
    conversation_id: str
    text: str
    at: datetime
    when: str


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """How much of a memory is kept at a time."""

    at: datetime
    retention: float


@dataclass(frozen=True, slots=True)
class MemoryDetail:
    """Everything about one memory."""

    memory: Memory
    line: MemoryLine
    sources: tuple[SourceView, ...]
    history: tuple[HistoryLine, ...]
    """Newest first."""
    used_in: tuple[UseLine, ...]
    """Newest first."""
    curve: tuple[CurvePoint, ...]
    """From when it was last used into the future; flat for a pinned one."""
    fades_about: datetime | None
    """When it leaves recall unless it comes up; None for what does not fade or has faded."""
    aside: str = ""
    """Why it waits for the person, or was left out of the last reply that it came up for."""
    distrusted: str = ""
    """Why it is not taken for the person's own words, though they sent it."""
    file: str = ""
    """From which file it was imported; empty where it was not."""


@dataclass(frozen=True, slots=True)
class LessonLine:
    """Something that the guard learned."""

    id: str
    text: str
    """What was said in the memory that taught it."""
    allows: bool
    """Whether it lets memories like that one be, rather than setting them aside."""
    reason: str
    """Why that memory was set aside."""
    instead: str
    """What the person told about it; empty where nothing is known."""
    applied: str
    """How often it decided: `3 times`."""
    memory_id: str


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in a sentence, and the batch that `MemoryService.undo` takes back."""

    batch_id: str
    sentence: str
    memory_ids: tuple[str, ...] = ()


IndexStatus = Literal["ready", "waiting", "loading", "syncing", "rebuilding", "words only", "failed"]
"""`waiting`: not looked at yet since the start. `words only`: no embedding model is there."""


@dataclass(frozen=True, slots=True)
class IndexState:
    """How the search by meaning is doing."""

    state: IndexStatus
    words: str
    indexed: int
    total: int
    pending: int = 0

    @property
    def busy(self) -> bool:
        """Whether it is at work just now."""
        return self.state in {"loading", "syncing", "rebuilding"}

    @property
    def whole(self) -> bool:
        """Whether every memory can be found by meaning."""
        return self.state != "words only" and self.pending == 0


@dataclass(frozen=True, slots=True)
class ReflectionStep:
    """How far a run of reflection is."""

    words: str
    done: int
    total: int
    memories: int = 0
    """How many memories came of it so far."""


@dataclass(frozen=True, slots=True)
class LearntView:
    """What a persona has learnt about what the person needs."""

    turns: int
    """How many replies taught it something."""
    weight: float
    """How far it is followed, in [0, 1]."""
    words: str
    can_reset: bool


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import brought in."""

    sentence: str
    conversations: int = 0
    messages: int = 0
    memories: int = 0
    lessons: int = 0
    already_there: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor."""

    name: str
    ok: bool
    words: str
    """What was found and, where it is not well, what to do."""
