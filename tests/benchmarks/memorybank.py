"""MemoryBank's fifteen users and their questions: what recall answers without a language model.

    .venv/bin/python -m tests.benchmarks.memorybank --data FOLDER [--json OUT] [--all]

Each user's ten days are imported as a transcript of theirs, each question is asked a day later and answered
as the chat answers it with no model: by quotations. MemoryBank (MIT licence) gives no answers. Which lines
hold one was judged by hand, among the first three that any of the ways found: `memorybank_judged.json` has
their places by user and question, and no text. So the ways can be compared where no constant was chosen.
"""

import argparse
import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from app.models.embedding import minilm_embedder
from app.services.stores import Stores
from app.services.transfer import TransferService
from app.services.turn_memories import TurnMemories
from graphs import guard
from graphs.memory import quoting
from graphs.memory.choosing import choose
from graphs.memory.dating import day_words
from graphs.memory.question import asks_companion
from graphs.ports import Embedder
from storage.outbox import Outbox
from storage.records import Memory, Outcome
from tests.benchmarks.locomo import PERSONA, Conversation, Loaded, Opened, opened, take_in
from tests.benchmarks.ways import Method, methods
from tests.fakes.clock import FakeClock

JUDGED = Path(__file__).with_name("memorybank_judged.json")
NOON = time(12, tzinfo=UTC)
CANDIDATES = 20
DEPTH = 5


@dataclass(frozen=True)
class User:
    """Ten days with a companion, and what is asked afterwards."""

    name: str
    lines: Sequence[Mapping[str, str]]
    """As a transcript has them."""
    places: Sequence[str]
    """Of each line, as `05-04#2u`: the day, which exchange of it, and who spoke."""
    questions: Sequence[str]


def read(folder: Path) -> list[User]:
    """The users that have questions."""
    history = json.loads((folder / "memory_bank_en.json").read_text(encoding="utf-8"))
    asked: dict[str, list[str]] = {}
    for line in (folder / "probing_questions_en.jsonl").read_text(encoding="utf-8").splitlines():
        asked |= {name.strip(): questions for name, questions in json.loads(line).items()}
    return [_user(name.strip(), raw["history"], asked[name.strip()]) for name, raw in history.items()]


def _user(name: str, history: Mapping[str, Sequence[Mapping[str, Any]]], questions: Sequence[str]) -> User:
    lines, places = [], []
    for day, exchanges in history.items():
        begun = datetime.combine(datetime.fromisoformat(day), NOON)
        for number, exchange in enumerate(exchanges):
            said = (("user", name, exchange["query"]), ("assistant", "", exchange["response"]))
            for after, (role, speaker, text) in enumerate(said):
                at = begun + timedelta(minutes=2 * number + after)
                lines.append({"role": role, "name": speaker, "text": text, "time": at.isoformat()})
                places.append(f"{day[5:]}#{number}{role[0]}")
    return User(name, lines, places, questions)


@contextmanager
def remembered(user: User, embedder: Embedder) -> Iterator[Loaded]:
    """The product a day after the user's last, their history imported as their own."""
    now = datetime.fromisoformat(user.lines[-1]["time"]) + timedelta(days=1)
    with opened(embedder, now) as store:
        _import(user, store)
        take_in(Outbox(store.database), store.index, embedder)
        memories = store.memories.get_many(store.memories.ids(PERSONA))
        place_of = dict(
            zip(
                [memory.id for memory in sorted(memories, key=lambda one: one.said_on)],
                user.places,
                strict=True,
            )
        )
        yield store.after(Conversation(user.name, (user.name, ""), [], []), place_of)


def _import(user: User, store: Opened) -> None:
    stores = Stores.over(store.database, store.ids, FakeClock(store.now))
    file = store.database.path.with_name("transcript.jsonl")
    file.write_text("\n".join(json.dumps(line) for line in user.lines), encoding="utf-8")
    transfer = TransferService(stores, TurnMemories(stores), changed=lambda: None)
    transfer.import_file(file, PERSONA, mine=True)


def answer(talk: Loaded, question: str) -> tuple[list[Memory], str]:
    """What the chat quotes where there is no model: the memories, and the reply."""
    found = talk.retriever.search(PERSONA, question, limit=CANDIDATES, now=talk.now)
    choices = choose(found, own_words=asks_companion(question))
    chosen = [choice.scored.memory for choice in choices if not choice.left_out]
    verdicts = guard.check(chosen)
    facts, unconfirmed = (
        [memory for memory in chosen if verdicts[memory.id].outcome == outcome]
        for outcome in (Outcome.FACT, Outcome.UNCONFIRMED)
    )
    shown = chosen if asks_companion(question) else [*facts, *unconfirmed]
    quoted = [memory for memory in shown if memory in facts or memory in unconfirmed]
    return quoted, quoting.answer(quoted, [], lambda at: day_words(at.date()))


def hits(found: Sequence[str], right: Sequence[str]) -> dict[str, float]:
    """Whether the first, or any of the first five, holds the answer, and the reciprocal of its rank."""
    ranks = [rank for rank, place in enumerate(found[:DEPTH], 1) if place.startswith(tuple(right))]
    return {
        "first": float(ranks[:1] == [1]),
        "in five": float(bool(ranks)),
        "1/rank": 1 / ranks[0] if ranks else 0.0,
    }


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="MemoryBank's folder")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--all", action="store_true", help="print whole replies")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/keepsake-benchmarks")
    arguments = parser.parse_args()
    embedder = minilm_embedder(arguments.models)
    judged = json.loads(JUDGED.read_text(encoding="utf-8"))
    measured: dict[str, list[dict[str, float]]] = {}
    for user in read(arguments.data):
        with remembered(user, embedder) as talk:
            for question, right in zip(user.questions, judged[user.name], strict=True):
                shown, reply = answer(talk, question)
                _tell(user, question, shown, reply if arguments.all else "")
                if right:
                    places = {"quoted": [talk.turn_of[memory.id] for memory in shown]}
                    places |= {way.name: _places(talk, way, question) for way in methods(parts=False)}
                    for name, found in places.items():
                        measured.setdefault(name, []).append(hits(found, right))
    result = {
        name: {measure: round(statistics.fmean(one[measure] for one in some), 3) for measure in some[0]}
        for name, some in measured.items()
    }
    print(f"\n{len(measured['quoted'])} questions that have an answer")
    for name, line in result.items():
        print(f"{name:28s}" + "".join(f"{measure:>10s} {value:.3f}" for measure, value in line.items()))
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


def _places(talk: Loaded, way: Method, question: str) -> list[str]:
    """Where the lines that a way finds stand."""
    return [talk.turn_of[one] for one in way.find(talk, question, way.embed(talk, question))]


def _tell(user: User, question: str, shown: Sequence[Memory], reply: str) -> None:
    first = f"{day_words(shown[0].said_on.date())}: {shown[0].text[:90]}" if shown else quoting.NOTHING
    print(f"{user.name:12s} {question[:90]}\n{'':12s} → {first}")
    if reply:
        print(reply)


if __name__ == "__main__":
    main()
