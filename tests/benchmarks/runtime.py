"""What a person waits for: how much is read again, and how long until the first word.

    .venv/bin/python -m tests.benchmarks.runtime --model FILE [--quick] [--json OUT]

All figures are ratios or counts of one run, since machines differ and are noisy. A turn is laid out by the
program's own prompt (graphs/memory/composing.py) and read by its own model process; between two turns what
can be read ahead is read, as the page does while a person reads and types.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.models.owner import OwnedChatModel
from app.models.schema import obeys
from app.models.worker.chat import WorkerChat
from app.paths import Paths
from app.settings import Settings
from app.wiring import build_services
from graphs.errors import OutputCutError, PreemptedError
from graphs.memory import composing
from graphs.ports import ChatMessage, Priority, Sampling
from graphs.rewriting import SCHEMA
from personas.model import Persona
from storage.records import Granularity, Memory, Trust
from tests.benchmarks.chatter import memory_text, remark

GO = threading.Event()
NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)
PERSONA = Persona(
    "mira",
    "Mira",
    description="Mira likes to know how things came about: old houses, odd words, animals with opinions.",
    personality="Curious, dry, kind. Asks one good question rather than three.",
)
WHO = composing.Speakers(PERSONA, "Ida", "benchmark")
SHOWN = 5
STORY = "Tell me a long story about a lighthouse, its keeper and the sea."


@dataclass
class Row:
    """A figure with its target; `at_most` says on which side it has to lie."""

    value: float
    target: float
    at_most: bool
    beside: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        ok = self.value <= self.target if self.at_most else self.value >= self.target
        return {"value": round(self.value, 4), "target": self.target, "ok": ok, **self.beside}


@dataclass
class Talk:
    """A conversation in the program's own layout."""

    model: WorkerChat
    reply_tokens: int
    history: list[ChatMessage] = field(default_factory=list)
    turn: int = 0

    def newest(self, turn: int) -> ChatMessage:
        facts = [memory(SHOWN * turn + place) for place in range(SHOWN)]
        return composing.newest(WHO, remark(turn), facts, [], NOON)

    def prompt(self) -> list[ChatMessage]:
        return [*composing.opening(WHO), *self.history, self.newest(self.turn)]

    def say(self) -> tuple[int, float]:
        """One turn: tokens read, and seconds until the first word; then read ahead."""
        read, first, text = draw(self.model, self.prompt(), self.reply_tokens)
        self.history += [ChatMessage("user", remark(self.turn)), ChatMessage("assistant", text or "Yes.")]
        self.turn += 1
        self.ahead()
        return read, first

    def ahead(self) -> None:
        self.model.read_ahead([*composing.opening(WHO), *self.history], stop=GO)


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


def tokens_read(model: WorkerChat, turns: int, reply_tokens: int) -> tuple[Row, Talk]:
    """Tokens read a turn beyond what is new in it, and beside it the layout with memories at the top."""
    talk, beyond, ours = Talk(model, reply_tokens), [], []
    talk.ahead()
    for turn in range(turns):
        new = model.count_tokens([talk.newest(turn)])
        read, _ = talk.say()
        ours.append(read)
        if turn >= min(5, turns // 2):
            beyond.append(read - new)
    at_top = [
        model.count_tokens([*composing.opening(WHO), *talk.history[: 2 * turn]]) for turn in range(turns)
    ]
    beside = {"read": ours, "memories_in_the_system_prompt": at_top}
    return Row(max(beyond), 32, at_most=True, beside=beside), talk


def first_words(talk: Talk, file: Path, states: Path, repeats: int) -> dict[str, Row]:
    """Time until the first word after what may have disturbed it, against undisturbed and against cold."""
    model, prompt = talk.model, talk.prompt()

    def ready() -> float:
        talk.ahead()
        return draw(model, prompt, 1)[1]

    def cold() -> float:
        model.forget()
        return draw(model, prompt, 1)[1]

    def reflected() -> float:
        talk.ahead()
        for number in range(2):
            ask(model, number)
        return draw(model, prompt, 1)[1]

    plain = median(ready, repeats)
    rows = {"ttft_after_reflection": Row(median(reflected, repeats) / plain, 1.15, at_most=True)}
    rows["ttft_during_reflection"] = Row(
        median(lambda: amid(model, talk), repeats) / plain, 1.3, at_most=True
    )
    whole = median(cold, max(1, repeats // 3))
    rows["ttft_turn40"] = Row(plain / whole, 0.12, at_most=True, beside={"cold_s": round(whole, 2)})
    talk.ahead()
    model.keep()
    again = WorkerChat(file, states=states)
    again.load()
    rows["ttft_after_restart"] = Row(draw(again, prompt, 1)[1] / whole, 0.12, at_most=True)
    again.close()
    return rows


def ask(model: Any, number: int) -> None:
    """A side task of reflection's kind."""
    rules = ChatMessage("system", "Write the note again as one sentence about Ida.")
    line = ChatMessage("user", f"Note: {memory_text(number)}")
    sampling = Sampling(0, 48, 0)
    with suppress(OutputCutError, PreemptedError):  # as reflection itself meets them
        model.structured([rules, line], SCHEMA, sampling, stop=GO, priority=Priority.REFLECTION)


def amid(model: WorkerChat, talk: Talk) -> float:
    """The first word while reflection goes on, through the one owner."""
    talk.ahead()
    owned, over = OwnedChatModel(model), threading.Event()

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


def paths(model: WorkerChat, most: int) -> Row:
    """Six side tasks over one beginning at once, against six that each read it, and one after another."""
    beginning = ChatMessage("system", " ".join(memory_text(number) for number in range(24)))
    prompts = [
        [beginning, ChatMessage("user", f"{memory_text(30 + number)} Who did what, in one sentence?")]
        for number in range(6)
    ]
    sampling = Sampling(0.8, most, 3)

    def at_once() -> None:
        forget_side(model)
        model.structured_many(prompts, SCHEMA, sampling, stop=GO, priority=Priority.GUARD)

    def each(*, again: bool) -> None:
        forget_side(model)
        for prompt in prompts:
            if again:
                forget_side(model)
            with suppress(OutputCutError):
                model.structured(prompt, SCHEMA, sampling, stop=GO, priority=Priority.GUARD)

    together = seconds(at_once)
    beside = {"one_after_another": round(seconds(lambda: each(again=False)) / together, 2)}
    return Row(seconds(lambda: each(again=True)) / together, 2.5, at_most=False, beside=beside)


def forget_side(model: WorkerChat) -> None:
    """Have the side lane begin with something else."""
    with suppress(OutputCutError):
        other = [ChatMessage("system", "Other."), ChatMessage("user", "Something else.")]
        model.structured(other, SCHEMA, Sampling(0, 1, 0), stop=GO, priority=Priority.GUARD)


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def speed(model: WorkerChat, most: int) -> float:
    """Tokens a second of a reply, its first one left out."""
    begun, count = 0.0, 0
    prompt = [ChatMessage("user", STORY)]
    for chunk in model.stream(prompt, Sampling(0.7, most, 3), stop=GO):
        begun = begun or time.perf_counter()
        count += chunk.finish is None
    return (count - 1) / (time.perf_counter() - begun)


def bare_speed(file: Path, most: int) -> Callable[[], float]:
    """The same by llama-cpp-python itself."""
    from llama_cpp import Llama

    llama: Any = Llama(str(file), n_ctx=2048, verbose=False)
    prompt = [{"role": "user", "content": STORY}]

    def measure() -> float:
        begun, count = 0.0, 0
        for piece in llama.create_chat_completion(
            prompt, stream=True, max_tokens=most, temperature=0.7, seed=3
        ):
            if piece["choices"][0]["delta"].get("content"):
                begun = begun or time.perf_counter()
                count += 1
        return (count - 1) / (time.perf_counter() - begun)

    return measure


def speeds(model: WorkerChat, file: Path, repeats: int, most: int) -> dict[str, Row]:
    """Replies against the bare library, and beside a program that keeps one core busy."""
    bare = bare_speed(file, most)
    pairs = [(speed(model, most), bare()) for _ in range(repeats)]
    idle = statistics.median(ours for ours, _ in pairs)
    with busy():
        beside = statistics.median(speed(model, most) for _ in range(repeats))
    figures = {"tokens_per_s": round(idle, 1), "bare": round(statistics.median(b for _, b in pairs), 1)}
    return {
        "reply_speed": Row(statistics.median(o / b for o, b in pairs), 0.97, at_most=False, beside=figures),
        "busy_core": Row(beside / idle, 0.6, at_most=False, beside={"tokens_per_s": round(beside, 1)}),
    }


@contextmanager
def busy() -> Iterator[None]:
    """Another program at full speed on one core."""
    other = multiprocessing.get_context("spawn").Process(target=spin, daemon=True)
    other.start()
    time.sleep(1)
    yield
    other.kill()
    other.join()


def spin() -> None:
    while True:
        pass


def schemas(model: WorkerChat, count: int) -> Row:
    """Constrained outputs at high temperature: whole and obeying, or reported as cut."""
    good = 0
    for number in range(count):
        try:
            answer = model.structured(
                [ChatMessage("user", memory_text(number))],
                SCHEMA,
                Sampling(1.2, 96, number),
                stop=GO,
                priority=Priority.REFLECTION,
            )
            good += obeys(answer, SCHEMA)
        except OutputCutError:
            good += 1
    return Row(good, count, at_most=False)


def crashes(file: Path, folder: Path, count: int, memories: int) -> tuple[dict[str, Row], dict[str, float]]:
    """The whole program without its page: crashes in the middle of a reply, and where its time goes."""
    services = build_services(Paths(folder).create(), Settings(), model=str(file))
    try:
        persona = services.personas.list()[0]
        for number in range(memories):
            services.memories.add(persona.id, memory_text(number))
        services.index.open()
        conversation = services.chat.latest(persona.id).id
        stages = stage_times(services, conversation)
        clear = kept = fine = 0
        for number in range(count):
            said = f"{remark(number)} ({number})"
            ended = crash_in(services, conversation, said)
            clear += "broke down" in ended
            path = services.chat.open(conversation)
            kept += any(view.text == said for view in path)
            fine += any(type(event).__name__ == "Finished" for event in services.chat.retry(conversation))
        before = sum(stages[name] for name in ("recall", "guard", "compose") if name in stages)
        whole = {"clear": clear, "kept": kept, "next_fine": fine}
        return {
            "crashes": Row(min(clear, kept, fine), count, at_most=False, beside=whole),
            "before_first_token_ms": Row(before, 60, at_most=True),
        }, stages
    finally:
        services.close()


def stage_times(services: Any, conversation: str) -> dict[str, float]:
    """Median milliseconds by stage over some turns."""
    for number in range(6):
        list(services.chat.send(conversation, remark(number)))
    views = services.chat.open(conversation)
    timings = [services.chat.why(view.id).timing for view in views if view.role == "assistant"][-5:]
    names = {name for timing in timings for name in timing}
    return {name: statistics.median(timing.get(name, 0.0) for timing in timings) for name in sorted(names)}


def crash_in(services: Any, conversation: str, said: str) -> str:
    """Say something and kill the model's process at its first word; what the person is told."""
    told = ""
    for event in services.chat.send(conversation, said):
        if type(event).__name__ == "Token" and not told:
            os.kill(services.models.model()._model.pid, 11)
            told = "killed"
        if type(event).__name__ == "Failed":
            return str(event.message)
    return told


def median(measure: Callable[[], float], repeats: int) -> float:
    return statistics.median(measure() for _ in range(repeats))


def run(file: Path, *, quick: bool) -> dict[str, Any]:
    """All rows."""
    turns, repeats, most = (10, 3, 48) if quick else (40, 5, 96)
    rows: dict[str, Row] = {}
    with TemporaryDirectory() as folder:
        states = Path(folder, "states")
        model = WorkerChat(file, states=states)
        model.load()
        rows["tokens_read_flat"], talk = tokens_read(model, turns, 12 if quick else 40)
        rows |= first_words(talk, file, states, repeats)
        rows |= speeds(model, file, repeats, most)
        rows["batch_paths"] = paths(model, 24 if quick else 40)
        rows["schema"] = schemas(model, 20 if quick else 1_000)
        model.close()
        made, stages = crashes(file, Path(folder, "data"), 5 if quick else 100, 200 if quick else 5_000)
    rows |= made
    return {
        "model": file.stem,
        "rows": {name: row.as_json() for name, row in rows.items()},
        "stages": stages,
        "load": os.getloadavg()[0],
    }


def show(result: dict[str, Any]) -> None:
    print(f"{result['model']}, load {result['load']:.1f}")
    for name, row in result["rows"].items():
        print(f"{name:26s}{row['value']:10.3f}  target {row['target']:<8} {'ok' if row['ok'] else 'MISSED'}")
    whole = sum(result["stages"].values()) or 1.0
    for name, spent in result["stages"].items():
        print(f"  {name:20s}{spent:9.1f} ms {spent / whole:6.1%}")


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, help="a GGUF file; without one, random weights")
    parser.add_argument("--quick", action="store_true", help="fewer turns and repeats")
    parser.add_argument("--json", type=Path, help="write the figures here")
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        result = run(arguments.model or random_model(Path(folder)), quick=arguments.quick)
    show(result)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


def random_model(folder: Path) -> Path:
    """A small model of random weights."""
    from tests.fakes import tiny_gguf

    return tiny_gguf.build(folder / "random.gguf", context=8192)


if __name__ == "__main__":
    main()
