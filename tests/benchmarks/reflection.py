"""What reflection brings to recall, against nothing and against the same lines as they were said.

.venv/bin/python -m tests.benchmarks.reflection --data locomo-dev.json --model FILE|none --json OUT
    [--sessions N] [--conversations N] [--seed N] [--cache DIR] [--force-write] [--threads 1]

Every conversation goes through the product's own import, reflection and recall, each of its two speakers
taken as the person in turn. All lines are chosen by the product's own rules; those of the drawn sessions are
put to the model, all others stay as they were said. Asked are the questions whose evidence lies in the drawn
sessions. A memory found counts as the turns that it rests on; summaries of talks are passed over, as in a
reply.
"""

import argparse
import json
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.models.embedding import minilm_embedder
from graphs.memory.reconcile import says_the_same
from graphs.ports import ChatModel, Embedder, Skill
from graphs.reflecting import reflect
from graphs.reflection import build_reflection_graph
from graphs.reflection_context import ReflectionContext
from graphs.retrieval import Retriever
from storage.memory_filter import MemoryFilter
from storage.outbox import Outbox
from storage.records import Granularity, Memory
from tests.benchmarks.both_sides import MessagesOf, SessionsOf, sessions_of
from tests.benchmarks.cached_model import CachedModel
from tests.benchmarks.locomo import (
    PERSONA,
    CachedEmbedder,
    Conversation,
    Loaded,
    Question,
    loaded,
    read,
    take_in,
)
from tests.benchmarks.paired import difference
from tests.benchmarks.retrieval import measure
from tests.fakes.clock import FakeClock

DEPTH = 40
"""Memories looked at; enough to hold ten different turns where several rest on one."""
MEASURES = ("recall@10", "ndcg@10")
Drawn = Mapping[str, Collection[str]]
"""The numbers of the drawn sessions, by conversation."""


@dataclass
class Outcome:
    """How one way did, question by question, and what it made."""

    measures: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in MEASURES})
    made: int = 0
    by_granularity: Counter[str] = field(default_factory=Counter)
    doubles: int = 0
    turns: int = 0
    turns_kept: int = 0
    sessions: int = 0
    done: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def draw(conversations: Sequence[Conversation], sessions: int, seed: int) -> Drawn:
    """So many sessions of all conversations, drawn at random; all of them for 0."""
    everything = [
        (one.id, number)
        for one in conversations
        for number in dict.fromkeys(turn.id.split(":")[0] for turn in one.turns)
    ]
    random.Random(seed).shuffle(everything)
    chosen = everything[: sessions or None]
    return {one.id: {number for name, number in chosen if name == one.id} for one in conversations}


def answerable(conversation: Conversation, drawn: Drawn) -> list[Question]:
    """The questions whose evidence lies in the drawn sessions."""
    return [
        question
        for question in conversation.questions
        if {turn.split(":")[0] for turn in question.evidence} <= set(drawn[conversation.id])
    ]


def run(
    conversations: Iterable[Conversation],
    embedder: Embedder,
    drawn: Drawn,
    ways: Mapping[str, ChatModel | None],
) -> dict[str, Outcome]:
    """Every question by every way: `none`, and reflection by each of these models."""
    outcomes = {name: Outcome() for name in ("none", *ways)}
    for conversation in conversations:
        questions = answerable(conversation, drawn)
        for name, outcome in outcomes.items():
            with loaded(conversation, embedder) as talk:
                if name in ways:
                    made(talk, ways[name], drawn[conversation.id], outcome)
                ask(talk, questions, outcome)
    return outcomes


def made(talk: Loaded, model: ChatModel | None, drawn: Collection[str], outcome: Outcome) -> None:
    """Reflect on the whole conversation, once for each speaker, and bring the index into step."""
    graph = build_reflection_graph()
    began = time.perf_counter()
    for sat in sessions_of(talk):
        writer = model if sat.number in drawn else None
        for person in talk.conversation.speakers:
            result = reflect(graph, _context(talk, writer, person), sat.session.id)
            assert not result.session.error, result.session.error
            outcome.done.update(result.done)
        outcome.sessions += 1
    outcome.seconds += time.perf_counter() - began
    take_in(Outbox(talk.database), talk.index, talk.embedder)
    memories = reflections(talk)
    outcome.made += len(memories)
    outcome.by_granularity.update(memory.granularity.value for memory in memories)
    outcome.doubles += doubles(memories)
    outcome.turns += len(talk.conversation.turns)
    outcome.turns_kept += len({source.message_id for memory in memories for source in memory.sources})


def ask(talk: Loaded, questions: Sequence[Question], outcome: Outcome) -> None:
    """Put the questions to the product's own recall."""
    retriever = Retriever(talk.memories, talk.words, talk.index, talk.embedder)
    turns_kept = talk.memories.get_many(list(talk.turn_of))
    turn_of = {memory.sources[0].message_id: talk.turn_of[memory.id] for memory in turns_kept}
    for question in questions:
        found = retriever.search(PERSONA, question.text, limit=DEPTH, now=talk.now)
        memories = [one.memory for one in found if one.memory.granularity is not Granularity.SESSION]
        turns = [turn_of[source.message_id] for memory in memories for source in memory.sources]
        figures = measure(list(dict.fromkeys(turns)), question.evidence)
        for name in MEASURES:
            outcome.measures[name].append(figures[name])


def doubles(memories: Sequence[Memory]) -> int:
    """How many say the same as an earlier one of the same speaker."""
    found = 0
    topics = [memory for memory in memories if memory.granularity is not Granularity.SESSION]
    for place, memory in enumerate(topics):
        found += any(
            earlier.speaker_name == memory.speaker_name
            and (
                earlier.text.casefold() == memory.text.casefold()
                or says_the_same(memory.text, earlier.text, memory.speaker_name)
            )
            for earlier in topics[:place]
        )
    return found


def _context(talk: Loaded, model: ChatModel | None, person: str) -> ReflectionContext:
    return ReflectionContext(
        database=talk.database,
        sessions=SessionsOf(talk, person),
        messages=MessagesOf(talk, person),
        memories=talk.memories,
        words=talk.words,
        clock=FakeClock(talk.now),
        ids=talk.ids,
        stop=threading.Event(),
        model=model,
        embedder=talk.embedder,
        person=person,
    )


def reflections(talk: Loaded) -> list[Memory]:
    """What reflection made."""
    wanted = MemoryFilter(
        granularities=(Granularity.TOPIC, Granularity.SESSION, Granularity.PROFILE), order="said_on", limit=-1
    )
    return talk.memories.list(PERSONA, wanted)


def summary(
    outcomes: Mapping[str, Outcome], models: Mapping[str, CachedModel | None], drawn: Drawn
) -> dict[str, object]:
    """The figures of all ways, and their differences with intervals."""
    sessions = sum(len(some) for some in drawn.values())
    pairs = [(name, "none") for name in outcomes if name != "none"]
    pairs += [(name, "verbatim") for name in outcomes if name not in {"none", "verbatim"}]
    return {
        "questions": len(outcomes["none"].measures["recall@10"]),
        "drawn_sessions": sessions,
        "ways": {name: _line(outcome, models.get(name), sessions) for name, outcome in outcomes.items()},
        "differences": {
            f"{one} - {other}": {
                measured: difference(outcomes[one].measures[measured], outcomes[other].measures[measured])
                for measured in MEASURES
            }
            for one, other in pairs
        },
    }


def _line(outcome: Outcome, model: CachedModel | None, drawn: int) -> dict[str, object]:
    line: dict[str, object] = {
        name: round(statistics.fmean(values), 4) for name, values in outcome.measures.items() if values
    }
    if not outcome.sessions:
        return line
    line |= {
        "memories": dict(outcome.by_granularity),
        "outcomes": dict(outcome.done),
        "turns_kept": round(outcome.turns_kept / max(outcome.turns, 1), 3),
        "doubles": round(outcome.doubles / max(outcome.made, 1), 4),
    }
    if model:
        spent = model.spent
        line |= {
            "calls_a_session": round(spent.calls / drawn, 1),
            "prompt_tokens_a_session": round(spent.prompt_tokens / drawn),
            "answer_tokens_a_session": round(spent.answer_tokens / drawn),
            "seconds_a_session": round(spent.seconds / drawn, 1),
        }
    return line


def load(given: argparse.Namespace) -> dict[str, CachedModel | None]:
    """The control, and the model asked for; forced to write too where that is wished."""
    from app.models.llama import LlamaChat

    ways: dict[str, CachedModel | None] = {"verbatim": None}
    if given.model != "none":
        path = Path(given.model)
        chat = LlamaChat(path, now=FakeClock().now, threads=given.threads)
        skill = Skill.WRITES if given.force_write else None
        name = f"{path.stem}, made to write" if given.force_write else path.stem
        ways[name] = CachedModel(chat, given.cache, skill=skill)
    return ways


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="none", help="a GGUF file, or none")
    parser.add_argument("--force-write", action="store_true", help="even a model that is too small")
    parser.add_argument("--sessions", type=int, default=0, help="how many to put to the model; 0 for all")
    parser.add_argument("--conversations", type=int, default=0, help="only the first so many; 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--cache", type=Path, help="keep answers and vectors here between runs")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/keepsake-benchmarks")
    given = parser.parse_args()
    conversations = read(given.data)[: given.conversations or None]
    drawn = draw(conversations, given.sessions, given.seed)
    plain = minilm_embedder(given.models)
    cached = CachedEmbedder(plain, given.cache) if given.cache else None
    models = load(given)
    outcomes = run(conversations, cached or plain, drawn, models)
    if cached:
        cached.save()
    result = summary(outcomes, models, drawn)
    print(json.dumps(result, indent=1))
    if given.json:
        given.json.write_text(json.dumps(result | {"model": given.model, "seed": given.seed}, indent=1))


if __name__ == "__main__":
    main()
