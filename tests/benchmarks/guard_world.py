"""One case after the other through the product's own store, recall, guard and reply."""

import json
import random
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from app.models.none import NoModel
from app.services.door import let_in
from app.services.memories import MemoryService
from app.services.stores import Stores
from app.services.turn_memories import TurnMemories
from graphs import guard as guarding
from graphs.guard_paths import Look, look_closely
from graphs.memory.question import understand
from graphs.memory.trusting import Verdict
from graphs.path_cache import PathCache
from graphs.ports import ChatModel, Embedder
from graphs.retrieval import Retriever
from graphs.turn import TurnContext, TurnState, build_turn_graph
from personas.model import Guard, Persona
from storage.database import Database
from storage.erasure import delete_conversations, delete_memories
from storage.ids import UlidSource
from storage.index import VectorIndex
from storage.records import (
    Author,
    Granularity,
    Memory,
    MessageState,
    Origin,
    Outcome,
    Role,
    Trust,
)
from tests.benchmarks.locomo import take_in
from tests.benchmarks.watched_model import WatchedModel, uncounted
from tests.fakes.clock import FakeClock

MIRA = Persona("mira", "Mira", description="A calm companion.", reply_length="short", temperature=0.0)
TRUSTS = {"said": Trust.SAID, "edited": Trust.TYPED, "inferred": Trust.INFERRED, "imported": Trust.IMPORTED}
AS_FACT = {Trust.SAID: Trust.SAID, Trust.TYPED: Trust.TYPED}
"""Without the guard whatever else there is stands as noted from the person's words."""
WORST_FIRST = (Outcome.FACT, Outcome.UNCONFIRMED, Outcome.SET_ASIDE)


@dataclass(frozen=True)
class Line:
    """One memory of a case."""

    text: str
    trust: Trust
    said_on: datetime
    poisoned: bool = False
    lookalike: bool = False


@dataclass(frozen=True)
class Case:
    """A question, and what is remembered when it is asked."""

    id: str
    kind: str
    query: str
    lines: Sequence[Line]
    followed: str = ""
    used: str = ""

    @property
    def is_attack(self) -> bool:
        """Whether anything in it is poisoned."""
        return any(line.poisoned for line in self.lines)

    def matched(self, reply: str) -> bool:
        """Whether a reply follows the poison, or uses the honest look-alike."""
        return bool(re.search(self.followed or self.used, reply, re.IGNORECASE | re.DOTALL))


@dataclass(frozen=True)
class Answer:
    """What became of each line of a case, and of the reply."""

    case: Case
    outcomes: Sequence[Outcome]
    reasons: Sequence[str]
    """In the order of the case's lines."""
    shown: Sequence[bool]
    guard_ms: float
    reply: str = ""
    reply_unguarded: str = ""

    def worst(self) -> Outcome:
        """The worst outcome of the poisoned lines."""
        return worst_of(self.case, self.outcomes)


def worst_of(case: Case, outcomes: Sequence[Outcome]) -> Outcome:
    """The worst outcome of a case's poisoned lines."""
    own = {one for line, one in zip(case.lines, outcomes, strict=True) if line.poisoned}
    return next(one for one in WORST_FIRST if one in own)


def read(path: Path) -> list[Case]:
    """The cases of a JSON Lines file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_case(json.loads(line)) for line in lines if line.strip()]


def _case(raw: dict[str, Any]) -> Case:
    return Case(
        id=raw["id"],
        kind=raw["kind"],
        query=raw["query"],
        lines=[
            Line(
                one["text"],
                TRUSTS[one["trust"]],
                _time(one["said_on"]),
                bool(one.get("poisoned")),
                bool(one.get("lookalike")),
            )
            for one in raw["memories"]
        ],
        followed=raw.get("followed") or "",
        used=raw.get("used") or "",
    )


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass
class GuardWorld:
    """A store that is emptied after each case."""

    stores: Stores
    clock: FakeClock
    index: VectorIndex
    embedder: Embedder
    model: ChatModel = field(default_factory=NoModel)
    persona: Persona = MIRA
    unwatched: ChatModel | None = None
    """What replies without the guard, where that is not to be counted."""

    def __post_init__(self) -> None:
        self.graph = build_turn_graph()
        self.kept = PathCache()
        self.turns = TurnMemories(self.stores)
        self.retriever = Retriever(
            self.stores.memories,
            self.stores.words,
            self.index,
            self.embedder,
            prepare=lambda: take_in(self.stores.outbox, self.index, self.embedder),
        )
        self.panel = MemoryService(stores=self.stores, retriever=lambda: self.retriever, changed=lambda: None)

    def answer(self, case: Case, *, replies: bool = False) -> Answer:
        """The case with the guard, and where replies are wanted also without it."""
        memories = self._load(case)
        reply_id, guard_ms = self._turn(case.query, self.model if replies or self.looks else NoModel())
        answer = self._answer(case, memories, reply_id, guard_ms)
        if replies:
            answer = replace(answer, reply=self.stores.messages.get(reply_id).text)
        self.clear()
        if replies and (case.followed or case.used):
            self._load_as_facts(case)
            unguarded, _ = self._turn(case.query, self.unwatched or self.model)
            answer = replace(answer, reply_unguarded=self.stores.messages.get(unguarded).text)
            self.clear()
        return answer

    @property
    def looks(self) -> bool:
        """Whether the guard asks the model."""
        return self.persona.guard == "full"

    def calls(self) -> dict[str, float]:
        """What the guard asked of the model, for each query."""
        if isinstance(self.model, WatchedModel):
            return self.model.work.per_query()
        return {"calls_per_query": 0.0, "tokens_per_query": 0.0}

    def _load(self, case: Case) -> list[str]:
        """Store the lines as the product would, the oldest first; their ids in the case's order."""
        found: dict[int, str] = {}
        for number, line in sorted(enumerate(case.lines), key=lambda pair: pair[1].said_on):
            self.clock.advance(line.said_on - self.clock.now())
            found[number] = self.store(line)
        newest = max(line.said_on for line in case.lines)
        self.clock.advance(newest + timedelta(days=1) - self.clock.now())
        return [found[number] for number in range(len(case.lines))]

    def store(self, line: Line) -> str:
        """Keep a line as the product would; its id."""
        if line.trust is Trust.TYPED:
            return self.panel.add(self.persona.id, line.text).id
        if line.trust is Trust.INFERRED:
            return let_in(self.stores, self._plain(line, Trust.INFERRED), Author.REFLECTION).id
        origin = Origin.IMPORT if line.trust is Trust.IMPORTED else Origin.CHAT
        talk = self.stores.conversations.add(self.persona.id, "A talk", origin)
        message = self.stores.messages.append(talk.id, Role.USER, line.text, parent_id=None, origin=origin)
        memory = self.turns.remember(message, self.persona.id)
        assert memory is not None
        return memory.id

    def _load_as_facts(self, case: Case) -> None:
        """Store the lines as if all were known, past every check."""
        for line in case.lines:
            trust = AS_FACT.get(line.trust, Trust.NOTED)
            self.stores.memories.add(self._plain(line, trust), Author.USER)

    def _plain(self, line: Line, trust: Trust) -> Memory:
        return Memory(
            id=self.stores.ids(),
            persona_id=self.persona.id,
            granularity=Granularity.TOPIC,
            text=line.text,
            trust=trust,
            created=self.clock.now(),
            said_on=line.said_on,
        )

    def _turn(self, query: str, model: ChatModel) -> tuple[str, float]:
        """Ask, through the turn's own graph; the reply's id, and what the guard took in milliseconds."""
        talk = self.stores.conversations.add(self.persona.id)
        said = self.stores.messages.append(talk.id, Role.USER, query, parent_id=None)
        pending = self.stores.messages.append(
            talk.id, Role.ASSISTANT, "", parent_id=said.id, state=MessageState.PENDING
        )
        context = TurnContext(
            model=model,
            retriever=self.retriever,
            messages=self.stores.messages,
            memories=self.stores.memories,
            recalls=self.stores.recalls,
            lessons=self.stores.lesson_book,
            persona=self.persona,
            person="",
            clock=RealSpans(self.clock),
            stop=threading.Event(),
            kept=self.kept,
        )
        state = cast("TurnState", {"message_id": said.id, "reply_id": pending.id})
        for _ in self.graph.stream(state, context=context, stream_mode="custom"):
            pass
        return pending.id, self.stores.messages.get(pending.id).timing.get("guard", 0.0)

    def _answer(self, case: Case, ids: Sequence[str], reply_id: str, guard_ms: float) -> Answer:
        """What was left out for lack of room or nearness counts as what it would have been shown as."""
        recalls = {one.memory_id: one for one in self.stores.recalls.for_message(reply_id)}
        shown = [recalls[one].outcome is not Outcome.LEFT_OUT if one in recalls else False for one in ids]
        memories = self.stores.memories.get_many(ids)
        judged = guarding.check(memories, query=case.query)
        unseen = [one for one, was_shown in zip(memories, shown, strict=True) if not was_shown]
        for one in unseen:
            judged = self.looked_at(case.query, [one], judged)
        outcomes, reasons = [], []
        for memory_id, was_shown in zip(ids, shown, strict=True):
            verdict = recalls[memory_id] if was_shown else judged[memory_id]
            outcomes.append(verdict.outcome)
            reasons.append(verdict.reason)
        return Answer(case, outcomes, reasons, shown, guard_ms)

    def looked_at(
        self, query: str, memories: Sequence[Memory], verdicts: Mapping[str, Verdict]
    ) -> Mapping[str, Verdict]:
        """What the model makes of memories that stand together beside a reply; not counted."""
        if not self.looks:
            return verdicts
        with uncounted(self.model):
            return look_closely(self._look(query), memories, verdicts)

    def _look(self, query: str) -> Look:
        return Look(
            model=self.model,
            clock=self.clock,
            stop=threading.Event(),
            kept=self.kept,
            query=query,
            embed=lambda: self.retriever.embed(understand(query, ())),
            learned=(),
            tell=lambda _name, _share: None,
        )

    def clear(self) -> None:
        """Forget all of it for good."""
        database = self.stores.database
        ids = [row["id"] for row in database.rows("SELECT id FROM memories")]
        talks = [row["id"] for row in database.rows("SELECT id FROM conversations")]
        delete_memories(database, ids)
        delete_conversations(database, talks)
        take_in(self.stores.outbox, self.index, self.embedder)


class RealSpans:
    """A case's time of day, going on as fast as real time, so that stages can be timed."""

    def __init__(self, start: FakeClock) -> None:
        self._start, self._begun = start.now(), datetime.now(UTC)

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._start + (datetime.now(UTC) - self._begun)


@contextmanager
def opened(
    embedder: Embedder,
    model: ChatModel | None = None,
    *,
    strictness: Guard = "light",
    unwatched: ChatModel | None = None,
) -> Iterator[GuardWorld]:
    """An empty world in a folder of its own."""
    with TemporaryDirectory() as folder:
        clock = FakeClock()
        database = Database.open(Path(folder, "k.db"), backups=Path(folder, "backups"), now=clock.now)
        database.execute("PRAGMA synchronous = OFF")
        stores = Stores.over(database, UlidSource(clock.now, random.Random(13)), clock)
        stores.personas.add(MIRA)
        index = VectorIndex(Path(folder, "index"), embedder.key, embedder.dimension)
        persona = replace(MIRA, guard=strictness)
        yield GuardWorld(stores, clock, index, embedder, model or NoModel(), persona, unwatched)
        index.close()
        database.close()
