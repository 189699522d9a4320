"""Whether search keys that a model writes for a line help to find it: an experiment outside of the product.

.venv/bin/python -m tests.benchmarks.search_keys --data locomo-dev.json --model FILE --sessions 16 --json OUT
    [--seed N] [--cache DIR] [--threads 1]

For each chosen line of the drawn sessions the model writes a topic and a question that the line answers
(doc2query, arXiv 1904.08375; LongMemEval's key expansion). Keys that share no word with what was said are
dropped. All lines are remembered as they were said; then the keys stand in beside them in three ways:
`beside` as memories of their own, `within` as part of what is indexed of each line, `half` as a second
key of every turn and line that rests on the same message, at half weight.
"""

import argparse
import json
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.models.embedding import minilm_embedder
from graphs.memory.lexis import content_words, stems
from graphs.memory.question import understand
from graphs.memory.ranking import standard_rows
from graphs.ports import ChatMessage, ChatModel, Embedder, Priority, Sampling
from graphs.retrieval import Retriever, Scored
from storage.outbox import Outbox
from storage.records import Author, Granularity, Memory
from tests.benchmarks.locomo import PERSONA, CachedEmbedder, Conversation, Loaded, loaded, read, take_in
from tests.benchmarks.paired import difference
from tests.benchmarks.reflection import (
    MEASURES,
    Drawn,
    Outcome,
    answerable,
    draw,
    load,
    made,
    reflections,
)
from tests.benchmarks.retrieval import measure

WAYS: Final = ("verbatim", "beside", "within", "half")
LONGEST: Final = 14
"""Words of a key."""
AT_ONCE: Final = 16
"""Lines put to the model together."""
DEPTH: Final = 60
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "topic": {"type": "string", "minLength": 1, "maxLength": 50},
        "question": {"type": "string", "minLength": 1, "maxLength": 120},
    },
    "required": ["topic", "question"],
}
SAMPLING: Final = Sampling(temperature=0.0, max_tokens=80, seed=0)
RULES: Final = (
    "You index what {person} said. Write its topic in two to five words, with a more common word for it, and"
    " one short question that it answers, as somebody might ask months later about {person}."
)


@dataclass
class Keys:
    """What the model wrote."""

    by_message: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    written: int = 0
    dropped: int = 0
    shown: list[tuple[str, str]] = field(default_factory=list)
    """Line and key, to be read by eye."""


def write_keys(lines: Iterable[Memory], model: ChatModel) -> Keys:
    """Two keys for each line, less those that make no sense."""
    keys = Keys()
    memories = sorted(lines, key=lambda memory: memory.speaker_name)
    for some in (memories[start : start + AT_ONCE] for start in range(0, len(memories), AT_ONCE)):
        heard = [memory.sources[0].quote for memory in some]
        prompts = [
            [ChatMessage("system", RULES.format(person=memory.speaker_name)), ChatMessage("user", said)]
            for memory, said in zip(some, heard, strict=True)
        ]
        answers = model.structured_many(
            prompts, SCHEMA, SAMPLING, stop=threading.Event(), priority=Priority.REFLECTION
        )
        for memory, said, answer in zip(some, heard, answers, strict=True):
            _note(keys, memory, said, answer or {})
    return keys


def _note(keys: Keys, memory: Memory, said: str, answer: Mapping[str, object]) -> None:
    for key in map(str, answer.values()):
        keys.written += 1
        if makes_sense(key, said):
            keys.by_message[memory.sources[0].message_id].append(key)
            keys.shown.append((memory.sources[0].quote, key))
        else:
            keys.dropped += 1


def makes_sense(key: str, said: str) -> bool:
    """Whether a key is short and shares a telling word with what was said."""
    shared = stems(content_words(key)) & stems(content_words(said))
    return 0 < len(key.split()) <= LONGEST and bool(shared)


def beside(talk: Loaded, lines: Iterable[Memory], keys: Keys) -> None:
    """Each key a memory of its own, resting on the same words."""
    for memory in lines:
        for key in keys.by_message.get(memory.sources[0].message_id, []):
            talk.memories.add(replace(memory, id=talk.ids(), text=key), Author.REFLECTION)


def within(talk: Loaded, lines: Iterable[Memory], keys: Keys) -> None:
    """The keys follow the line in all that is indexed of it."""
    for memory in lines:
        more = keys.by_message.get(memory.sources[0].message_id, [])
        if more:
            text = " ".join([memory.text, *more])
            talk.memories.change(memory.id, Author.REFLECTION, "edit", text=text)


class Seconds:
    """Keys as second keys, scored like any text: z-scores of meaning and words, added."""

    def __init__(self, talk: Loaded, keys: Keys) -> None:
        pairs = [(message, key) for message, some in keys.by_message.items() for key in some]
        self._messages = [message for message, _ in pairs]
        self._stems = [stems(content_words(key)) for _, key in pairs]
        self._vectors = talk.embedder.embed([key for _, key in pairs], "passage")

    def again(self, found: Sequence[Scored], vector: NDArray[np.float32], words: str) -> list[Scored]:
        """The candidates in their new order."""
        asked = stems(content_words(words))
        counts = np.array([len(asked & own) for own in self._stems], dtype=np.float64)
        scores = standard_rows(self._vectors @ vector, counts).sum(axis=0)
        best: dict[str, float] = {}
        for message, score in zip(self._messages, scores.tolist(), strict=True):
            best[message] = max(best.get(message, 0.0), score)

        def total(one: Scored) -> float:
            return one.total + 0.5 * max(best.get(source.message_id, 0.0) for source in one.memory.sources)

        return sorted(found, key=total, reverse=True)


def run(
    conversations: Sequence[Conversation], embedder: Embedder, drawn: Drawn, model: ChatModel
) -> tuple[dict[str, Outcome], list[Keys]]:
    """Every question by every way."""
    outcomes, written = {way: Outcome() for way in WAYS}, []
    for conversation in conversations:
        for way, outcome in outcomes.items():
            with loaded(conversation, embedder) as talk:
                made(talk, None, (), outcome)
                lines = _in_drawn(talk, drawn)
                keys = write_keys(lines, model)
                if way == "verbatim":
                    written.append(keys)
                if way in {"beside", "within"}:
                    {"beside": beside, "within": within}[way](talk, lines, keys)
                    take_in(Outbox(talk.database), talk.index, talk.embedder)
                seconds = Seconds(talk, keys) if way == "half" and keys.by_message else None
                _ask(talk, drawn, outcome, seconds)
    return outcomes, written


def _in_drawn(talk: Loaded, drawn: Drawn) -> list[Memory]:
    turns = {memory.sources[0].message_id: talk.turn_of[memory.id] for memory in _turns(talk)}
    numbers = drawn[talk.conversation.id]
    return [
        one
        for one in reflections(talk)
        if one.granularity is not Granularity.SESSION
        and turns[one.sources[0].message_id].split(":")[0] in numbers
    ]


def _turns(talk: Loaded) -> list[Memory]:
    return talk.memories.get_many(list(talk.turn_of))


def _ask(talk: Loaded, drawn: Drawn, outcome: Outcome, seconds: Seconds | None) -> None:
    retriever = Retriever(talk.memories, talk.words, talk.index, talk.embedder)
    turn_of = {memory.sources[0].message_id: talk.turn_of[memory.id] for memory in _turns(talk)}
    names = talk.memories.speaker_names(PERSONA)
    for question in answerable(talk.conversation, drawn):
        found = retriever.search(PERSONA, question.text, limit=DEPTH, now=talk.now)
        if seconds:
            asked = understand(question.text, names)
            vector = talk.embedder.embed([asked.meaning], "query")[0]
            found = seconds.again(found, vector, asked.meaning)
        memories = [one.memory for one in found if one.memory.granularity is not Granularity.SESSION]
        turns = [turn_of[source.message_id] for memory in memories for source in memory.sources]
        figures = measure(list(dict.fromkeys(turns)), question.evidence)
        for name in MEASURES:
            outcome.measures[name].append(figures[name])


def summary(outcomes: Mapping[str, Outcome], written: Sequence[Keys]) -> dict[str, object]:
    """The figures, with the difference to the lines without keys."""
    plain = outcomes["verbatim"].measures
    return {
        "questions": len(plain["recall@10"]),
        "keys": sum(keys.written for keys in written),
        "dropped": sum(keys.dropped for keys in written),
        "ways": {
            way: {name: round(float(np.mean(values)), 4) for name, values in outcome.measures.items()}
            for way, outcome in outcomes.items()
        },
        "differences": {
            way: {name: difference(outcome.measures[name], plain[name]) for name in MEASURES}
            for way, outcome in outcomes.items()
            if way != "verbatim"
        },
    }


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--sessions", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/keepsake-benchmarks")
    given = parser.parse_args()
    given.force_write = True
    conversations = read(given.data)
    drawn = draw(conversations, given.sessions, given.seed)
    model = next(model for model in load(given).values() if model)
    plain = minilm_embedder(given.models)
    cached = CachedEmbedder(plain, given.cache) if given.cache else None
    outcomes, written = run(conversations, cached or plain, drawn, model)
    if cached:
        cached.save()
    result = summary(outcomes, written)
    print(json.dumps(result, indent=1))
    if given.json:
        shown = [pair for keys in written for pair in keys.shown]
        given.json.write_text(json.dumps(result | {"shown": shown}, indent=1))


if __name__ == "__main__":
    main()
