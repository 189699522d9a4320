"""A chat model in memory: its weights, what it has read, and how it is spoken to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.models import thoughts
from app.models.chat_template import ChatTemplate, Part
from app.models.engine import Engine, shared
from app.models.gguf_file import GgufInfo, read_info
from app.models.native import ALL_LAYERS, NativeModel
from app.models.prompt import PromptTokenizer
from graphs.ports import ChatMessage, Progress, Stop


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a model is to run."""

    context_tokens: int
    threads: int
    thinking: bool = False
    """Whether one that can choose thinks before it replies."""
    gpu_layers: int = ALL_LAYERS


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready."""

    model: NativeModel
    engine: Engine
    template: ChatTemplate
    tokenizer: PromptTokenizer
    marks: Mapping[int, str]
    """Control tokens that mark thoughts."""

    def prompt(self, messages: Sequence[ChatMessage], *, thoughtless: bool = False) -> list[int]:
        """Token ids; with `thoughtless` a thought that would begin the reply is ended at once."""
        parts = self.template.render(messages)
        if thoughtless and (end := thoughts.without(parts[-1].text, self.template.source)):
            parts.append(Part(end, written=False))
        return self.tokenizer.tokens(parts)

    def lasting(self, messages: Sequence[ChatMessage]) -> int:
        """How many tokens of a prompt come before what the last message says."""
        prompts = ([*messages[:-1], ChatMessage(messages[-1].role, text)] for text in ("a", "1"))
        one, other = (self.prompt(prompt, thoughtless=True) for prompt in prompts)
        return shared(one, other)

    def opened(self, messages: Sequence[ChatMessage]) -> thoughts.Form | None:
        """The thought that the template opens."""
        return thoughts.opened_by(self.template.render(messages)[-1].text)

    def encode(self, text: str) -> list[int]:
        """Token ids of marks."""
        return self.tokenizer.within([Part(text, written=False)])


def load(
    file: GgufInfo,
    wishes: Wishes,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Loaded:
    """Load a model, after another look whether its file is whole.

    Raises ModelError.
    """
    read_info(file.path)
    model = NativeModel(file.path, gpu_layers=wishes.gpu_layers, progress=progress, stop=stop)
    try:
        begin, end = model.begin_and_end()
        template = ChatTemplate(file.chat_template, begin=begin, end=end, now=now, thinking=wishes.thinking)
        tokenizer = PromptTokenizer(model, file.chat_template)
        engine = Engine(model, context_tokens=wishes.context_tokens, threads=wishes.threads)
    except BaseException:
        model.close()
        raise
    known = ((token, text) for token, text in tokenizer.control.items() if thoughts.is_mark(text))
    marks = {token: text for token, text in known if not model.piece(token)}
    return Loaded(model, engine, template, tokenizer, marks)
