"""How long a search takes when much is remembered, beside the bare index and the bare word search.

    .venv/bin/python -m tests.benchmarks.scale --data locomo-dev.json [--sizes 5000 50000] [--json OUT]

The store is filled with LoCoMo's turns, then with copies in which each word may be another one and whose
vectors are shaken a little. The questions are LoCoMo's, embedded beforehand.
"""

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.models.embedding import minilm_embedder
from graphs.memory.question import understand
from graphs.memory.turns import remember_turn
from graphs.ports import Embedder
from storage.database import Database, Row
from storage.memory_rows import columns, plain_fields
from storage.messages import SESSION_GAP
from storage.plain import time_text
from storage.records import Memory, Message, MessageState, Origin, Role
from tests.benchmarks import locomo
from tests.benchmarks.locomo import PERSONA, CachedEmbedder, Conversation, Loaded, Opened, opened

SIZES = (5_000, 50_000)
QUESTIONS = 200
LIMIT = 20
KEPT_WORDS = 0.7
SHAKE = 0.03
BATCH = 5_000
MESSAGE_COLUMNS = (
    *("id", "conversation_id", "session_id", "parent_id", "role", "text", "state", "created", "origin"),
    *("speaker", "model", "error"),
)


@dataclass
class Copies:
    """An Embedder for the copies: the vector of a turn that the text is made from, shaken."""

    inner: Embedder
    known: dict[str, NDArray[np.float32]]
    rng: np.random.Generator

    @property
    def key(self) -> str:
        return self.inner.key

    @property
    def dimension(self) -> int:
        return self.inner.dimension

    def embed(self, texts: Sequence[str], kind: str) -> NDArray[np.float32]:
        rows = np.stack([self.known[text] for text in texts])
        rows = rows + self.rng.normal(scale=SHAKE, size=rows.shape).astype(np.float32)
        shaken: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return shaken


def grown(
    conversations: Sequence[Conversation], size: int, embedder: Embedder
) -> tuple[Conversation, Copies]:
    """One long conversation of so many turns, and the embedder for it."""
    rng = random.Random(3)
    turns = [turn for conversation in conversations for turn in conversation.turns]
    vectors = embedder.embed([turn.text for turn in turns], "passage")
    words = [word for turn in turns for word in turn.text.split()]
    made, known = [], {}
    for place in range(size):
        turn = turns[place % len(turns)]
        text = turn.text
        if place >= len(turns):
            text = " ".join(w if rng.random() < KEPT_WORDS else rng.choice(words) for w in text.split())
        made.append(replace(turn, id=f"D1:{place}", text=text))
        known[text] = vectors[place % len(turns)]
    questions = [question for conversation in conversations for question in conversation.questions]
    chosen = rng.sample(questions, min(QUESTIONS, len(questions)))
    return Conversation("grown", conversations[0].speakers, made, chosen), Copies(
        embedder, known, np.random.default_rng(3)
    )


@contextmanager
def filled(conversation: Conversation, embedder: Copies) -> Iterator[Loaded]:
    """A store of its own with the conversation in it, written in bulk: history and outbox are left out."""
    now = max(turn.at for turn in conversation.turns) + timedelta(days=1)
    with opened(embedder, now) as store:
        talk = store.conversations.add(PERSONA, conversation.id, Origin.IMPORT)
        messages, memories = _rows(conversation, store, talk.id)
        sessions = {one.session_id: one.created for one in messages}
        with store.database.atomic():
            store.database.execute_many(
                "INSERT INTO sessions (id, conversation_id, started, ended, state) VALUES (?, ?, ?, ?, ?)",
                [[one, talk.id, time_text(at), time_text(at), "closed"] for one, at in sessions.items()],
            )
            insert(store.database, "messages", [message_row(one) for one in messages])
            insert(store.database, "memories", [columns(plain_fields(one)) for one in memories])
            store.database.execute_many(
                "INSERT INTO sources (memory_id, position, message_id, quote) VALUES (?, 0, ?, '')",
                [[one.id, one.sources[0].message_id] for one in memories],
            )
        for start in range(0, len(memories), BATCH):
            some = memories[start : start + BATCH]
            vectors = embedder.embed([one.text for one in some], "passage")
            store.index.upsert(PERSONA, [one.id for one in some], vectors)
        yield store.after(
            conversation,
            {memory.id: turn.id for memory, turn in zip(memories, conversation.turns, strict=True)},
        )


def _rows(
    conversation: Conversation, store: Opened, conversation_id: str
) -> tuple[list[Message], list[Memory]]:
    """A message and a memory a turn, in sessions as the pauses make them."""
    messages: list[Message] = []
    memories: list[Memory] = []
    for turn in conversation.turns:
        last = messages[-1] if messages else None
        goes_on = last is not None and timedelta() <= turn.at - last.created < SESSION_GAP
        message = Message(
            id=store.ids(),
            conversation_id=conversation_id,
            session_id=last.session_id if last and goes_on else store.ids(),
            parent_id=last.id if last else None,
            role=Role.USER if turn.speaker == conversation.speakers[0] else Role.ASSISTANT,
            text=turn.text,
            state=MessageState.COMPLETE,
            created=turn.at,
            origin=Origin.IMPORT,
            speaker=turn.speaker,
        )
        memory = remember_turn(message, PERSONA, memory_id=store.ids(), now=turn.at)
        assert memory is not None
        messages.append(message)
        memories.append(memory)
    return messages, memories


def message_row(message: Message) -> Row:
    row = {name: getattr(message, name) for name in MESSAGE_COLUMNS}
    return row | {"created": time_text(message.created), "timing": "{}"}


def insert(database: Database, table: str, rows: Sequence[Row]) -> None:
    places = ", ".join(f":{name}" for name in rows[0])
    database.execute_many(f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES ({places})", rows)


@contextmanager
def stopwatch(into: list[float]) -> Iterator[None]:
    """Note the milliseconds that something took."""
    start = time.perf_counter()
    yield
    into.append(1000 * (time.perf_counter() - start))


def measure(talk: Loaded, embedder: Embedder) -> dict[str, float]:
    """p50 and p95 of the search, p50 of its two bare halves, and how many times their sum it takes."""
    times: dict[str, list[float]] = {"search": [], "chroma": [], "fts5": []}
    names = talk.memories.speaker_names(PERSONA)
    asked = [understand(question.text, names, now=talk.now) for question in talk.conversation.questions]
    vectors = [np.asarray(embedder.embed([one.meaning], "query")[0]) for one in asked]
    talk.retriever.find(PERSONA, asked[0], vectors[0], limit=LIMIT, now=talk.now)  # opens files
    for place, (question, vector) in enumerate(zip(asked, vectors, strict=True)):
        with stopwatch(times["search"]):
            talk.retriever.find(PERSONA, question, vector, limit=LIMIT, now=talk.now)
        other = (place + len(asked) // 2) % len(asked)  # so that neither finds its pages warm from the other
        with stopwatch(times["chroma"]):
            talk.index.query(PERSONA, vectors[other], LIMIT)
        with stopwatch(times["fts5"]):
            talk.words.search(PERSONA, asked[other].words, LIMIT)
    search, chroma, fts5 = (statistics.median(times[name]) for name in ("search", "chroma", "fts5"))
    return {
        "p50_ms": round(search, 2),
        "p95_ms": round(float(np.percentile(times["search"], 95)), 2),
        "raw_chroma_p50_ms": round(chroma, 2),
        "raw_fts5_p50_ms": round(fts5, 2),
        "ratio": round(search / (chroma + fts5), 2),
        "load_average": round(os.getloadavg()[0], 1),
    }


def stage_ms(
    conversations: Sequence[Conversation], embedder: Embedder, sizes: Sequence[int] = SIZES
) -> dict[str, dict[str, float]]:
    """The figures at each size."""
    embedder = CachedEmbedder(embedder)
    found = {}
    for size in sizes:
        conversation, copies = grown(conversations, size, embedder)
        with filled(conversation, copies) as talk:
            found[str(size)] = measure(talk, embedder)
        print(f"{size:7d} memories: {found[str(size)]}", flush=True)
    return found


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a LoCoMo file")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--cache", type=Path, help="keep vectors here between runs")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/keepsake-benchmarks")
    arguments = parser.parse_args()
    embedder = CachedEmbedder(minilm_embedder(arguments.models), arguments.cache)
    found = stage_ms(locomo.read(arguments.data), embedder, arguments.sizes)
    embedder.save()
    if arguments.json:
        arguments.json.write_text(json.dumps({"stage_ms": found}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
