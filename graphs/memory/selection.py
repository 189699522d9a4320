"""Which lines of a person's own messages may be worth a memory of their own.

A line is one sentence, together with those right after it that lean on it ("I adopted a cat today!
Grey, a bit cross-eyed. She's called Biscuit."), so that it can be understood alone. Its text is always a
substring of the message. Only complete messages that the person wrote are looked at: what a companion
says, whatever it repeats, is never a line. The rules know English; other languages keep their turns only.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from graphs.memory import lexis
from graphs.memory.sentences import Span, foreign, overlaps, sentences
from graphs.memory.speech import Kind, begins_with_pronoun, is_fact, kind, leans
from storage.records import Message, MessageState, Role

LONGEST: Final = 320
"""Characters of a line; one sentence that is longer is no line."""
MOST_SENTENCES: Final = 3
GRAVE: Final = lexis.stems(
    lexis.word_set(
        "allergic allergy diagnosed diabetes cancer medicine medication surgery hospital pregnant born died "
        "death funeral married wedding divorced birthday anniversary moved fired hired quit adopted name"
    )
)
"""Stems of what people expect to be remembered above all."""


@dataclass(frozen=True, slots=True)
class Line:
    """A chosen line: characters `start` to `end` of the text of a message."""

    message_id: str
    start: int
    end: int
    text: str


@dataclass(slots=True)
class Run:
    """Sentences that become one line."""

    spans: list[Span] = field(default_factory=list)
    short: bool = False
    """Whether the first says too little alone."""

    def fits(self, span: Span) -> bool:
        """Whether one more may join."""
        return 0 < len(self.spans) < MOST_SENTENCES and span[1] - self.spans[0][0] <= LONGEST

    def line(self, message: Message) -> list[Line]:
        """The line, if there is one."""
        if not self.spans or (self.short and len(self.spans) == 1):
            return []
        start, end = self.spans[0][0], self.spans[-1][1]
        return [Line(message.id, start, end, message.text[start:end])] if end - start <= LONGEST else []


def is_own(message: Message) -> bool:
    """Whether a message holds a person's own finished words."""
    return message.role is Role.USER and message.state is MessageState.COMPLETE


def choose(messages: Iterable[Message], names: frozenset[str] = frozenset()) -> list[Line]:
    """The lines of some messages in the order of time; `names` are known from elsewhere, in lower case."""
    own = [message for message in messages if is_own(message)]
    known = names.union(*(lexis.names(message.text) for message in own)) - lexis.STOP_WORDS
    chosen: list[list[Line]] = []
    for message in own:
        lines, takes_back = _lines(message, known)
        if takes_back and chosen:
            chosen.pop()
        chosen.append(lines)
    return [line for lines in chosen for line in lines]


def importance(text: str) -> float:
    """A guess in [0, 1]: more for lasting facts, people, dates and amounts, less for what leans on others."""
    score = 0.4
    score += 0.2 * is_fact(text)
    score += 0.1 * bool(lexis.names(text))
    score += 0.1 * bool(lexis.numbers(text))
    score += 0.2 * bool(lexis.stems(lexis.content_words(text)) & GRAVE)
    score -= 0.1 * leans(text)
    return min(score, 1.0)


def _lines(message: Message, known: frozenset[str]) -> tuple[list[Line], bool]:
    """A message's lines, and whether it begins by taking back what came before it."""
    lines: list[Line] = []
    takes_back = False
    run = Run()
    masked = foreign(message.text)
    for position, span in enumerate(sentences(message.text)):
        sentence = message.text[span[0] : span[1]]
        passed_over = len(sentence) > LONGEST or overlaps(span, masked)
        found = Kind.NOTHING if passed_over else kind(sentence, known)
        if _continues(found, sentence) and run.fits(span):
            run.spans.append(span)
            continue
        lines += run.line(message)
        run = Run()
        if found is Kind.CORRECTION or (
            found in {Kind.STATEMENT, Kind.SHORT} and not begins_with_pronoun(sentence)
        ):
            run = Run([span], short=found is Kind.SHORT)
        if found is Kind.RETRACTION:
            takes_back = takes_back or position == 0
            lines = []
    return lines + run.line(message), takes_back


def _continues(found: Kind, sentence: str) -> bool:
    return found in {Kind.LEANING, Kind.CORRECTION} or (found is Kind.STATEMENT and leans(sentence))
