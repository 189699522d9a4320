"""A reply as it comes: told to whoever waits, and stored as it grows, so that a crash keeps it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from langgraph.config import get_stream_writer

from graphs.errors import ModelError
from graphs.events import Finished, Phase, Recalled, Thought, Token, Unsaid
from graphs.memory.citations import MarkFilter
from graphs.memory.composing import MOST_TOKENS
from graphs.memory.labels import LabelFilter
from graphs.ports import ChatMessage, ChatModel, Clock, Sampling, Stop
from personas.model import Persona
from storage.messages import MessageRepository
from storage.records import Message, MessageState

EMPTY: Final = "The model gave an empty reply."
SAVE_EVERY: Final = timedelta(seconds=1)


def say_recalled(count: int) -> None:
    """Tell how many memories the reply is shown."""
    get_stream_writer()(Recalled(count))


def say_phase(name: str, share: float) -> None:
    """Tell what happens before the first word."""
    get_stream_writer()(Phase(name, share))


def say_finished(reply: Message) -> None:
    """Tell that the reply is stored, with all that is known of it."""
    get_stream_writer()(Finished(reply.id, reply.state))


class Reply:
    """The stored reply. Its text is on the disk at most a second after it was told."""

    def __init__(
        self, messages: MessageRepository, reply_id: str, clock: Clock, reads_from: str = ""
    ) -> None:
        self._reads_from = reads_from
        self._messages = messages
        self._id = reply_id
        self._clock = clock
        self._tell = get_stream_writer()
        self._begun = clock.now()
        self._saved = self._begun
        self._first: datetime | None = None
        self.text = ""
        self._thoughts = ""

    @property
    def first_token_ms(self) -> float:
        """Milliseconds until the first word; 0 where none came."""
        return round((self._first - self._begun).total_seconds() * 1000, 1) if self._first else 0.0

    @property
    def thought(self) -> bool:
        """Whether the model thought."""
        return bool(self._thoughts.strip())

    def begin(self, model: str) -> None:
        """Note which model answers, and how much of the talk it reads."""
        self._messages.update(
            self._id, state=MessageState.STREAMING, model=model, text="", reads_from=self._reads_from
        )
        self._messages.think(self._id, "")

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
        self._save_now_and_then(now)

    def think(self, piece: str) -> None:
        """Tell a piece of what the model thinks; it is kept apart from the text."""
        if piece:
            self._thoughts += piece
            self._tell(Thought(piece))
            self._save_now_and_then(self._clock.now())

    def unsay(self) -> None:
        """All of the text was a thought."""
        self._thoughts, self.text = self._thoughts + self.text, ""
        self._first = None
        self._tell(Unsaid())

    def keep(self) -> None:
        """Store what there is by now."""
        self._messages.update(self._id, text=self.text)
        self._keep_thoughts()

    def _keep_thoughts(self) -> None:
        if self._thoughts:
            self._messages.think(self._id, self._thoughts)

    def _save_now_and_then(self, now: datetime) -> None:
        if now - self._saved >= SAVE_EVERY:
            self._saved = now
            self.keep()

    def end(self, state: MessageState) -> None:
        """The reply is whole, or stopped."""
        self._keep_thoughts()
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
    pieces = _Pieces(persona.name)
    sampling = Sampling(persona.temperature, MOST_TOKENS[persona.reply_length])
    reply.begin(model.info.name)
    finish = None
    try:
        for chunk in model.stream(prompt, sampling, stop=stop, progress=reply.phase):
            if chunk.kind == "thought":
                reply.think(chunk.text)
            elif chunk.kind == "unsaid":
                reply.add(pieces.end())
                reply.unsay()
                pieces = _Pieces(persona.name)
            else:
                reply.add(pieces.feed(chunk.text))
            finish = chunk.finish
        reply.add(pieces.end())
    except BaseException:
        reply.keep()
        raise
    if finish != "stopped" and not reply.text.strip():
        reply.keep()
        words = "The model thought, and then said nothing." if reply.thought else EMPTY
        raise ModelError(words, "Your message is kept; try again.")
    reply.end(MessageState.STOPPED if finish == "stopped" else MessageState.COMPLETE)
    return pieces.cited


class _Pieces:
    """The text as a person is to see it, piece by piece."""

    def __init__(self, name: str) -> None:
        self._marks, self._label = MarkFilter(), LabelFilter(name)

    @property
    def cited(self) -> set[int]:
        return self._marks.cited

    def feed(self, text: str) -> str:
        return self._marks.feed(self._label.feed(text))

    def end(self) -> str:
        return self._marks.feed(self._label.end()) + self._marks.end()
