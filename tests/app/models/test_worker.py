import itertools
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.models.worker.chat import WorkerChat
from app.models.worker.process import WorkerLostError
from graphs.errors import ModelError, OutputCutError, PreemptedError, PromptTooLongError
from graphs.ports import ChatMessage, Priority, Sampling
from tests.fakes import tiny_gguf

Make = Callable[..., WorkerChat]
GO = threading.Event()
SAY = [ChatMessage("user", "Where does Ana live?")]
STEADY = Sampling(temperature=0.8, max_tokens=24, seed=11)
LONG = Sampling(temperature=0.8, max_tokens=900, seed=5)
FORM: dict[str, Any] = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}


@pytest.fixture
def worker(tiny_file: Path) -> Iterator[Make]:
    made: list[WorkerChat] = []

    def make(path: Path = tiny_file, *, context_tokens: int = 1024) -> WorkerChat:
        made.append(WorkerChat(path, context_tokens=context_tokens, threads=1))
        return made[-1]

    yield make
    for model in made:
        model.close()


def reply(model: WorkerChat, sampling: Sampling = STEADY) -> list[str]:
    return [chunk.text for chunk in model.stream(SAY, sampling, stop=GO)]


def pid(model: WorkerChat) -> int:
    assert model.pid is not None
    return model.pid


def gone(process: int) -> bool:
    """Whether a process has ended; one that nobody has taken note of counts as well."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_it_starts_when_first_needed(worker: Make) -> None:
    model = worker()
    assert (model.pid, model.info.name) == (None, "tiny")
    model.load()
    assert pid(model) != os.getpid()


def test_a_reply_streams_and_ends_as_in_process(worker: Make, chat: Make) -> None:
    here = [chunk.text for chunk in chat().stream(SAY, STEADY, stop=GO)]
    assert reply(worker()) == here


def test_progress_crosses(worker: Make) -> None:
    told: list[str] = []
    list(worker().stream(SAY, STEADY, stop=GO, progress=lambda name, _share: told.append(name)))
    assert told[0] == "loading"
    assert told[-1] == "reading"


def test_structured_output_crosses(worker: Make) -> None:
    answer = worker().structured(SAY, FORM, Sampling(0.8, 60, 3), stop=GO, priority=Priority.GUARD)
    assert answer["ok"] in {True, False}


def test_many_answers_cross(worker: Make) -> None:
    answers = worker().structured_many(
        [SAY, SAY], FORM, Sampling(0.8, 60, 3), stop=GO, priority=Priority.GUARD
    )
    assert [set(answer or {}) for answer in answers] == [{"ok"}, {"ok"}]


def test_errors_keep_their_kind(worker: Make) -> None:
    model = worker(context_tokens=256)
    with pytest.raises(PromptTooLongError, match="too long for the model"):
        list(model.stream([ChatMessage("user", "a" * 500)], STEADY, stop=GO))
    with pytest.raises(OutputCutError):
        model.structured(SAY, FORM, Sampling(0.8, 1, 3), stop=GO, priority=Priority.GUARD)
    already = threading.Event()
    already.set()
    with pytest.raises(PreemptedError):
        model.structured(SAY, FORM, STEADY, stop=already, priority=Priority.GUARD)


def test_a_schema_that_would_crash_is_refused_and_the_process_lives(worker: Make) -> None:
    model = worker()
    model.load()
    before = pid(model)
    bad = {"type": "object", "properties": {"x": {"enum": []}}, "required": ["x"]}
    with pytest.raises(ModelError):
        model.structured(SAY, bad, STEADY, stop=GO, priority=Priority.GUARD)
    assert reply(model)
    assert pid(model) == before


def test_stop_ends_a_reply_and_nothing_more_is_said(worker: Make) -> None:
    stop = threading.Event()
    said = []
    for chunk in worker().stream(SAY, LONG, stop=stop):
        said.append(chunk)
        stop.set()
    assert len(said) == 2
    assert said[-1].finish == "stopped"


def test_a_caller_who_goes_away_leaves_the_model_free(worker: Make) -> None:
    model = worker()
    reading = model.stream(SAY, LONG, stop=GO)
    next(reading)
    reading.close()  # type: ignore[attr-defined]
    assert reply(model)


def test_counting_goes_on_beside_a_reply_and_is_remembered(worker: Make) -> None:
    model = worker()
    going = model.stream(SAY, LONG, stop=GO)
    next(going)
    assert model.count_tokens(SAY) == model.count_tokens(list(SAY)) > len(SAY[0].content)
    going.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("killed_by", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_crash_costs_one_reply(worker: Make, killed_by: signal.Signals, caplog: Any) -> None:
    model = worker()
    with caplog.at_level(logging.CRITICAL):
        told = crash(model, killed_by)
    assert killed_by.name in str(told)
    assert "starts again by itself" in told.hint
    assert reply(model)


def crash(model: WorkerChat, killed_by: signal.Signals) -> WorkerLostError:
    """What is said of a crash in the middle of a reply; on a busy machine a reply may be over before it."""
    for _ in range(50):
        going = model.stream(SAY, LONG, stop=GO)
        assert next(going).text
        os.kill(pid(model), killed_by)
        try:
            list(going)
        except WorkerLostError as error:
            return error
    raise AssertionError


def test_a_crash_between_two_replies_is_not_noticed(worker: Make) -> None:
    model = worker()
    first = reply(model)
    process = pid(model)
    os.kill(process, signal.SIGKILL)
    while not gone(process):
        pass
    assert reply(model) == first


def test_whoever_waited_is_served_by_the_next_life(worker: Make, caplog: Any) -> None:
    model = worker()
    going = model.stream(SAY, LONG, stop=GO)
    next(going)
    os.kill(pid(model), signal.SIGSTOP)  # else the reply may be whole before it is cut off
    said: list[list[str]] = []
    asking = threading.Thread(target=lambda: said.append(reply(model)))
    asking.start()
    with caplog.at_level(logging.CRITICAL):
        while len(model._worker._running.calls) < 2:  # type: ignore[union-attr]
            pass
        os.kill(pid(model), signal.SIGKILL)
        asking.join()
        with pytest.raises(WorkerLostError):
            list(going)
    assert said == [reply(worker())]


def test_a_closed_model_answers_no_more_and_its_process_is_gone(worker: Make) -> None:
    model = worker()
    model.load()
    process = pid(model)
    model.close()
    assert gone(process)
    with pytest.raises(ModelError, match="put away"):
        reply(model)


def test_the_process_ends_with_the_program(tiny_file: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from app.models.worker.chat import WorkerChat;"
        "model = WorkerChat(Path(sys.argv[1]), threads=1); model.load(); print(model.pid, flush=True);"
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tiny_file], check=False, capture_output=True, text=True
    )
    process = int(done.stdout)
    for _ in range(1_000_000):
        if gone(process):
            break
    assert gone(process)


def test_a_file_that_is_no_chat_model_is_refused_without_a_process(tmp_path: Path) -> None:
    no_template = tiny_gguf.build(tmp_path / "mute.gguf", template=None)
    with pytest.raises(ModelError, match="no chat template"):
        WorkerChat(no_template)


def test_half_characters_in_a_prompt_do_not_matter(worker: Make) -> None:
    assert list(worker().stream([ChatMessage("user", "broken \ud83d half")], STEADY, stop=GO))


def test_a_thought_crosses_as_one_and_makes_its_model_known_for_thinking(tmp_path: Path) -> None:
    opens = tiny_gguf.CHATML.replace("assistant\n", "assistant\n{{ '<thi' + 'nk>' }}\n")
    model = WorkerChat(tiny_gguf.build(tmp_path / "tiny.gguf", template=opens), context_tokens=320, threads=1)
    assert not model.info.thinks
    chunks = list(model.stream([ChatMessage("user", "Hello.")], Sampling(1.0, 20, 3), stop=threading.Event()))
    assert [kind for kind, _ in itertools.groupby(chunk.kind for chunk in chunks)] == ["thought", "said"]
    assert model.info.thinks
    model.close()
