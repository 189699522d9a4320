"""Whether the right claim stands after something changed: short dialogues over several sessions.

.venv/bin/python -m tests.benchmarks.updates [--data updates.jsonl] [--model FILE|none] [--threads 1]
    [--json OUT] [--show]

Each dialogue goes through the product's own store and reflection; what must stand, must be outdated and must
not be remembered is told by patterns over the memories' texts. The control is the same without any retiring.
"""

import argparse
import json
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from graphs.memory.reconcile import says_the_same
from graphs.memory.turns import remember_turn
from graphs.ports import ChatMessage, ChatModel, Embedder, Sampling
from graphs.reflecting import reflect
from graphs.reflection import build_reflection_graph
from graphs.reflection_context import ReflectionContext
from storage.memory_filter import MemoryFilter
from storage.records import Author, Granularity, Memory, MemoryState, Role
from tests.benchmarks.reflection_sample import load
from tests.fakes.clock import FakeClock
from tests.storage.store import Store, open_store

HERE = Path(__file__).parent
PERSON = "Ida"


@dataclass(frozen=True)
class Dialogue:
    """What is said over some sessions, and what must be remembered of it afterwards."""

    id: str
    kind: str
    sessions: Sequence[Mapping[str, Any]]
    active: Sequence[str]
    superseded: Sequence[str]
    absent: Sequence[str]


@dataclass(frozen=True)
class Outcome:
    """How one dialogue came out."""

    id: str
    kind: str
    right: bool
    """What must stand does, and nothing that is outdated, or was never so, stands beside it."""
    newest: bool
    """Of what stands on the matter, the newest is right: all that an order by time can give."""
    wrongly_retired: Sequence[str]
    doubles: int
    waiting: int
    standing: Sequence[str]
    retired: Sequence[str]
    seconds: float


def main() -> None:
    """Run all dialogues, with and without retiring, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=HERE / "updates.jsonl")
    parser.add_argument("--model", default="none")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--show", action="store_true", help="tell of each dialogue that came out wrong")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        store = open_store(Path(folder))
        model: Any = None if given.model == "none" else Once(load(Path(given.model), store, given.threads))
        embedder = own_embedder()
        rows = {
            name: [
                play(dialogue, model, embedder, retiring=retiring) for dialogue in read_dialogues(given.data)
            ]
            for name, retiring in (("product", True), ("no retiring", False))
        }
        store.database.close()
    for name, outcomes in rows.items():
        print_table(name, outcomes)
    if isinstance(model, Once):
        print(f"which older note has ended: asked {model.asked} times")
    if given.show:
        for outcome in rows["product"]:
            if not outcome.right or outcome.wrongly_retired or outcome.doubles:
                print(json.dumps(asdict(outcome), ensure_ascii=False, indent=1))
    if given.json:
        given.json.write_text(
            json.dumps({name: [asdict(one) for one in outcomes] for name, outcomes in rows.items()}, indent=1)
        )


class Once:
    """A model that is asked the same only once, so that the control costs nothing."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self._known: dict[str, dict[str, Any]] = {}
        self.asked = 0
        """How often it was asked which older note has ended."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def structured(
        self, messages: Sequence[ChatMessage], schema: Mapping[str, Any], sampling: Sampling, **named: Any
    ) -> dict[str, Any]:
        key = json.dumps([[message.content for message in messages], schema])
        if key not in self._known:
            self.asked += "number" in schema["properties"]
            self._known[key] = self._model.structured(messages, schema, sampling, **named)
        return dict(self._known[key])


def read_dialogues(path: Path) -> list[Dialogue]:
    """All dialogues of a file."""
    return [Dialogue(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line]


def own_embedder() -> Embedder | None:
    """The product's embedder, where it is installed."""
    from app.models.embedding import minilm_embedder
    from personas.errors import KeepsakeError

    try:
        embedder: Embedder = minilm_embedder(Path(TEMPORARY.name))
        embedder.embed(["one"], "passage")
    except KeepsakeError:
        return None
    return embedder


TEMPORARY = TemporaryDirectory()


def play(
    dialogue: Dialogue, model: ChatModel | None, embedder: Embedder | None, *, retiring: bool
) -> Outcome:
    """Tell everything, reflect after each session, and look at what is remembered."""
    began = time.perf_counter()
    with TemporaryDirectory() as folder, _retiring(on=retiring):
        store = open_store(Path(folder))
        for session in dialogue.sessions:
            _sitting(store, session, model, embedder)
        outcome = judge(dialogue, store, time.perf_counter() - began)
        store.database.close()
    return outcome


@contextmanager
def _retiring(*, on: bool) -> Iterator[None]:
    if on:
        yield
        return
    with patch("graphs.keeping.settle", lambda *_args, **_named: 0):
        yield


def _sitting(
    store: Store, session: Mapping[str, Any], model: ChatModel | None, embedder: Embedder | None
) -> None:
    at = datetime.fromisoformat(f"{session['date']}T18:00:00").replace(tzinfo=UTC)
    assert isinstance(store.clock, FakeClock)
    store.clock.advance(at - store.clock.now())
    conversation = store.conversation()
    parent = None
    for text in session["said"]:
        for role, words in ((Role.USER, text), (Role.ASSISTANT, "I see.")):
            at += timedelta(seconds=20)
            message = store.messages.append(conversation.id, role, words, parent_id=parent, created=at)
            parent = message.id
            memory = remember_turn(message, "mira", memory_id=store.ids(), now=at)
            if memory:
                store.memories.add(memory, Author.USER)
    store.clock.advance(minutes=40)
    closed = store.sessions.close(store.sessions.for_conversation(conversation.id)[-1].id)
    context = ReflectionContext(
        database=store.database,
        sessions=store.sessions,
        messages=store.messages,
        memories=store.memories,
        words=store.words,
        clock=store.clock,
        ids=store.ids,
        stop=threading.Event(),
        model=model,
        embedder=embedder,
        person=PERSON,
    )
    done = reflect(build_reflection_graph(), context, closed.id)
    assert not done.session.error, done.session.error


def judge(dialogue: Dialogue, store: Store, seconds: float) -> Outcome:
    """Hold what is remembered against what must be."""
    standing = _made(store, MemoryState.ACTIVE)
    retired = _made(store, MemoryState.SUPERSEDED)
    over = store.memories.parts_over([memory.id for memory in standing])
    whole = [memory for memory in standing if memory.id not in over]
    right = all(_any(pattern, standing) for pattern in dialogue.active)
    right &= not any(_any(pattern, whole) for pattern in (*dialogue.superseded, *dialogue.absent))
    matters = [
        one for one in whole if _matches(one, (*dialogue.active, *dialogue.superseded, *dialogue.absent))
    ]
    newest = max(matters, key=lambda memory: (memory.said_on, memory.id), default=None)
    return Outcome(
        id=dialogue.id,
        kind=dialogue.kind,
        right=right,
        newest=newest is not None and _matches(newest, dialogue.active),
        wrongly_retired=[one.text for one in retired if not _matches(one, dialogue.superseded)],
        doubles=_doubles(standing),
        waiting=len(store.claims.waiting("mira")),
        standing=[memory.text for memory in standing],
        retired=[memory.text for memory in retired],
        seconds=round(seconds, 2),
    )


def print_table(name: str, outcomes: Sequence[Outcome]) -> None:
    """The figures, by kind and for all."""
    print(f"\n{name}")
    print(f"{'kind':<14}{'n':>4}{'right':>8}{'newest':>8}{'wrongly':>9}{'doubles':>9}{'waiting':>9}")
    kinds = list(dict.fromkeys(one.kind for one in outcomes))
    for kind in [*kinds, "all"]:
        some = [one for one in outcomes if kind in {one.kind, "all"}]
        print(
            f"{kind:<14}{len(some):>4}{_share(one.right for one in some):>8.3f}"
            f"{_share(one.newest for one in some):>8.3f}{sum(len(one.wrongly_retired) for one in some):>9}"
            f"{sum(one.doubles for one in some):>9}{sum(one.waiting for one in some):>9}"
        )
    print(f"{sum(one.seconds for one in outcomes):.0f} s")


def _share(values: Iterator[bool]) -> float:
    all_values = list(values)
    return sum(all_values) / max(len(all_values), 1)


def _made(store: Store, state: MemoryState) -> list[Memory]:
    wanted = MemoryFilter(
        granularities=(Granularity.TOPIC, Granularity.PROFILE),
        states=(state,),
        order="said_on",
        descending=False,
        limit=-1,
    )
    return store.memories.list("mira", wanted)


def _any(pattern: str, memories: Sequence[Memory]) -> bool:
    return any(re.search(pattern, memory.text, re.IGNORECASE) for memory in memories)


def _matches(memory: Memory, patterns: Sequence[str]) -> bool:
    return any(re.search(pattern, memory.text, re.IGNORECASE) for pattern in patterns)


def _doubles(memories: Sequence[Memory]) -> int:
    return sum(
        says_the_same(one.text, other.text, PERSON)
        for place, one in enumerate(memories)
        for other in memories[:place]
    )


if __name__ == "__main__":
    main()
