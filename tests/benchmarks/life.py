"""A year of daily use on a clock that is told the time: LoCoMo's talks spread over it, questions in between.

Each conversation is a persona of its own in one store: so a name means one person, and who is asked about
is known. Its sessions keep their order and are spread over the whole span, so that about as much is said each
month, and those of all conversations interleave. A question is asked once, on a day drawn evenly from those
on which it is of its kind: about the last days, when all that answers it was said within them; or about
something older, when none of it was.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self

from graphs.decay import fade_due
from graphs.memory.choosing import choose
from graphs.memory.question import understand
from graphs.memory.turns import remember_turn
from graphs.ports import Embedder
from graphs.recording import strengthen_used
from graphs.retrieval import Retriever
from graphs.revival import revive_mentioned
from personas.model import Persona
from storage.conversations import ConversationRepository
from storage.database import Database
from storage.ids import UlidSource
from storage.index import VectorIndex
from storage.memories import MemoryRepository
from storage.messages import MessageRepository
from storage.outbox import Outbox
from storage.persona_repository import PersonaRepository
from storage.records import Author, Memory, MemoryState, Origin, Role
from storage.words import WordIndex
from tests.benchmarks.locomo import Conversation, Question, Turn, take_in
from tests.fakes.clock import FakeClock

BEGIN: Final = datetime(2025, 1, 1, tzinfo=UTC)
A_DAY: Final = timedelta(days=1)
LAST_DAYS: Final = timedelta(days=30)
DEPTH: Final = 10
RECENT, OLDER, END = "last 30 days", "older", "all, at the end"
IMPORTANT: Final = 0.7


@dataclass(frozen=True)
class Asked:
    """A question, of which persona and when."""

    persona_id: str
    question: Question
    at: datetime
    kind: str


@dataclass(frozen=True)
class Life:
    """What happens: everything said, session by session, and everything asked."""

    days: int
    conversations: Sequence[Conversation]
    """With the times of this life."""
    asked: Sequence[Asked]
    """In the order of time."""
    unasked: int
    """Questions that fit neither kind within this span."""

    @property
    def end(self) -> datetime:
        """When it is over."""
        return BEGIN + self.days * A_DAY


@dataclass(frozen=True)
class Answer:
    """How a question went."""

    asked: Asked
    recall: float
    """Share of the turns that answer it among the first ten."""


@dataclass
class Outcome:
    """What came of a life."""

    active: list[int] = field(default_factory=list)
    """Memories in recall after each day."""
    stored: list[int] = field(default_factory=list)
    """Memories there are after each day."""
    answers: list[Answer] = field(default_factory=list)
    came_back: Counter[str] = field(default_factory=Counter)
    """Memories brought back: by something said, by a question that they answer, by another one."""
    kept: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By kind of memory: how many are active in the end, of how many."""


def plan(conversations: Sequence[Conversation], days: int, rng: random.Random) -> Life:
    """The conversations stretched over so many days, and when each question is asked."""
    stretched = [_stretched(conversation, days) for conversation in conversations]
    end = BEGIN + days * A_DAY
    asked, unasked = [], 0
    for conversation in stretched:
        said = {turn.id: turn.at for turn in conversation.turns}
        for question in conversation.questions:
            times = [said[turn_id] for turn_id in question.evidence]
            chosen = _when(min(times), max(times), end, rng)
            if chosen is None:
                unasked += 1
            else:
                asked.append(Asked(conversation.id, question, *chosen))
    return Life(days, stretched, sorted(asked, key=lambda one: one.at), unasked)


def _stretched(conversation: Conversation, days: int) -> Conversation:
    before = Counter(turn.at.date() for turn in conversation.turns)
    said, day_of = 0, {}
    for date in sorted(before):
        day_of[date] = said * days // len(conversation.turns)
        said += before[date]

    def moved(turn: Turn) -> Turn:
        day = BEGIN + day_of[turn.at.date()] * A_DAY
        return replace(turn, at=datetime.combine(day, turn.at.time(), tzinfo=UTC))

    return replace(conversation, turns=[moved(turn) for turn in conversation.turns])


def _when(first: datetime, last: datetime, end: datetime, rng: random.Random) -> tuple[datetime, str] | None:
    """A day on which to ask for what was said between two times, and of which kind the question is then."""
    spans = {
        RECENT: (last + timedelta(hours=1), min(first + LAST_DAYS, end)),
        OLDER: (last + LAST_DAYS, end),
    }
    fitting = [kind for kind, (start, stop) in spans.items() if start < stop]
    if not fitting:
        return None
    kind = rng.choice(fitting)
    start, stop = spans[kind]
    return start + rng.random() * (stop - start), kind


@dataclass
class Store:
    """The product's storage and recall in a folder, with the life's clock."""

    folder: Path
    embedder: Embedder

    def __enter__(self) -> Self:
        self.clock = FakeClock(BEGIN)
        self.ids = UlidSource(self.clock.now, random.Random(11))
        self.database = Database.open(
            self.folder / "keepsake.db", backups=self.folder / "backups", now=self.clock.now
        )
        made = (self.database, self.ids, self.clock.now)
        self.personas = PersonaRepository(self.database)
        self.conversations = ConversationRepository(*made)
        self.messages = MessageRepository(*made)
        self.memories = MemoryRepository(*made)
        self.outbox = Outbox(self.database)
        self.index = VectorIndex(self.folder / "index", self.embedder.key, self.embedder.dimension)
        self.retriever = Retriever(
            self.memories, WordIndex(self.database), self.index, self.embedder, prepare=self.take_in
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.index.close()
        self.database.close()

    def take_in(self) -> None:
        """Bring the index into step."""
        take_in(self.outbox, self.index, self.embedder)


class Living:
    """Lives a life through a store, with forgetting or without."""

    def __init__(self, life: Life, store: Store, *, forgetting: bool) -> None:
        self._life = life
        self._store = store
        self._forgetting = forgetting
        self._talks: dict[str, tuple[str, str | None]] = {}
        self._turn_of: dict[str, str] = {}
        self._outcome = Outcome()

    def live(self) -> Outcome:
        """From the first day to the last, then all questions once more."""
        self._meet()
        asked = _by_day(self._life.asked)
        said = self._said()
        for day in range(self._life.days):
            for persona_id, turn in said.get(day, ()):
                self._store.clock.advance(max(turn.at - self._store.clock.now(), timedelta()))
                self._hear(persona_id, turn)
            for one in asked.get(day, ()):
                self._ask(one)
            self._sleep(day)
        self._ask_again()
        self._count_kept()
        return self._outcome

    def _meet(self) -> None:
        for conversation in self._life.conversations:
            self._store.personas.add(Persona(conversation.id, conversation.id))
            talk = self._store.conversations.add(conversation.id, conversation.id, Origin.IMPORT)
            self._talks[conversation.id] = talk.id, None

    def _said(self) -> dict[int, list[tuple[str, Turn]]]:
        found: dict[int, list[tuple[str, Turn]]] = defaultdict(list)
        self._first_speaker = {one.id: one.speakers[0] for one in self._life.conversations}
        for conversation in self._life.conversations:
            for turn in conversation.turns:
                found[(turn.at - BEGIN).days].append((conversation.id, turn))
        return {day: sorted(turns, key=lambda pair: pair[1].at) for day, turns in found.items()}

    def _hear(self, persona_id: str, turn: Turn) -> None:
        talk_id, parent_id = self._talks[persona_id]
        mine = turn.speaker == self._first_speaker[persona_id]
        message = self._store.messages.append(
            talk_id,
            Role.USER if mine else Role.ASSISTANT,
            turn.text,
            parent_id=parent_id,
            created=turn.at,
            origin=Origin.IMPORT,
            speaker=turn.speaker,
        )
        self._talks[persona_id] = talk_id, message.id
        if mine:
            back = self._bring_back(persona_id, turn.text)
            self._outcome.came_back["by something said"] += len(back)
        memory = remember_turn(message, persona_id, memory_id=self._store.ids(), now=turn.at)
        if memory:
            self._store.memories.add(memory, Author.USER)
            self._turn_of[memory.id] = turn.id

    def _bring_back(self, persona_id: str, text: str) -> Sequence[Memory]:
        if not self._forgetting:
            return ()
        store = self._store
        return revive_mentioned(store.memories, store.retriever, persona_id, text, now=store.clock.now())

    def _ask(self, one: Asked) -> None:
        self._store.clock.advance(max(one.at - self._store.clock.now(), timedelta()))
        now = self._store.clock.now()
        found = self._store.retriever.search(one.persona_id, one.question.text, limit=DEPTH, now=now)
        self._outcome.answers.append(Answer(one, self._recall(one, [hit.memory.id for hit in found])))
        shown = [choice.scored.memory.id for choice in choose(found) if not choice.left_out]
        right = [memory_id for memory_id in shown if self._turn_of[memory_id] in one.question.evidence]
        strengthen_used(self._store.memories, dict.fromkeys(right, 1.0), now)
        for memory in self._bring_back(one.persona_id, one.question.text):
            answers = self._turn_of[memory.id] in one.question.evidence
            self._outcome.came_back["by its question" if answers else "by another question"] += 1

    def _recall(self, one: Asked, found: Sequence[str]) -> float:
        hits = {self._turn_of[memory_id] for memory_id in found} & one.question.evidence
        return len(hits) / len(one.question.evidence)

    def _sleep(self, day: int) -> None:
        night = BEGIN + (day + 1) * A_DAY
        self._store.clock.advance(max(night - self._store.clock.now(), timedelta()))
        if self._forgetting:
            for persona in self._store.personas.list():
                fade_due(
                    self._store.database,
                    self._store.memories,
                    persona.id,
                    now=self._store.clock.now(),
                    ids=self._store.ids,
                )
        self._outcome.active.append(self._count(MemoryState.ACTIVE))
        self._outcome.stored.append(len(self._turn_of))

    def _count(self, state: MemoryState) -> int:
        return sum(
            self._store.memories.counts(conversation.id)[state] for conversation in self._life.conversations
        )

    def _ask_again(self) -> None:
        """All that was ever asked, on the last evening, with nothing used or brought back by it."""
        self._store.take_in()
        for one in self._life.asked:
            names = self._store.memories.speaker_names(one.persona_id)
            question = understand(one.question.text, names)
            vector = self._store.retriever.embed(question)
            found = self._store.retriever.find(
                one.persona_id, question, vector, limit=DEPTH, now=self._life.end
            )
            last = replace(one, kind=END)
            self._outcome.answers.append(Answer(last, self._recall(one, [hit.memory.id for hit in found])))

    def _count_kept(self) -> None:
        memories = self._store.memories.get_many(list(self._turn_of))
        kinds = {
            "important": [memory for memory in memories if memory.importance >= IMPORTANT],
            "used": [memory for memory in memories if memory.last_used is not None],
            "all": memories,
        }
        self._outcome.kept = {
            kind: (sum(memory.state is MemoryState.ACTIVE for memory in some), len(some))
            for kind, some in kinds.items()
        }


def _by_day(asked: Sequence[Asked]) -> dict[int, list[Asked]]:
    found: dict[int, list[Asked]] = defaultdict(list)
    for one in asked:
        found[(one.at - BEGIN).days].append(one)
    return found
