"""What reflection makes of real talk, line by line, to be read by eye.

.venv/bin/python -m tests.benchmarks.reflection_sample --data locomo-dev.json --sessions 6 --model FILE|none
    [--json OUT] [--threads 1] [--seed 1] [--nameless]

Sessions are drawn from all conversations of a LoCoMo file; of each, one speaker is the person, whose messages
go through the product's own store and graph.
"""

import argparse
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from graphs.memory.turns import remember_turn
from graphs.ports import ChatModel
from graphs.reflection import ReflectionState, build_reflection_graph
from graphs.reflection_context import ReflectionContext
from graphs.rewriting import writes
from storage.records import Author, Role
from tests.benchmarks.locomo import Turn, read
from tests.storage.store import Store, open_store


@dataclass(frozen=True)
class Sitting:
    """One session, as one of the two speakers had it."""

    conversation: str
    person: str
    turns: Sequence[Turn]


@dataclass(frozen=True)
class Made:
    """What became of one chosen line."""

    conversation: str
    person: str
    line: str
    memory: str
    by_model: bool
    problem: str
    outcome: str
    seconds: float


def main() -> None:
    """Run the sample and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sessions", type=int, default=6)
    parser.add_argument("--model", default="none")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--nameless", action="store_true", help="as if the person's name were not known")
    given = parser.parse_args()
    drawn = random.Random(given.seed).sample(sittings(given.data), given.sessions)
    said = sum(turn.speaker == sitting.person for sitting in drawn for turn in sitting.turns)
    made: list[Made] = []
    with TemporaryDirectory() as folder:
        store = open_store(Path(folder))
        model = None if given.model == "none" else load(Path(given.model), store, given.threads)
        for sitting in drawn:
            for result in reflected(store, sitting, model, nameless=given.nameless):
                made.append(result)
                show(result)
        store.database.close()
    summary = summed_up(made, said, written=writes(model))
    print(json.dumps(summary, indent=1))
    if given.json:
        given.json.write_text(
            json.dumps({"summary": summary, "lines": [asdict(one) for one in made]}, indent=1)
        )


def sittings(data: Path) -> list[Sitting]:
    """Every session of every conversation, for each of its speakers."""
    found = []
    for conversation in read(data):
        numbers = dict.fromkeys(turn.id.split(":")[0] for turn in conversation.turns)
        for number in numbers:
            turns = [turn for turn in conversation.turns if turn.id.split(":")[0] == number]
            found += [Sitting(conversation.id, person, turns) for person in conversation.speakers]
    return found


def load(path: Path, store: Store, threads: int) -> ChatModel:
    """The model in this file."""
    from app.models.llama import LlamaChat

    return LlamaChat(path, now=store.clock.now, threads=threads or None)


def reflected(store: Store, sitting: Sitting, model: ChatModel | None, *, nameless: bool) -> Iterator[Made]:
    """Store the session, reflect on it, and say what became of each line."""
    conversation = store.conversations.add("mira", sitting.conversation)
    parent_id = None
    for turn in sitting.turns:
        role = Role.USER if turn.speaker == sitting.person else Role.ASSISTANT
        text = turn.text.partition(" [shares a photo: ")[0]
        message = store.messages.append(conversation.id, role, text, parent_id=parent_id, created=turn.at)
        parent_id = message.id
        memory = remember_turn(message, "mira", memory_id=store.ids(), now=turn.at)
        if memory:
            store.memories.add(memory, Author.USER)
    session = store.sessions.close(store.sessions.for_conversation(conversation.id)[-1].id)
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
        person="" if nameless else sitting.person,
    )
    start = ReflectionState(session_id=session.id, batch_id=store.ids(), after="", done={}, draft=None)
    steps = build_reflection_graph().stream(
        start, {"recursion_limit": 100_000}, context=context, stream_mode="updates"
    )
    yield from _lines(steps, sitting)


def _lines(steps: Iterator[dict[str, ReflectionState]], sitting: Sitting) -> Iterator[Made]:
    began, seconds, before = time.perf_counter(), 0.0, Counter[str]()
    draft = None
    for step in steps:
        for node, update in step.items():
            if node in {"select", "commit"}:
                began_next = time.perf_counter()
            if node == "extract":
                seconds = time.perf_counter() - began
            draft = (update or {}).get("draft") or draft
            if node == "commit" and draft:
                after = Counter(update["done"])
                yield Made(
                    sitting.conversation,
                    sitting.person,
                    draft["quote"],
                    draft["text"],
                    draft["by_model"],
                    draft["problem"],
                    next(iter(after - before), ""),
                    round(seconds, 2),
                )
                before = after
            if node in {"select", "commit"}:
                began = began_next


def show(made: Made) -> None:
    """Print one line."""
    kept = made.memory if made.by_model else "(as it was said)"
    print(
        f"L  {made.line}\n   {kept}  {made.problem and f'[[{made.problem}]]'} {made.seconds:.1f} s",
        flush=True,
    )


def summed_up(made: Sequence[Made], said: int, *, written: bool) -> dict[str, float]:
    """The figures."""
    return {
        "messages": said,
        "lines": len(made),
        "lines a message": round(len(made) / max(said, 1), 2),
        "written": round(sum(one.by_model for one in made) / max(len(made), 1), 3) if written else 0.0,
        "seconds a line": round(sum(one.seconds for one in made) / max(len(made), 1), 2),
        "merged": sum(one.outcome == "merged" for one in made),
    }


if __name__ == "__main__":
    main()
