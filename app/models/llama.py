"""A chat model in this process, through llama.cpp."""

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from app.models import thoughts
from app.models.beginnings import Beginnings
from app.models.branches import Begun, Branch, draw_all
from app.models.drawing import Drawing
from app.models.engine import BRANCHES, SIDE_TOKENS, Lane, shared
from app.models.gguf_file import GgufInfo, read_info
from app.models.loaded import Loaded, Wishes, load
from app.models.native import ALL_LAYERS, NativeModel
from app.models.schema import grammar as grammar_of
from app.models.states import FEWEST_TOKENS, States
from graphs.errors import ModelError, OutputCutError, PreemptedError, PromptTooLongError
from graphs.ports import ChatMessage, Chunk, ModelInfo, Priority, Progress, Sampling, Skill, Stop

DEFAULT_CONTEXT = 4096
LEAST_REPLY = 64
"""Tokens that must be left for a reply, or the prompt counts as too long."""
WRITES_FROM_PARAMETERS = 1_000_000_000
"""The smallest tried that rewrites lines rightly has 1.5 billion; one of 0.5 mixes up who spoke, and the
starter of 0.135 repeats a session's first line for everything."""
_MOST_THREADS = 8


def skill_of(parameters: int) -> Skill:
    """What a model of this size is to be trusted with."""
    return Skill.WRITES if parameters >= WRITES_FROM_PARAMETERS else Skill.QUOTES


def default_threads() -> int:
    """About one a physical core: a second one on the same core only gets in the way."""
    cores = os.cpu_count() or 1
    return max(1, min(_MOST_THREADS, cores if cores <= 4 else cores // 2))  # noqa: PLR2004


def info_of(file: GgufInfo, name: str, context_tokens: int, *, thinking: bool) -> ModelInfo:
    """What is known of a model from its file."""
    return ModelInfo(
        name=name or file.path.stem,
        skill=skill_of(file.parameters),
        context_tokens=min(context_tokens, file.context_tokens),
        thinks=thoughts.thinks(file.chat_template, wanted=thinking),
        rereads=file.recurrent,
        at_once=BRANCHES,
    )


class LlamaChat:
    """A ChatModel over a GGUF file; loads on first use; one call runs at a time."""

    def __init__(
        self,
        path: Path,
        *,
        now: Callable[[], datetime],
        name: str = "",
        context_tokens: int = DEFAULT_CONTEXT,
        threads: int | None = None,
        states: Path | None = None,
        thinking: bool = False,
        gpu_layers: int = ALL_LAYERS,
    ) -> None:
        """`states` is the folder for what it has read of conversations; None keeps nothing of it.

        With `thinking` a model that can choose thinks before it replies; `gpu_layers` go to the graphics
        card, where llama.cpp knows one.

        Raises ModelError where the file is no chat model that can be run.
        """
        self._file = checked(path)
        self._states = States(states, path) if states else None
        self._beginnings = Beginnings(states, path) if states else None
        self._saved: list[int] = []
        """What of the talk is on the disk."""
        self._begun = Begun()
        self._now = now
        self._wishes = Wishes(
            context_tokens=min(context_tokens, self._file.context_tokens),
            threads=threads or default_threads(),
            thinking=thinking,
            gpu_layers=gpu_layers,
        )
        self._info = info_of(self._file, name, context_tokens, thinking=thinking)
        self._running = threading.Lock()
        self._state = threading.RLock()
        self._loaded: Loaded | None = None
        self._closed = False

    @property
    def info(self) -> ModelInfo:
        """What is known without loading it."""
        return self._info

    def load(self, *, progress: Progress | None = None, stop: Stop | None = None) -> None:
        """Load the model now rather than on first use.

        Raises ModelError.
        """
        self._ready(progress, stop)

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
        """The length of the rendered prompt in tokens."""
        with self._state:
            return len(self._ready().prompt(messages))

    def stream(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority = Priority.PERSON,
        progress: Progress | None = None,
    ) -> Iterator[Chunk]:
        """Generate a reply; ends within a token of `stop`.

        Raises ModelError, PromptTooLongError.
        """
        lane = Lane.TALK if priority is Priority.PERSON else Lane.SIDE
        return self._generate(messages, sampling, lane=lane, stop=stop, progress=progress)

    def structured(
        self,
        messages: Sequence[ChatMessage],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority,  # noqa: ARG002
    ) -> dict[str, Any]:
        """A JSON object that obeys `schema`.

        Raises OutputCutError where the token limit cut it, PreemptedError where `stop` did, else as `stream`.
        """
        rules = grammar_of(schema)
        chunks = list(self._generate(messages, sampling, lane=Lane.SIDE, stop=stop, rules=rules))
        return parsed("".join(chunk.text for chunk in chunks), chunks[-1].finish)

    def structured_many(
        self,
        prompts: Sequence[Sequence[ChatMessage]],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority,
    ) -> list[dict[str, Any] | None]:
        """An object for each prompt, None where the token limit cut it; what they begin with is read once.

        What the guard's begin with, all but the last message, is kept, since it is the same for every reply.
        Asked for the same once more after it was stopped, it goes on where it was.

        Raises PreemptedError where `stop` ended it, else as `stream`.
        """
        rules = grammar_of(schema)
        with self._running:
            loaded = self._ready(stop=stop)
            rendered = [loaded.prompt(messages, thoughtless=True) for messages in prompts]
            if priority is Priority.GUARD and self._beginnings and prompts:
                beginning = rendered[0][: loaded.lasting(prompts[0])]
                rereads = self._info.rereads
                self._beginnings.take_up(loaded.engine, beginning, stop=stop, rereads=rereads)
            found = (
                draw_all(loaded.engine, loaded.model, rendered, sampling, rules, stop=stop, begun=self._begun)
                if rendered
                else []
            )
        if found is None:
            raise PreemptedError("The answers were stopped before they were whole.", "Try again later.")
        return [_answer(loaded.model, branch) for branch in found]

    def read_ahead(self, messages: Sequence[ChatMessage], *, stop: Stop, later: bool = False) -> None:
        """Read what the next prompt begins with, if the model is loaded; ends soon after `stop`.

        What a `later` one begins with is read in the lane of side work, where it fits beside the talk, and
        held until that lane is needed for something else.
        """
        with self._running:
            loaded = self._loaded
            if loaded is None or self._closed:
                return
            prompt = loaded.prompt(messages)
            if later:
                if not self._info.rereads and loaded.engine.fits_beside_talk(len(prompt)):
                    loaded.engine.read(prompt, lane=Lane.SIDE, stop=stop)
            elif len(prompt) + LEAST_REPLY < self._info.context_tokens:
                self._turn_to(loaded, prompt)
                loaded.engine.read(prompt, lane=Lane.TALK, stop=stop)

    def keep(self) -> None:
        """Put on the disk what has been read of the talk, where that is not there yet."""
        with self._running:
            if self._loaded and not self._closed:
                self._save(self._loaded)

    def forget(self) -> None:
        """Forget what has been read of any talk, on the disk as well."""
        with self._running:
            self._saved = []
            self._begun.forget()
            if self._loaded and not self._closed:
                self._loaded.engine.forget()
            if self._states:
                self._states.drop()

    def close(self) -> None:
        """Free the memory for good, after the call that runs."""
        with self._running, self._state:
            self._closed = True
            if self._loaded:
                self._loaded.engine.close()
                self._loaded.model.close()
                self._loaded = None

    def _generate(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        *,
        lane: Lane,
        stop: Stop,
        progress: Progress | None = None,
        rules: str | None = None,
    ) -> Iterator[Chunk]:
        with self._running:
            try:
                loaded = self._ready(progress, stop)
            except ModelError:
                if not stop.is_set():
                    raise
                yield Chunk("", "stopped")
                return
            prompt = loaded.prompt(messages, thoughtless=rules is not None)
            room = self._room(lane) - len(prompt)
            if room < LEAST_REPLY:
                raise PromptTooLongError(
                    f"The message is too long for the model: {len(prompt)} tokens, and it holds "
                    f"{self._room(lane)}.",
                    "Shorten the message, or let models read more (on the model page).",
                )
            if lane is Lane.TALK:
                self._turn_to(loaded, prompt)
            if not loaded.engine.read(prompt, lane=lane, stop=stop, progress=progress):
                yield Chunk("", "stopped")
                return
            drawing = Drawing(
                loaded.engine,
                loaded.model,
                marks=loaded.marks,
                encode=loaded.encode,
                form=None if rules else loaded.opened(messages),
                most=sampling.max_tokens,
                room=room,
            )
            with loaded.engine.drawing(sampling, rules) as draw:
                yield from drawing.chunks(draw, stop)

    def _room(self, lane: Lane) -> int:
        whole = self._info.context_tokens
        return whole if lane is Lane.TALK else min(whole, SIDE_TOKENS)

    def _turn_to(self, loaded: Loaded, prompt: Sequence[int]) -> None:
        """Save another conversation before it is forgotten, and load what is saved of this one."""
        held = loaded.engine.held(Lane.TALK)
        here = shared(held, prompt)
        if 2 * here < len(held):
            self._save(loaded)
        if shared(loaded.engine.held(Lane.SIDE), prompt) >= here + FEWEST_TOKENS:
            loaded.engine.take_over()
            here = shared(held, prompt)
        if self._states is None or len(prompt) - here < FEWEST_TOKENS:
            return
        found = self._states.best(prompt)
        if found is None or found[1] < here + FEWEST_TOKENS:
            return
        if loaded.engine.load(found[0].path, len(found[0].tokens)):
            self._saved = list(held)
        else:
            self._states.forget(found[0])

    def _save(self, loaded: Loaded) -> None:
        held = loaded.engine.held(Lane.TALK)
        if self._states is None or len(held) < FEWEST_TOKENS or held == self._saved:
            return
        if self._states.keep(held, loaded.engine.save):
            self._saved = list(held)

    def _ready(self, progress: Progress | None = None, stop: Stop | None = None) -> Loaded:
        if progress and self._loaded is None:
            progress("loading", 0.0)
        with self._state:
            if self._closed:
                raise ModelError(f"{self._info.name} was put away.", "Try again with the model chosen now.")
            if self._loaded is None:
                self._loaded = self._load(progress, stop)
            return self._loaded

    def _load(self, progress: Progress | None, stop: Stop | None) -> Loaded:
        return load(self._file, self._wishes, now=self._now, progress=progress, stop=stop)


def checked(path: Path) -> GgufInfo:
    """What the file says of itself.

    Raises ModelError where it is no chat model that can be run.
    """
    info = read_info(path)
    if info.pooling is not None:
        raise ModelError(f"{path.name} is an embedding model; it cannot chat.", "Choose a chat model.")
    if not info.chat_template:
        raise ModelError(
            f"{path.name} has no chat template, so it does not say how to talk to it.",
            "Choose a model whose name ends in Instruct or Chat.",
        )
    return info


def _answer(model: NativeModel, branch: Branch) -> dict[str, Any] | None:
    text = b"".join(map(model.piece, branch.drawn)).decode("utf-8", "replace")
    try:
        return parsed(text, branch.finish)
    except OutputCutError:
        return None


def parsed(text: str, finish: str | None) -> dict[str, Any]:
    """The JSON object in a model's whole output.

    Raises OutputCutError, PreemptedError, or ModelError where it is none.
    """
    if finish == "stopped":
        raise PreemptedError("The answer was stopped before it was whole.", "Try again later.")
    if finish == "length":
        raise OutputCutError("The answer ran into its length limit before it was whole.", "Ask for less.")
    try:
        value = json.loads(text, strict=False)  # llama.cpp lets control characters into strings
    except ValueError as error:
        raise ModelError("The answer is not in the asked form.", "Try again.") from error
    if not isinstance(value, dict):
        raise ModelError("The answer is not in the asked form.", "Try again.")
    return value
