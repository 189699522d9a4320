"""LoCoMo conversations, and a Keepsake that has been through one of them."""

import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from graphs.memory.claims import claims_of
from graphs.memory.forgetting import initial_strength
from graphs.memory.selection import importance
from graphs.memory.turns import remember_turn
from graphs.ports import Embedder
from graphs.retrieval import Retriever
from personas.model import Persona
from storage.conversations import ConversationRepository
from storage.database import Database
from storage.ids import UlidSource
from storage.index import VectorIndex
from storage.memories import MemoryRepository
from storage.messages import MessageRepository
from storage.outbox import Outbox
from storage.persona_repository import PersonaRepository
from storage.records import Author, Granularity, Origin, Role, Source, Trust, least_trusted
from storage.words import WordIndex
from tests.benchmarks.cached import CachedEmbedder

__all__ = [
    "CATEGORIES",
    "PERSONA",
    "CachedEmbedder",
    "Conversation",
    "Loaded",
    "Observation",
    "Opened",
    "Question",
    "Turn",
    "loaded",
    "opened",
    "read",
    "take_in",
]

CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop"}
PERSONA = "locomo"
TURN_ID = re.compile(r"D\d+:\d+")


@dataclass(frozen=True)
class Turn:
    """One line of a conversation."""

    id: str
    speaker: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Question:
    """A question with the turns that answer it."""

    text: str
    answer: str
    category: str
    evidence: frozenset[str]


@dataclass(frozen=True)
class Observation:
    """A statement that a large model made of some turns: LoCoMo's stand-in for a reflection."""

    text: str
    turn_ids: tuple[str, ...]


@dataclass(frozen=True)
class Conversation:
    """Two people over some months."""

    id: str
    speakers: tuple[str, str]
    turns: Sequence[Turn]
    questions: Sequence[Question]
    observations: Sequence[Observation] = ()


@dataclass(frozen=True)
class Loaded:
    """The product after one conversation."""

    conversation: Conversation
    database: Database
    ids: UlidSource
    memories: MemoryRepository
    messages: MessageRepository
    words: WordIndex
    index: VectorIndex
    embedder: Embedder
    retriever: Retriever
    turn_of: Mapping[str, str]
    """Turn ids by the ids of the memories of turns."""
    now: datetime
    noted_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Turn ids by the ids of the memories made of observations."""

    def turns(self, memory_ids: Iterable[str]) -> list[str]:
        """The turns that memories stand for, each once: an observation stands for those it points to."""
        found = (
            turn_id
            for memory_id in memory_ids
            for turn_id in self.noted_of.get(memory_id) or [self.turn_of[memory_id]]
        )
        return list(dict.fromkeys(found))


def read(path: Path) -> list[Conversation]:
    """The conversations of a LoCoMo file; only questions of categories 1 to 4 that name known turns."""
    return [_conversation(raw) for raw in json.loads(path.read_text(encoding="utf-8"))]


def _conversation(raw: Mapping[str, Any]) -> Conversation:
    talk = raw["conversation"]
    sessions = sorted(int(key.split("_")[1]) for key in talk if re.fullmatch(r"session_\d+", key))
    turns = [
        Turn(line["dia_id"], line["speaker"], _text(line), start + timedelta(minutes=place))
        for number in sessions
        for start in [_time(talk[f"session_{number}_date_time"])]
        for place, line in enumerate(talk[f"session_{number}"])
    ]
    known = {turn.id for turn in turns}
    questions = [
        Question(
            qa["question"],
            str(qa.get("answer", "")),
            CATEGORIES[qa["category"]],
            frozenset(TURN_ID.findall(" ".join(qa["evidence"]))) & known,
        )
        for qa in raw["qa"]
        if qa["category"] in CATEGORIES and qa.get("evidence")
    ]
    return Conversation(
        raw["sample_id"],
        (talk["speaker_a"], talk["speaker_b"]),
        turns,
        [question for question in questions if question.evidence],
        _observations(raw.get("observation", {}), known),
    )


def _observations(raw: Mapping[str, Any], known: AbstractSet[str]) -> list[Observation]:
    found = [
        Observation(text, tuple(one for one in dict.fromkeys(TURN_ID.findall(str(where))) if one in known))
        for by_speaker in raw.values()
        for statements in by_speaker.values()
        for text, where in statements
    ]
    return [observation for observation in found if observation.turn_ids]


def _text(line: Mapping[str, Any]) -> str:
    """What was said, and what a shared picture shows."""
    picture = f" [shares a photo: {line['blip_caption']}]" if line.get("blip_caption") else ""
    return f"{line['text']}{picture}"


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)


@contextmanager
def loaded(conversation: Conversation, embedder: Embedder, *, observations: bool = False) -> Iterator[Loaded]:
    """A store of its own with the conversation imported, every turn a memory, and the index in step.

    With `observations` these are kept as reflection keeps what it found, each with its turns as sources.
    """
    now = conversation.turns[-1].at + timedelta(days=1)
    with opened(embedder, now) as store:
        with store.database.atomic():
            turn_of = _import(conversation, store)
            noted_of = _reflect(conversation.observations if observations else (), turn_of, store)
        take_in(Outbox(store.database), store.index, embedder)
        yield store.after(conversation, turn_of, noted_of)


@dataclass(frozen=True)
class Opened:
    """An empty store in a folder of its own, with one persona and all that searches it."""

    database: Database
    ids: UlidSource
    conversations: ConversationRepository
    messages: MessageRepository
    memories: MemoryRepository
    words: WordIndex
    index: VectorIndex
    embedder: Embedder
    now: datetime

    def after(
        self,
        conversation: Conversation,
        turn_of: Mapping[str, str],
        noted_of: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Loaded:
        """The same, once a conversation is in it."""
        return Loaded(
            conversation,
            self.database,
            self.ids,
            self.memories,
            self.messages,
            self.words,
            self.index,
            self.embedder,
            Retriever(self.memories, self.words, self.index, self.embedder),
            turn_of,
            self.now,
            noted_of or {},
        )


@contextmanager
def opened(embedder: Embedder, now: datetime) -> Iterator[Opened]:
    """A store that is gone afterwards."""
    with TemporaryDirectory() as folder:
        ids = UlidSource(lambda: now, random.Random(11))
        database = Database.open(
            Path(folder, "keepsake.db"), backups=Path(folder, "backups"), now=lambda: now
        )
        PersonaRepository(database).add(Persona(PERSONA, "LoCoMo"))
        index = VectorIndex(Path(folder, "index"), embedder.key, embedder.dimension)
        made = (database, ids, lambda: now)
        yield Opened(
            database,
            ids,
            ConversationRepository(*made),
            MessageRepository(*made),
            MemoryRepository(*made, claims_of),
            WordIndex(database),
            index,
            embedder,
            now,
        )
        index.close()
        database.close()


def _import(conversation: Conversation, store: Opened) -> dict[str, str]:
    talk = store.conversations.add(PERSONA, conversation.id, Origin.IMPORT)
    turn_of: dict[str, str] = {}
    parent_id: str | None = None
    for turn in conversation.turns:
        role = Role.USER if turn.speaker == conversation.speakers[0] else Role.ASSISTANT
        message = store.messages.append(
            talk.id,
            role,
            turn.text,
            parent_id=parent_id,
            created=turn.at,
            origin=Origin.IMPORT,
            speaker=turn.speaker,
        )
        parent_id = message.id
        memory = remember_turn(message, PERSONA, memory_id=store.ids(), now=turn.at)
        if memory:
            store.memories.add(memory, Author.USER)
            turn_of[memory.id] = turn.id
    return turn_of


def _reflect(
    observations: Sequence[Observation], turn_of: Mapping[str, str], store: Opened
) -> dict[str, tuple[str, ...]]:
    """Keep observations as graphs/keeping.py keeps a statement: trusted no more than what it rests on."""
    turns = {turn_of[memory.id]: memory for memory in store.memories.get_many(list(turn_of))}
    noted_of = {}
    for observation in observations:
        resting_on = [turns[turn_id] for turn_id in observation.turn_ids if turn_id in turns]
        texts = {turn.id: store.messages.get(turn.sources[0].message_id).text for turn in resting_on}
        weight = importance(observation.text)
        note = replace(
            resting_on[0],
            id=store.ids(),
            granularity=Granularity.TOPIC,
            text=observation.text,
            trust=least_trusted([Trust.NOTED, *(turn.trust for turn in resting_on)]),
            importance=weight,
            strength=initial_strength(weight),
            sources=tuple(Source(turn.sources[0].message_id, texts[turn.id]) for turn in resting_on),
        )
        store.memories.add(note, Author.REFLECTION)
        noted_of[note.id] = tuple(turn_of[turn.id] for turn in resting_on)
    return noted_of


def take_in(outbox: Outbox, index: VectorIndex, embedder: Embedder) -> None:
    """Bring the index into step with the store."""
    while entries := outbox.pending(256):
        for entry in entries:
            if entry.op == "remove":
                index.remove(entry.persona_id, [entry.memory_id])
        fresh = [entry for entry in entries if entry.op == "upsert"]
        for persona_id in {entry.persona_id for entry in fresh}:
            own = [entry for entry in fresh if entry.persona_id == persona_id]
            vectors = embedder.embed([entry.text for entry in own], "passage")
            index.upsert(persona_id, [entry.memory_id for entry in own], vectors)
        outbox.done([entry.id for entry in entries])
