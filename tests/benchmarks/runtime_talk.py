"""Rows about one conversation: what is read again each turn, and how long until the first word.

A turn is laid out by the program's own prompt (graphs/memory/composing.py) and read by its own model process;
between two turns what can be read ahead is read, as the page does while a person reads and types.
"""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from app.models.owner import OwnedChatModel
from app.models.worker.chat import WorkerChat
from graphs.errors import OutputCutError, PreemptedError
from graphs.memory import composing
from graphs.ports import ChatMessage, Priority, Sampling
from graphs.rewriting import SCHEMA
from personas.model import Persona
from storage.records import Granularity, Memory, Trust
from tests.benchmarks.chatter import memory_text, remark
from tests.benchmarks.runtime_figures import GO, Row, middle

TURNS: Final = 40
FROM_TURN: Final = 5
SHOWN: Final = 5
NOON: Final = datetime(2026, 3, 12, 12, tzinfo=UTC)
PERSONA: Final = Persona(
    "mira",
    "Mira",
    description="Mira likes to know how things came about: old houses, odd words, animals with opinions.",
    personality="Curious, dry, kind. Asks one good question rather than three.",
)
WHO: Final = composing.Speakers(PERSONA, "Ida", "benchmark")
SHORT_REPLY: Final = (
    "That sounds like a day worth keeping, and I would have liked to see it with you. "
    "What did you do about it after that, and who else was there?"
)


@dataclass
class Talk:
    """A conversation in the program's own layout."""

    model: WorkerChat
    reply_tokens: int
    history: list[ChatMessage] = field(default_factory=list)
    turn: int = 0
    """How many are over."""
    cold: float = 0.0
    """Seconds until the first word where all had to be read; 0 where that was not tried."""

    def newest(self) -> ChatMessage:
        facts = [memory(SHOWN * self.turn + place) for place in range(SHOWN)]
        return composing.newest(WHO, remark(self.turn), facts, [], NOON)

    def prompt(self) -> list[ChatMessage]:
        return [*self.before(), self.newest()]

    def before(self) -> list[ChatMessage]:
        return [*composing.opening(WHO), *self.history]

    def say(self) -> int:
        """One turn, then what is read ahead; the tokens read beyond what was new in it."""
        new = self.new()
        read, _, text = draw(self.model, self.prompt(), self.reply_tokens)
        self.told(text if text and self._is_short(text) else SHORT_REPLY)
        self.ahead()
        return read - new

    def _is_short(self, text: str) -> bool:
        """What random weights say may be many more tokens when it is read; forty turns would not fit."""
        said, nothing = (self.model.count_tokens([ChatMessage("assistant", words)]) for words in (text, ""))
        return said - nothing <= self.reply_tokens + 2

    def new(self) -> int:
        """Tokens of what is new in this turn: the words, and what is remembered beside them."""
        opening = composing.opening(WHO)
        return self.model.count_tokens([*opening, self.newest()]) - self.model.count_tokens(opening)

    def told(self, reply: str) -> None:
        """The turn is over, with this reply."""
        self.history += [ChatMessage("user", remark(self.turn)), ChatMessage("assistant", reply)]
        self.turn += 1

    def ahead(self) -> None:
        self.model.read_ahead(self.before(), stop=GO)

    def top(self) -> int:
        """Tokens that memories in the system prompt would have read again: all that stands below them."""
        return self.model.count_tokens(self.before())


def memory(number: int) -> Memory:
    return Memory(
        id=str(number),
        persona_id=PERSONA.id,
        granularity=Granularity.TOPIC,
        text=memory_text(number),
        trust=Trust.NOTED,
        created=NOON,
        said_on=NOON - timedelta(days=number % 300),
    )


def draw(model: Any, prompt: Sequence[ChatMessage], most: int) -> tuple[int, float, str]:
    """Tokens read, seconds until the first word, the reply."""
    begun, first, text, read = time.perf_counter(), 0.0, "", 0
    for chunk in model.stream(prompt, Sampling(0.7, most, 7), stop=GO):
        first = first or time.perf_counter() - begun
        text, read = text + chunk.text, chunk.read
    return read, first, text


def talked(model: WorkerChat, reply_tokens: int, *, quick: bool) -> tuple[Row, Talk]:
    """The row of tokens read, and the conversation before its last turn is answered.

    A quick run has the turns between the first and the last ones told, and reads all of them at once.
    """
    talk, beyond, top = Talk(model, reply_tokens), {}, {}
    talk.ahead()
    while talk.turn < TURNS - 1:
        top[talk.turn + 1] = talk.top()
        if not quick or talk.turn < FROM_TURN:
            beyond[talk.turn + 1] = talk.say()
        else:
            talk.told(SHORT_REPLY)
    if quick:
        talk.cold = draw(model, talk.prompt(), 1)[1]
    talk.ahead()
    top[TURNS] = talk.top()
    beyond[TURNS] = draw(model, talk.prompt(), 1)[0] - talk.new()
    late = [read for turn, read in beyond.items() if turn >= FROM_TURN]
    beside = {"beyond": beyond, "memories_in_the_system_prompt": top}
    note = f"turns {FROM_TURN} and {TURNS} instead of each between" if quick else ""
    return Row(max(late), 32, at_most=True, beside=beside, note=note), talk


def first_words(talk: Talk, file: Path, states: Path, *, rounds: int, times: int) -> dict[str, Row]:
    """Time until the first word after what may have disturbed it, against undisturbed and against cold.

    Each is measured right beside what it is held against; the ratios are medians over the rounds.
    """
    model, prompt = talk.model, talk.prompt()

    def first(before: Callable[[], object]) -> float:
        before()
        return draw(model, prompt, 1)[1]

    def reflected() -> None:
        talk.ahead()
        for number in range(2):
            ask(model, number)

    found: dict[str, list[float]] = {name: [] for name in ("plain", "cold")}
    ratios: dict[str, list[float]] = {name: [] for name in ("after", "during", "restart")}
    for _ in range(rounds):
        found["cold"].append(talk.cold or first(model.forget))
        for _ in range(times):
            plain = first(talk.ahead)
            after, during = first(reflected), amid(talk)
            plain = (plain + first(talk.ahead)) / 2
            found["plain"].append(plain)
            ratios["after"].append(after / plain)
            ratios["during"].append(during / plain)
        ratios["restart"].append(restarted(talk, file, states))
    mid = {name: middle(figures) for name, figures in found.items()}
    beside = {"cold_s": round(mid["cold"], 2), "first_s": round(mid["plain"], 3)}
    return {
        "ttft_turn40": Row(mid["plain"] / mid["cold"], 0.12, at_most=True, beside=beside),
        "ttft_after_reflection": Row(middle(ratios["after"]), 1.15, at_most=True),
        "ttft_after_restart": Row(middle(ratios["restart"]), 0.12, at_most=True),
        "ttft_during_reflection": Row(middle(ratios["during"]), 1.3, at_most=True),
    }


def restarted(talk: Talk, file: Path, states: Path) -> float:
    """The first word from another process with what this one has put on the disk, against cold there.

    Cold in that very process, since two of the same model read up to a quarter faster or slower than each
    other, each for as long as it lives; a quick run reads cold only once, in the other process.
    """
    talk.ahead()
    talk.model.keep()
    again = WorkerChat(file, states=states)
    try:
        again.load()
        first = draw(again, talk.prompt(), 1)[1]
        if talk.cold:
            return first / talk.cold
        again.forget()
        return first / draw(again, talk.prompt(), 1)[1]
    finally:
        again.close()


def ask(model: Any, number: int) -> None:
    """A side task of reflection's kind."""
    rules = ChatMessage("system", "Write the note again as one sentence about Ida.")
    line = ChatMessage("user", f"Note: {memory_text(number)}")
    sampling = Sampling(0, 48, 0)
    with suppress(OutputCutError, PreemptedError):  # as reflection itself meets them
        model.structured([rules, line], SCHEMA, sampling, stop=GO, priority=Priority.REFLECTION)


def amid(talk: Talk) -> float:
    """The first word while reflection goes on, through the one owner."""
    talk.ahead()
    owned, over = OwnedChatModel(talk.model), threading.Event()

    def reflecting() -> None:
        number = 0
        while not over.is_set():
            ask(owned, number)
            number += 1

    thread = threading.Thread(target=reflecting)
    thread.start()
    time.sleep(0.3)
    _, first, _ = draw(owned, talk.prompt(), 1)
    over.set()
    thread.join()
    return first
