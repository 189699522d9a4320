"""Order is made certain with gates that a test opens, never with time."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.models.llama import LlamaChat
from app.models.none import NoModel
from app.models.owner import OwnedChatModel
from graphs.errors import ModelError, PreemptedError
from graphs.ports import ChatMessage, Chunk, ModelInfo, Priority, Progress, Sampling, Skill, Stop

ASK = [ChatMessage("user", "hi")]
SAMPLING = Sampling(0.7, 10)
GO = threading.Event()
WAIT_S = 20


class GatedModel:
    """Says one word, then waits at its gate; notes who came in which order, and that nobody overlaps."""

    def __init__(self, name: str = "gated") -> None:
        self.info = ModelInfo(name, Skill.WRITES, 100)
        self.gate = threading.Event()
        self.entered = threading.Semaphore(0)
        self.order: list[str] = []
        self.running = 0
        self.most_running = 0
        self.closed = False
        self.done: list[str] = []

    def load(self, *, progress: Progress | None = None, stop: Stop | None = None) -> None: ...

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
        return len(messages)

    def stream(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority = Priority.PERSON,
        progress: Progress | None = None,
    ) -> Iterator[Chunk]:
        assert not self.closed
        self.running += 1
        self.most_running = max(self.running, self.most_running)
        self.order.append(messages[0].content)
        try:
            yield Chunk("one ")
            self.entered.release()
            while not self.gate.wait(0.005):
                if stop.is_set():
                    yield Chunk("", "stopped")
                    return
            yield Chunk("two", "stop")
        finally:
            self.running -= 1

    def structured(
        self,
        messages: Sequence[ChatMessage],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority,
    ) -> dict[str, Any]:
        chunks = list(self.stream(messages, sampling, stop=stop))
        if chunks[-1].finish == "stopped":
            raise PreemptedError("stopped")
        return {"order": len(self.order)}

    def structured_many(
        self,
        prompts: Sequence[Sequence[ChatMessage]],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority,
    ) -> list[dict[str, Any] | None]:
        return [
            self.structured(messages, schema, sampling, stop=stop, priority=priority) for messages in prompts
        ]

    def read_ahead(self, messages: Sequence[ChatMessage], *, stop: Stop, later: bool = False) -> None:
        self.done.append("read later" if later else "read ahead")

    def keep(self) -> None:
        self.done.append("keep")

    def forget(self) -> None:
        self.done.append("forget")

    def close(self) -> None:
        assert self.running == 0
        self.closed = True


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as executor:
        yield executor


def says(name: str) -> list[ChatMessage]:
    return [ChatMessage("user", name)]


class Desk:
    """An owned gated model, and calls to it from threads."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.model = GatedModel()
        self.owned = OwnedChatModel(self.model)
        self.pool = pool

    def ask(
        self,
        name: str,
        priority: Priority = Priority.PERSON,
        stop: Stop = GO,
        progress: Progress | None = None,
    ) -> "Future[list[Chunk]]":
        def work() -> list[Chunk]:
            return list(
                self.owned.stream(says(name), SAMPLING, stop=stop, priority=priority, progress=progress)
            )

        return self.pool.submit(work)

    def ask_and_wait(self, name: str, priority: Priority = Priority.PERSON) -> "Future[list[Chunk]]":
        """Ask, and come back when it waits in the queue."""
        waits = threading.Event()
        future = self.ask(name, priority, progress=lambda _phase, _share: waits.set())
        assert waits.wait(WAIT_S)
        return future

    def is_running(self) -> None:
        assert self.model.entered.acquire(timeout=WAIT_S)


@pytest.fixture
def desk(pool: ThreadPoolExecutor) -> Desk:
    return Desk(pool)


def finish(future: "Future[list[Chunk]]") -> str | None:
    return future.result(WAIT_S)[-1].finish


def test_waiting_calls_are_served_by_priority_then_by_order(desk: Desk) -> None:
    first = desk.ask("first")
    desk.is_running()
    rest = [
        desk.ask_and_wait("reflection", Priority.REFLECTION),
        desk.ask_and_wait("guard", Priority.GUARD),
        desk.ask_and_wait("person a"),
        desk.ask_and_wait("person b"),
    ]
    assert desk.owned.waiting == 4
    desk.model.gate.set()
    assert [finish(future) for future in [first, *rest]] == ["stop"] * 5
    assert desk.model.order == ["first", "person a", "person b", "guard", "reflection"]
    assert desk.model.most_running == 1


def test_person_preempts_reflection(desk: Desk) -> None:
    reflection = desk.ask("reflection", Priority.REFLECTION)
    desk.is_running()
    person = desk.ask("person")
    with pytest.raises(PreemptedError):
        reflection.result(WAIT_S)
    desk.is_running()
    desk.model.gate.set()
    assert finish(person) == "stop"


def test_person_preempts_a_structured_reflection(desk: Desk) -> None:
    reflection = desk.pool.submit(
        lambda: desk.owned.structured(says("r"), {}, SAMPLING, stop=GO, priority=Priority.REFLECTION)
    )
    desk.is_running()
    person = desk.ask("person")
    with pytest.raises(PreemptedError):
        reflection.result(WAIT_S)
    desk.model.gate.set()
    assert finish(person) == "stop"


def test_person_does_not_interrupt_another_person(desk: Desk) -> None:
    first = desk.ask("first")
    desk.is_running()
    second = desk.ask_and_wait("second")
    desk.model.gate.set()
    assert (finish(first), finish(second)) == ("stop", "stop")


def test_reflection_stopped_by_its_own_stop_is_not_preempted(desk: Desk) -> None:
    stop = threading.Event()
    reflection = desk.ask("reflection", Priority.REFLECTION, stop)
    desk.is_running()
    stop.set()
    assert finish(reflection) == "stopped"


def test_stop_ends_the_wait(desk: Desk) -> None:
    stop = threading.Event()
    first = desk.ask("first")
    desk.is_running()
    waits = threading.Event()
    second = desk.ask("second", stop=stop, progress=lambda _phase, _share: waits.set())
    assert waits.wait(WAIT_S)
    stop.set()
    assert finish(second) == "stopped"
    desk.model.gate.set()
    assert finish(first) == "stop"
    assert desk.model.order == ["first"]


def test_who_need_not_wait_is_not_told_to(desk: Desk) -> None:
    told: list[str] = []
    desk.model.gate.set()
    finish(desk.ask("only", progress=lambda phase, _share: told.append(phase)))
    assert told == []


def test_closed_generator_gives_its_turn_back(desk: Desk) -> None:
    stream = desk.owned.stream(says("left"), SAMPLING, stop=GO)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    desk.model.gate.set()
    assert finish(desk.ask("next")) == "stop"


def test_failed_call_gives_its_turn_back() -> None:
    owned = OwnedChatModel(NoModel())
    for _ in range(2):
        with pytest.raises(ModelError, match="No language model is chosen"):
            list(owned.stream(ASK, SAMPLING, stop=GO))


def test_swap_waits_for_a_reply_and_closes_the_old_model(desk: Desk) -> None:
    successor = GatedModel("new")
    reply = desk.ask("person")
    desk.is_running()
    swap = desk.pool.submit(desk.owned.swap, successor)
    assert not desk.model.closed
    desk.model.gate.set()
    assert finish(reply) == "stop"
    swap.result(WAIT_S)
    assert desk.model.closed
    assert desk.owned.info.name == "new"


def test_swap_makes_a_reflection_give_way(desk: Desk) -> None:
    reflection = desk.ask("reflection", Priority.REFLECTION)
    desk.is_running()
    desk.pool.submit(desk.owned.swap, GatedModel("new")).result(WAIT_S)
    with pytest.raises(PreemptedError):
        reflection.result(WAIT_S)


def test_swap_at_once_ends_a_reply_as_if_stopped(desk: Desk) -> None:
    reply = desk.ask("person")
    desk.is_running()
    desk.pool.submit(lambda: desk.owned.swap(GatedModel("new"), at_once=True)).result(WAIT_S)
    assert finish(reply) == "stopped"
    assert desk.model.closed


def test_who_waited_gets_the_new_model(desk: Desk) -> None:
    successor = GatedModel("new")
    successor.gate.set()
    first = desk.ask("first")
    desk.is_running()
    desk.ask_and_wait("second")
    swap = desk.pool.submit(desk.owned.swap, successor)
    while desk.owned.waiting < 2:  # the swap goes before those who wait
        desk.model.gate.wait(0.005)
    desk.model.gate.set()
    swap.result(WAIT_S)
    assert finish(first) == "stop"
    assert finish(desk.ask("third")) == "stop"
    assert successor.order == ["second", "third"]


def test_real_model_is_swapped_while_it_replies(
    chat: Callable[..., LlamaChat], pool: ThreadPoolExecutor, tiny_file: Path
) -> None:
    owned = OwnedChatModel(chat(tiny_file))
    begun = threading.Event()

    def reply() -> str | None:
        last = None
        for chunk in owned.stream(ASK, Sampling(0.8, 900, 4), stop=GO):
            begun.set()
            last = chunk.finish
        return last

    replying = pool.submit(reply)
    assert begun.wait(WAIT_S)
    owned.swap(chat(tiny_file), at_once=True)
    assert replying.result(WAIT_S) in {"stopped", "stop", "length"}
    assert owned.count_tokens(ASK) > 0
    owned.close()


def test_what_was_read_is_kept_before_a_model_is_put_away(desk: Desk) -> None:
    desk.owned.close()
    assert desk.model.done == ["keep"]


def test_a_talk_is_forgotten_before_anything_else_is_done(desk: Desk) -> None:
    desk.owned.forget()
    assert not desk.model.done
    desk.owned.keep(GO)
    desk.owned.keep(GO)
    assert desk.model.done == ["forget", "keep", "keep"]


def test_reading_ahead_is_nothing_for_whoever_has_stopped(desk: Desk) -> None:
    stopped = threading.Event()
    stopped.set()
    desk.owned.read_ahead(ASK, stop=stopped)
    assert not desk.model.done
    desk.owned.read_ahead(ASK, stop=GO)
    desk.owned.read_ahead(ASK, stop=GO, later=True)
    assert desk.model.done == ["read ahead", "read later"]
