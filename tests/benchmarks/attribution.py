"""Which of the memories shown a reply rests on, told three ways and held against LoCoMo's evidence turns.

    .venv/bin/python -m tests.benchmarks.attribution --data locomo-dev.json --model MODEL.gguf [--json OUT]

Each question is asked with the five memories that the product would show; only questions with evidence
among them count. The ways: marks in the reply, where the prompt asks for them; a question afterwards,
whose answer is held to a list of numbers; the words that the reply shares with a memory and with nothing
else (graphs/memory/attribution.py, which the product uses).
"""

import argparse
import json
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from app.models.embedding import minilm_embedder
from app.models.llama import LlamaChat
from graphs.errors import ModelError
from graphs.memory import attribution, composing
from graphs.memory.choosing import choose
from graphs.memory.citations import MarkFilter
from graphs.memory.dating import day_words
from graphs.ports import ChatMessage, ChatModel, Priority, Sampling
from personas.model import Persona
from storage.records import Memory, Role, Trust
from tests.benchmarks.locomo import PERSONA, Loaded, loaded, read

WHO = composing.Speakers(
    Persona(PERSONA, "Mira", description="A calm companion who knows the two friends well."), ""
)
MOST_TOKENS = 60
ASK_FOR_MARKS = "(After each statement give the number of the note that it rests on, like [2].)"
ASK_AFTERWARDS = "Which of the notes above did your answer rest on? Give their numbers."
NUMBERS = {
    "type": "object",
    "properties": {
        "numbers": {
            "type": "array",
            "items": {"type": "integer", "minimum": 1, "maximum": 5},
            "minItems": 0,
            "maxItems": 3,
        }
    },
    "required": ["numbers"],
    "additionalProperties": False,
}
NEVER = threading.Event()


@dataclass(frozen=True)
class Case:
    """A question, the memories shown, and which of them are evidence."""

    question: str
    shown: Sequence[Memory]
    evidence: frozenset[str]


@dataclass
class Count:
    """How one way did, over all pairs of a question and a memory shown."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    silent: int = 0
    """Questions for which it named nothing."""
    seconds: float = 0.0

    def add(self, named: Collection[str], case: Case, seconds: float) -> None:
        """Count one question."""
        self.right += len(case.evidence.intersection(named))
        self.wrong += len(set(named) - case.evidence)
        self.missed += len(case.evidence - set(named))
        self.silent += not named
        self.seconds += seconds

    def line(self) -> dict[str, float]:
        """Precision and recall."""
        precision = self.right / max(1, self.right + self.wrong)
        recall = self.right / max(1, self.right + self.missed)
        return {
            "precision": round(precision, 3),
            "recall": round(recall, 3),
            "f1": round(2 * precision * recall / max(1e-9, precision + recall), 3),
            "silent": self.silent,
            "extra_seconds": round(self.seconds, 1),
        }


def cases(talk: Loaded) -> Iterator[Case]:
    """The questions of a conversation that have evidence among what is shown."""
    for question in talk.conversation.questions:
        found = talk.retriever.search(PERSONA, question.text, limit=20, now=talk.now)
        shown = [choice.scored.memory for choice in choose(found) if not choice.left_out]
        evidence = frozenset(memory.id for memory in shown if talk.turn_of[memory.id] in question.evidence)
        if evidence:
            yield Case(question.text, [_as_note(memory) for memory in shown], evidence)


def _as_note(memory: Memory) -> Memory:
    """As something that is known, by whom it was said."""
    text = f"{memory.speaker_name} said: {memory.text}"
    return replace(memory, text=text, trust=Trust.NOTED, speaker=Role.USER)


def ask(model: ChatModel, case: Case, now: datetime, counts: Mapping[str, Count]) -> str:
    """One question, judged in every way."""
    prompt = [*composing.opening(WHO), composing.newest(WHO, case.question, case.shown, [], now)]
    numbered = {number: memory.id for number, memory in enumerate(composing.numbered(case.shown, []), 1)}
    reply, _ = _reply(model, prompt)
    known = [message.content for message in composing.opening(WHO)] + [case.question]
    texts = {memory.id: memory.text for memory in case.shown}
    counts["overlap, text alone"].add(attribution.used(attribution.usage(reply, known, texts)), case, 0.0)
    notes = {memory.id: composing.note(WHO, memory, now) for memory in case.shown}
    overlap = attribution.usage(reply, [*known, day_words(now.date())], notes)
    counts["overlap"].add(attribution.used(overlap), case, 0.0)
    started = time.perf_counter()
    named = _afterwards(model, [*prompt, ChatMessage("assistant", reply)])
    spent = time.perf_counter() - started
    counts["afterwards"].add([numbered[one] for one in named if one in numbered], case, spent)
    marked = [*prompt[:-1], replace(prompt[-1], content=f"{prompt[-1].content}\n\n{ASK_FOR_MARKS}")]
    _, cited = _reply(model, marked)
    counts["marks"].add([numbered[one] for one in cited if one in numbered], case, 0.0)
    return reply


def answer(model: ChatModel, prompt: Sequence[ChatMessage]) -> str:
    """The model's reply, without its marks."""
    return _reply(model, prompt)[0]


def _reply(model: ChatModel, prompt: Sequence[ChatMessage]) -> tuple[str, set[int]]:
    marks = MarkFilter()
    chunks = model.stream(prompt, Sampling(0.0, MOST_TOKENS, seed=7), stop=NEVER)
    text = "".join([marks.feed(chunk.text) for chunk in chunks]) + marks.end()
    return text, marks.cited


def _afterwards(model: ChatModel, prompt: Sequence[ChatMessage]) -> set[int]:
    asked = [*prompt, ChatMessage("user", ASK_AFTERWARDS)]
    try:
        answer: dict[str, Any] = model.structured(
            asked, NUMBERS, Sampling(0.0, 40, seed=7), stop=NEVER, priority=Priority.PERSON
        )
    except ModelError:
        return set()
    return set(answer["numbers"])


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a LoCoMo file")
    parser.add_argument("--model", type=Path, required=True, help="a GGUF chat model")
    parser.add_argument("--conversation", type=int, default=0)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/keepsake-benchmarks")
    arguments = parser.parse_args()
    counts = {name: Count() for name in ("marks", "afterwards", "overlap, text alone", "overlap")}
    model = LlamaChat(arguments.model, now=lambda: datetime.now(UTC))
    with loaded(read(arguments.data)[arguments.conversation], minilm_embedder(arguments.models)) as talk:
        asked = list(islice(cases(talk), arguments.questions))
        for case in asked:
            print(f"{case.question}\n    {ask(model, case, talk.now, counts)}", flush=True)
    model.close()
    pairs = sum(len(case.shown) for case in asked)
    result = {
        "model": model.info.name,
        "questions": len(asked),
        "pairs": pairs,
        "base_rate": round(sum(len(case.evidence) for case in asked) / pairs, 3),
        "ways": {name: count.line() for name, count in counts.items()},
    }
    print(json.dumps(result, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
