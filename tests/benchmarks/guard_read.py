"""What the guard's full mode really reads, with the program's model, reflections in between.

    .venv/bin/python -m tests.benchmarks.guard_read --talks locomo-dev.json --cases attacks.jsonl --model FILE

Questions of a talk that is wholly imported, and of cases full of poison, take turns; now and then a
reflection puts lines of the talk into words. Counted are the tokens that llama.cpp takes in for the looks,
read and drawn: with a folder for what the looks begin with, and without one, as it was before. `turn` is the
length of the prompts for the replies, which are not drawn.
"""

import argparse
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from app.models import loaded as loading
from app.models.embedding import minilm_embedder
from app.models.llama import LlamaChat
from graphs import guard, rewriting
from graphs.guard_paths import Look, look_closely
from graphs.memory import composing
from graphs.memory.choosing import choose
from graphs.path_cache import PathCache
from graphs.ports import ChatMessage, Embedder, Priority
from storage.records import Granularity, Memory, Outcome, Trust
from tests.benchmarks.cached import CachedEmbedder
from tests.benchmarks.guard_sample import drawn
from tests.benchmarks.guard_world import MIRA, Case
from tests.benchmarks.guard_world import read as read_cases
from tests.benchmarks.locomo import PERSONA, Conversation, loaded
from tests.benchmarks.locomo import read as read_talks
from tests.fakes.clock import FakeClock
from tests.fakes.counting_engine import CountingEngine

CANDIDATES: Final = 20
REFLECTED: Final = 5
"""Lines that a reflection puts into words at once."""
WHO: Final = composing.Speakers(MIRA, "")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and the memories that come up."""

    text: str
    memories: Sequence[Memory]


@dataclass(frozen=True, slots=True)
class Taken:
    """What one question cost."""

    calls: int
    tokens: int
    turn: int
    after_reflection: bool


class Counted(LlamaChat):
    """Counts what the guard asks."""

    guard_calls = 0

    def structured_many(self, prompts: Sequence[Sequence[ChatMessage]], *rest: Any, **named: Any) -> Any:
        self.guard_calls += len(prompts) if named["priority"] is Priority.GUARD else 0
        return super().structured_many(prompts, *rest, **named)

    @property
    def taken(self) -> int:
        """Tokens that llama.cpp has taken in so far."""
        self.load()
        assert self._loaded is not None
        assert isinstance(self._loaded.engine, CountingEngine)
        return self._loaded.engine.taken


def questions(talk: Conversation, cases: Sequence[Case], embedder: Embedder, count: int) -> list[Question]:
    """Of a talk and of cases in turn, half each."""
    own = [_of_case(case) for case in cases[: count // 2]]
    return [one for pair in zip(_of_talk(talk, embedder, count // 2), own, strict=True) for one in pair]


def _of_talk(talk: Conversation, embedder: Embedder, count: int) -> Iterator[Question]:
    step = max(1, len(talk.questions) // count)
    with loaded(talk, embedder) as there:
        for question in talk.questions[: step * count : step]:
            found = there.retriever.search(PERSONA, question.text, limit=CANDIDATES, now=there.now)
            chosen = [one.scored.memory for one in choose(found, own_words=False) if not one.left_out]
            yield Question(question.text, [replace(one, trust=Trust.IMPORTED) for one in chosen])


def _of_case(case: Case) -> Question:
    memories = [
        Memory(
            id=f"{case.id}-{number}",
            persona_id=PERSONA,
            granularity=Granularity.TURN,
            text=line.text,
            trust=line.trust,
            created=line.said_on,
            said_on=line.said_on,
        )
        for number, line in enumerate(case.lines)
    ]
    return Question(case.query, memories)


def costs(model: Counted, asked: Sequence[Question], lines: Sequence[str], every: int) -> list[Taken]:
    """Each question's cost; after so many a reflection runs."""
    kept, result = PathCache(), []
    for number, question in enumerate(asked):
        reflected = number > 0 and number % every == 0
        if reflected:
            _reflect(model, lines[number : number + REFLECTED])
        result.append(_turn(model, question, kept, after_reflection=reflected))
    return result


def _reflect(model: Counted, lines: Sequence[str]) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    tasks = [rewriting.Task(line, now, (), "Ida") for line in lines]
    rewriting.asked_at_once(model, tasks, stop=threading.Event())


def _turn(model: Counted, question: Question, kept: PathCache, *, after_reflection: bool) -> Taken:
    clock, calls, before = FakeClock(), model.guard_calls, model.taken
    look = Look(
        model=model,
        clock=clock,
        stop=threading.Event(),
        kept=kept,
        query=question.text,
        embed=lambda: None,
        learned=(),
        tell=lambda _name, _share: None,
    )
    checked = guard.check(question.memories, query=question.text)
    verdicts = look_closely(look, question.memories, checked)
    facts, unconfirmed = (
        [one for one in question.memories if verdicts[one.id].outcome is outcome]
        for outcome in (Outcome.FACT, Outcome.UNCONFIRMED)
    )
    newest = composing.newest(WHO, question.text, facts, unconfirmed, clock.now())
    turn = model.count_tokens([*composing.opening(WHO), newest])
    return Taken(model.guard_calls - calls, model.taken - before, turn, after_reflection)


def summary(taken: Sequence[Taken]) -> dict[str, float]:
    """What a question cost, and what it cost just after a reflection."""
    after = [one.tokens for one in taken if one.after_reflection and one.calls]
    turn = sum(one.turn for one in taken)
    return {
        "questions": len(taken),
        "looked": sum(one.calls > 0 for one in taken),
        "calls": round(sum(one.calls for one in taken) / len(taken), 2),
        "tokens": round(sum(one.tokens for one in taken) / len(taken), 1),
        "most": max(one.tokens for one in taken),
        "after_reflection": round(sum(after) / max(1, len(after)), 1),
        "turn": round(turn / len(taken), 1),
        "share": round(sum(one.tokens for one in taken) / turn, 3),
    }


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--talks", type=Path, required=True, help="a LoCoMo file")
    parser.add_argument("--cases", type=Path, required=True, nargs="+", help="cases as JSON Lines")
    parser.add_argument(
        "--model", type=Path, required=True, help="a GGUF file, of a billion parameters at least"
    )
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--every", type=int, default=10, help="questions between two reflections")
    parser.add_argument("--cache", type=Path, help="keep vectors here between runs")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/keepsake-benchmarks")
    arguments = parser.parse_args()
    embedder: Embedder = CachedEmbedder(minilm_embedder(arguments.models), arguments.cache)
    talk = read_talks(arguments.talks)[0]
    cases = drawn([case for file in arguments.cases for case in read_cases(file)], 2)
    asked = questions(talk, cases, embedder, arguments.questions)
    lines = [turn.text for turn in talk.turns if turn.speaker == talk.speakers[0]]
    setattr(loading, "Engine", CountingEngine)  # noqa: B010 - what the program makes is to count
    result = {}
    with TemporaryDirectory() as folder:
        for name, states in (("kept", Path(folder)), ("read_again", None)):
            model = Counted(arguments.model, now=lambda: datetime.now(UTC), threads=1, states=states)
            taken = costs(model, asked, lines, arguments.every)
            result[name] = summary(taken) | {"each": [one.tokens for one in taken]}
            model.close()
            print(name, json.dumps(result[name]), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
