"""A reply as it comes: told to whoever waits, and stored as it grows, so that a crash keeps it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from langgraph.config import get_stream_writer

from graphs.errors import ModelError
from graphs.events import Finished, Phase, Recalled, Token
from graphs.memory.citations import MarkFilter
from graphs.memory.composing import MOST_TOKENS
from graphs.memory.labels import LabelFilter
from graphs.ports import ChatMessage, ChatModel, Clock, Sampling, Stop
from personas.model import Persona
from storage.messages import MessageRepository
from storage.records import Message, MessageState

SAVE_EVERY: Final = timedelta(seconds=1)


def say_recalled(count: int) -> None:
    """Tell how many memories the reply is shown."""
    get_stream_writer()(Recalled(count))


def say_finished(reply: Message) -> None:
    """Tell that the reply is stored, with all that is known of it."""
    get_stream_writer()(Finished(reply.id, reply.state))


class Reply:
    """The stored reply. Its text is on the disk at most a second after it was told."""

    def __init__(self, messages: MessageRepository, reply_id: str, clock: Clock) -> None:
        self._messages = messages
        self._id = reply_id
        self._clock = clock
        self._tell = get_stream_writer()
        self._begun = clock.now()
        self._saved = self._begun
        self._first: datetime | None = None
        self.text = ""

    @property
    def first_token_ms(self) -> float:
        """Milliseconds until the first word; 0 where none came."""
        return round((self._first - self._begun).total_seconds() * 1000, 1) if self._first else 0.0

    def begin(self, model: str) -> None:
        """Note which model answers."""
        self._messages.update(self._id, state=MessageState.STREAMING, model=model, text="")

    def phase(self, name: str, share: float) -> None:
        """Tell what happens before the first word."""
        self._tell(Phase(name, share))

    def add(self, piece: str) -> None:
        """Tell a piece of the text."""
        if not piece:
            return
        now = self._clock.now()
        self._first = self._first or now
        self.text += piece
        self._tell(Token(piece))
        if now - self._saved >= SAVE_EVERY:
            self._saved = now
            self._messages.update(self._id, text=self.text)

    def keep(self) -> None:
        """Store what there is by now."""
        self._messages.update(self._id, text=self.text)

    def end(self, state: MessageState) -> None:
        """The reply is whole, or stopped."""
        self._messages.update(self._id, text=self.text.rstrip(), state=state)

    def quote(self, text: str) -> None:
        """A reply that needs no model."""
        self.begin("")
        self.add(text)
        self.end(MessageState.COMPLETE)


def draw(
    model: ChatModel, prompt: Sequence[ChatMessage], persona: Persona, reply: Reply, stop: Stop
) -> set[int]:
    """Let the model reply, and give the numbers of the notes that it cited.

    Raises ModelError and PromptTooLongError; what had come by then is stored.
    """
    marks, label = MarkFilter(), LabelFilter(persona.name)
    sampling = Sampling(persona.temperature, MOST_TOKENS[persona.reply_length])
    reply.begin(model.info.name)
    finish = None
    try:
        for chunk in model.stream(prompt, sampling, stop=stop, progress=reply.phase):
            reply.add(marks.feed(label.feed(chunk.text)))
            finish = chunk.finish
        reply.add(marks.feed(label.end()) + marks.end())
    except BaseException:
        reply.keep()
        raise
    if finish != "stopped" and not reply.text.strip():
        raise ModelError("The model gave an empty reply.", "Your message is kept; try again.")
    reply.end(MessageState.STOPPED if finish == "stopped" else MessageState.COMPLETE)
    return marks.cited
