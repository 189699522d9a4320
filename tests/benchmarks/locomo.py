"""LoCoMo conversations, and a Keepsake that has been through one of them."""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from graphs.memory.claims import claims_of
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
from storage.records import Author, Origin, Role
from storage.words import WordIndex

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
class Conversation:
    """Two people over some months."""

    id: str
    speakers: tuple[str, str]
    turns: Sequence[Turn]
    questions: Sequence[Question]


@dataclass(frozen=True)
class Loaded:
    """The product after one conversation."""

    conversation: Conversation
    memories: MemoryRepository
    messages: MessageRepository
    words: WordIndex
    index: VectorIndex
    embedder: Embedder
    retriever: Retriever
    turn_of: Mapping[str, str]
    """Turn ids by memory id."""
    now: datetime


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
    )


def _text(line: Mapping[str, Any]) -> str:
    """What was said, and what a shared picture shows."""
    picture = f" [shares a photo: {line['blip_caption']}]" if line.get("blip_caption") else ""
    return f"{line['text']}{picture}"


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)


@contextmanager
def loaded(conversation: Conversation, embedder: Embedder) -> Iterator[Loaded]:
    """A store of its own with the conversation imported, every turn a memory, and the index in step."""
    now = conversation.turns[-1].at + timedelta(days=1)
    with TemporaryDirectory() as folder:
        ids = UlidSource(lambda: now, random.Random(11))
        database = Database.open(
            Path(folder, "keepsake.db"), backups=Path(folder, "backups"), now=lambda: now
        )
        made = (database, ids, lambda: now)
        memories, messages = MemoryRepository(*made, claims_of), MessageRepository(*made)
        PersonaRepository(database).add(Persona(PERSONA, "LoCoMo"))
        with database.atomic():
            turn_of = _import(conversation, ConversationRepository(*made), messages, memories, ids)
        index = VectorIndex(Path(folder, "index"), embedder.key, embedder.dimension)
        take_in(Outbox(database), index, embedder)
        words = WordIndex(database)
        retriever = Retriever(memories, words, index, embedder)
        yield Loaded(conversation, memories, messages, words, index, embedder, retriever, turn_of, now)
        index.close()
        database.close()


def _import(
    conversation: Conversation,
    conversations: ConversationRepository,
    messages: MessageRepository,
    memories: MemoryRepository,
    ids: UlidSource,
) -> dict[str, str]:
    talk = conversations.add(PERSONA, conversation.id, Origin.IMPORT)
    turn_of: dict[str, str] = {}
    parent_id: str | None = None
    for turn in conversation.turns:
        role = Role.USER if turn.speaker == conversation.speakers[0] else Role.ASSISTANT
        message = messages.append(
            talk.id,
            role,
            turn.text,
            parent_id=parent_id,
            created=turn.at,
            origin=Origin.IMPORT,
            speaker=turn.speaker,
        )
        parent_id = message.id
        memory = remember_turn(message, PERSONA, memory_id=ids(), now=turn.at)
        if memory:
            memories.add(memory, Author.USER)
            turn_of[memory.id] = turn.id
    return turn_of


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


class CachedEmbedder:
    """An Embedder that keeps what it has embedded in a file, for repeated runs."""

    def __init__(self, inner: Embedder, folder: Path) -> None:
        self._inner = inner
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / f"{inner.key}.npz"
        self._known: dict[str, NDArray[np.float32]] = {}
        if self._file.exists():
            with np.load(self._file) as kept:
                self._known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))

    @property
    def key(self) -> str:
        return self._inner.key

    @property
    def dimension(self) -> int:
        return self._inner.dimension

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]:
        wanted = [text for text in dict.fromkeys(texts) if f"{kind}:{text}" not in self._known]
        for text, vector in zip(wanted, self._inner.embed(wanted, kind), strict=True):
            self._known[f"{kind}:{text}"] = vector
        return np.stack([self._known[f"{kind}:{text}"] for text in texts])

    def save(self) -> None:
        """Write the file."""
        np.savez(self._file, texts=np.array(list(self._known)), vectors=np.stack(list(self._known.values())))
