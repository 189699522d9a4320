"""A data folder in which much is remembered, written in bulk, for measuring time and memory."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.clock import SystemClock
from app.models.embedding import MINILM, minilm_embedder
from app.paths import Paths
from app.services.stores import Stores
from app.settings import Settings
from app.wiring import build_services
from graphs.memory.turns import remember_turn
from storage.database import Database
from storage.ids import UlidSource
from storage.index import VectorIndex
from storage.memory_rows import columns, plain_fields
from storage.plain import time_text
from storage.records import Memory, Message, MessageState, Role
from tests.benchmarks.chatter import memory_text
from tests.benchmarks.scale import insert, message_row

EMBEDDED: Final = 200
"""Texts that are embedded in earnest; the vectors of all others are theirs, shaken."""
SHAKE: Final = 0.03
A_SITTING, A_TALK = 20, 200
BATCH: Final = 5_000
FIRST_DAY: Final = datetime(2025, 1, 6, 18, tzinfo=UTC)


def fill(folder: Paths, count: int) -> str:
    """Have the first persona remember so many things that the person said; its id."""
    services = build_services(folder.create(), Settings(), model="none")
    persona_id = services.personas.list()[0].id
    services.close()
    clock = SystemClock()
    database = Database.open(folder.database, backups=folder.backups, now=clock.now)
    try:
        stores = Stores.over(database, UlidSource(clock.now, random.Random(5)), clock)
        memories = _written(stores, persona_id, count)
    finally:
        database.close()
    index = VectorIndex(folder.index / MINILM.key, MINILM.key, MINILM.dimension)
    try:
        vectors = _vectors(folder, memories)
        for start in range(0, count, BATCH):
            some = slice(start, start + BATCH)
            index.upsert(persona_id, [memory.id for memory in memories[some]], vectors[some])
        index.rebuild_queued()
    finally:
        index.close()
    return persona_id


def _written(stores: Stores, persona_id: str, count: int) -> list[Memory]:
    """Talks of the person alone, in sittings, and the memory of each message."""
    messages: list[Message] = []
    for place in range(count):
        last = messages[-1] if place % A_TALK else None
        goes_on = last is not None and place % A_SITTING
        talk_id = last.conversation_id if last else stores.conversations.add(persona_id, "Then").id
        messages.append(
            Message(
                id=stores.ids(),
                conversation_id=talk_id,
                session_id=last.session_id if last and goes_on else stores.ids(),
                parent_id=last.id if last else None,
                role=Role.USER,
                text=memory_text(place),
                state=MessageState.COMPLETE,
                created=FIRST_DAY + timedelta(hours=2) * (place // A_SITTING) + timedelta(minutes=place % 20),
            )
        )
    made = [remember_turn(one, persona_id, memory_id=stores.ids(), now=one.created) for one in messages]
    memories = [memory for memory in made if memory]
    starts = {one.session_id: one for one in reversed(messages)}
    heads = {one.conversation_id: one.id for one in messages}
    with stores.database.atomic():
        stores.database.execute_many(
            "INSERT INTO sessions (id, conversation_id, started, ended, state) VALUES (?, ?, ?, ?, ?)",
            [
                [key, one.conversation_id, time_text(one.created), time_text(one.created), "reflected"]
                for key, one in starts.items()
            ],
        )
        insert(stores.database, "messages", [message_row(one) for one in messages])
        insert(stores.database, "memories", [columns(plain_fields(one)) for one in memories])
        stores.database.execute_many(
            "INSERT INTO sources (memory_id, position, message_id, quote) VALUES (?, 0, ?, '')",
            [[one.id, one.sources[0].message_id] for one in memories],
        )
        stores.database.execute_many(
            "UPDATE conversations SET head_id = ? WHERE id = ?",
            [[head, talk_id] for talk_id, head in heads.items()],
        )
    return memories


def _vectors(folder: Paths, memories: Sequence[Memory]) -> NDArray[np.float32]:
    embedder = minilm_embedder(folder.models)
    known = embedder.embed([memory.text for memory in memories[:EMBEDDED]], "passage")
    embedder.close()
    rng = np.random.default_rng(5)
    rows = np.resize(known, (len(memories), MINILM.dimension))
    rows = rows + rng.normal(scale=SHAKE, size=rows.shape).astype(np.float32)
    shaken: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return shaken
