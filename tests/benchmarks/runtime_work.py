"""Rows about the work itself: tokens a second, several side tasks at once, answers of a given form."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from app.models.llama import default_threads
from app.models.schema import obeys
from app.models.worker.chat import WorkerChat
from graphs import choosing_ended, guard_paths, rewriting
from graphs.errors import OutputCutError
from graphs.memory.paths import SCHEMA as KINDS
from graphs.ports import ChatMessage, Priority, Sampling
from graphs.prompts import render
from tests.benchmarks.chatter import memory_text, remark
from tests.benchmarks.runtime_figures import GO, Row, middle, seconds
from tests.benchmarks.runtime_talk import memory

STORY: Final = "Tell me a long story about a lighthouse, its keeper and the sea."
PATHS: Final = 6
SETTLE_S: Final = 1.0
"""Until a busy neighbour has been noticed."""
SHORTEST_S: Final = 0.3
"""Of a reply whose speed is measured: in less, starting and stopping weigh more than drawing."""
MOST_TIMES: Final = 3
"""So many times as long; the library itself draws the slower the longer a reply is."""
WARM: Final = 1.2
"""Temperature of the constrained answers: wilder than the program asks for."""


def speed(model: WorkerChat, most: int) -> float:
    """Tokens a second of a reply, its first one left out."""
    begun, count, cut = 0.0, 0, False
    prompt = [ChatMessage("user", STORY)]
    for chunk in model.stream(prompt, Sampling(0.7, most, 3), stop=GO):
        begun = begun or time.perf_counter()
        count += chunk.finish is None
        cut = chunk.finish == "length"
    return _tokens(count, most, cut=cut) / (time.perf_counter() - begun)


def _tokens(pieces: int, most: int, *, cut: bool) -> int:
    """Tokens of a reply after its first: by random weights a piece may hold several."""
    return (most if cut else pieces) - 1


def after_a_rest(model: WorkerChat, most: int) -> float:
    """The same, once the threads of the library, which ran just before, no longer look like a neighbour."""
    time.sleep(SETTLE_S)
    return speed(model, most)


def bare_speed(file: Path, most: int) -> Callable[[int], float]:
    """The same by llama-cpp-python itself, with so many threads."""
    import llama_cpp

    llama: Any = llama_cpp.Llama(str(file), n_ctx=2048, verbose=False)
    prompt = [{"role": "user", "content": STORY}]

    def measure(threads: int) -> float:
        begun, count, cut = 0.0, 0, False
        llama_cpp.llama_set_n_threads(llama.ctx, threads, default_threads())
        for piece in llama.create_chat_completion(
            prompt, stream=True, max_tokens=most, temperature=0.7, seed=3
        ):
            if piece["choices"][0]["delta"].get("content"):
                begun = begun or time.perf_counter()
                count += 1
            cut = piece["choices"][0]["finish_reason"] == "length"
        return _tokens(count, most, cut=cut) / (time.perf_counter() - begun)

    return measure


def speeds(model: WorkerChat, file: Path, repeats: int, most: int) -> dict[str, Row]:
    """Replies against the bare library, and beside a program that keeps one core busy, turn by turn.

    `most` is tokens of a reply, and more where a model draws so many in no time. The library takes half of
    the cores by itself; it counts with as many as are best for it.
    """
    most = min(MOST_TIMES * most, max(most, round(SHORTEST_S * speed(model, most))))
    bare = bare_speed(file, most)
    own_choice = max(1, (os.cpu_count() or 1) // 2)
    ours: list[float] = []
    theirs: dict[int, list[float]] = {own_choice: [], default_threads(): []}
    idle: list[float] = []
    beside: list[float] = []
    for place in range(repeats):
        if place % 2:
            ours.append(after_a_rest(model, most))
        for threads, found in theirs.items():
            found.append(bare(threads))
        if not place % 2:
            ours.append(after_a_rest(model, most))
    with neighbour() as busy:
        for _ in range(repeats):
            idle.append(speed(model, most))
            with busy():
                beside.append(speed(model, most))
    best = max(theirs.values(), key=middle)
    figures = {"tokens_per_s": round(middle(ours), 1)} | {
        f"bare_{threads}_threads": round(middle(found), 1) for threads, found in theirs.items()
    }
    against = middle([one / other for one, other in zip(ours, best, strict=True)])
    held = middle([one / other for one, other in zip(beside, idle, strict=True)])
    return {
        "reply_speed": Row(against, 0.97, at_most=False, beside=figures),
        "busy_core": Row(held, 0.6, at_most=False, beside={"tokens_per_s": round(middle(beside), 1)}),
    }


@contextmanager
def neighbour() -> Iterator[Callable[[], Any]]:
    """Another program that keeps a core busy whenever it is let."""
    other = multiprocessing.get_context("spawn").Process(target=spin, daemon=True)
    other.start()
    assert other.pid is not None
    process = other.pid
    os.kill(process, signal.SIGSTOP)

    @contextmanager
    def busy() -> Iterator[None]:
        os.kill(process, signal.SIGCONT)
        time.sleep(SETTLE_S)
        try:
            yield
        finally:
            os.kill(process, signal.SIGSTOP)
            time.sleep(SETTLE_S / 2)

    try:
        yield busy
    finally:
        other.kill()
        other.join()


def spin() -> None:
    while True:
        pass


def paths(model: WorkerChat, most: int, rounds: int, *, apart: int = PATHS) -> Row:
    """Six side tasks over one beginning at once, against six that each read it, and one after another.

    Where only some of them are tried `apart`, the six are reckoned from these.
    """
    beginning = ChatMessage("system", " ".join(memory_text(number) for number in range(24)))
    prompts = [
        [beginning, ChatMessage("user", f"{memory_text(30 + number)} Who did what, in one sentence?")]
        for number in range(PATHS)
    ]
    sampling = Sampling(0.8, most, 3)

    def at_once() -> None:
        model.structured_many(prompts, rewriting.SCHEMA, sampling, stop=GO, priority=Priority.GUARD)

    def alone(number: int) -> None:
        with suppress(OutputCutError):
            model.structured(prompts[number], rewriting.SCHEMA, sampling, stop=GO, priority=Priority.GUARD)

    each: list[float] = []
    kept: list[float] = []
    for _ in range(rounds):
        forget_side(model)
        together = seconds(at_once)
        reading = 0.0
        for number in range(apart):
            forget_side(model)
            reading += seconds(lambda: alone(number))  # noqa: B023 - called at once
        each.append(reading * PATHS / apart / together)
        after = sum(seconds(lambda: alone(number)) for number in range(apart))  # noqa: B023
        kept.append(after * PATHS / apart / together)
    return Row(middle(each), 2.5, at_most=False, beside={"one_after_another": round(middle(kept), 2)})


def forget_side(model: WorkerChat) -> None:
    """Have the side lane begin with something else."""
    with suppress(OutputCutError):
        other = [ChatMessage("system", "Other."), ChatMessage("user", "Something else.")]
        model.structured(other, rewriting.SCHEMA, Sampling(0, 1, 0), stop=GO, priority=Priority.GUARD)


Form = tuple[Mapping[str, Any], Callable[[int], list[ChatMessage]]]


def forms() -> dict[str, list[Form]]:
    """Each schema that the program asks for, by module, with prompts of its kind."""

    def choice(notes: int) -> Form:
        return choosing_ended._schema(notes), lambda number: _which(number, notes)

    return {
        "graphs/rewriting.py": [(rewriting.SCHEMA, _line)],
        "graphs/guard_paths.py": [(KINDS, _note)],
        "graphs/choosing_ended.py": [choice(notes) for notes in range(1, choosing_ended.MOST + 1)],
    }


def _line(number: int) -> list[ChatMessage]:
    return rewriting._messages(memory_text(number), [memory_text(number + 1)] * (number % 2), "Ida")


def _note(number: int) -> list[ChatMessage]:
    return guard_paths.prompt(remark(number), memory(number))


def _which(number: int, notes: int) -> list[ChatMessage]:
    lines = "\n".join(f"{place}. {memory_text(number + place)}" for place in range(1, notes + 1))
    line = f"I gave that up: {memory_text(number + 1)}"
    return [ChatMessage("user", render("reflect_ended", person="Ida", notes=lines, line=line))]


def schemas(model: WorkerChat, count: int, most: int) -> Row:
    """Constrained outputs at high temperature, six at a time or alone: obeying, or reported as cut."""
    whole = cut = tried = 0
    by_module = list(forms().values())
    while tried < count:
        of_module = by_module[tried // PATHS % len(by_module)]
        schema, prompt = of_module[tried // PATHS // len(by_module) % len(of_module)]
        numbers = range(tried, min(tried + PATHS, count))
        answers = _answers(model, [prompt(number) for number in numbers], schema, Sampling(WARM, most, tried))
        cut += sum(answer is None for answer in answers)
        whole += sum(answer is not None and obeys(answer, schema) for answer in answers)
        tried += len(numbers)
    return Row(whole + cut, count, at_most=False, beside={"whole": whole, "cut": cut})


def _answers(
    model: WorkerChat, prompts: Sequence[list[ChatMessage]], schema: Mapping[str, Any], sampling: Sampling
) -> list[dict[str, Any] | None]:
    """The first alone, the others at once."""
    alone: list[dict[str, Any] | None] = [None]
    with suppress(OutputCutError):
        alone = [model.structured(prompts[0], schema, sampling, stop=GO, priority=Priority.REFLECTION)]
    rest = model.structured_many(prompts[1:], schema, sampling, stop=GO, priority=Priority.REFLECTION)
    return alone + rest
