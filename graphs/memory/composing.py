"""The prompt of a turn, laid out so that what a model has read once need not be read again.

Persona and instructions come first, then the conversation, which only grows; whatever changes from turn to
turn (memories, the date) stands inside the newest message alone and is not kept in the history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from graphs.memory.claims import claims_of, is_about_the_world
from graphs.memory.dating import day_words
from graphs.memory.file_names import plain_name
from graphs.ports import ChatMessage
from graphs.prompts import render
from personas.macros import example_blocks, example_turns, fill
from personas.model import Persona, ReplyLength
from storage.records import Granularity, Memory, Message, Role, Trust

STRANGER: Final = "the user"
"""What a person without a name is called in prompts."""
LENGTHS: Final[Mapping[ReplyLength, str]] = {
    "short": "one or two short sentences",
    "medium": "two to four sentences",
    "long": "one or two full paragraphs",
}
MOST_TOKENS: Final[Mapping[ReplyLength, int]] = {"short": 100, "medium": 240, "long": 600}
"""Where a reply is cut at the latest; about twice what its length asks for."""
SETTLED_AT: Final = 0.75
KEPT_THEN: Final = 0.15
"""Shares of the room for the history: how full it is when the next cut is settled, and how much that leaves
of what there is by then. At the cut some 40% are left: what has been said meanwhile stays as well."""
LONGEST_NOTE: Final = 400
"""Characters of a memory in a prompt."""
Over = Mapping[str, Sequence[tuple[str, datetime]]]
"""By memory, what of it is no longer so, and since when."""
NOTHING_OVER: Final[Over] = {}
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Speakers:
    """Who talks with whom."""

    persona: Persona
    person: str
    """The person's name; empty where it is not known."""
    conversation_id: str = ""
    """Seeds the persona's random macros, so that they stay as they are within a conversation."""

    @property
    def user(self) -> str:
        """What prompts call the person."""
        return self.person or STRANGER

    def filled(self, text: str) -> str:
        """A persona's text with its macros filled in."""
        return fill(text, char=self.persona.name, user=self.user, seed=self.conversation_id).strip()


def opening(who: Speakers) -> list[ChatMessage]:
    """The part that stays the same: persona, instructions, and how the persona talks."""
    persona = who.persona
    about = " ".join(
        who.filled(text) for text in (persona.description, persona.personality, persona.scenario) if text
    )
    system = render(
        "turn_system",
        char=persona.name,
        user=who.user,
        character=about,
        length=LENGTHS[persona.reply_length],
    )
    return [ChatMessage("system", system), *_examples(who)]


def _examples(who: Speakers) -> list[ChatMessage]:
    blocks = example_blocks(who.persona.example_dialogue)
    return [
        ChatMessage(role, who.filled(text)) for block in blocks for role, text in example_turns(block) if text
    ]


def told(messages: Sequence[Message]) -> list[ChatMessage]:
    """The conversation so far, plain; replies of which there is nothing are left out."""
    return [
        ChatMessage("user" if message.role is Role.USER else "assistant", message.text)
        for message in messages
        if message.text.strip()
    ]


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the history begins, and where it will once it is cut again, as soon as that is known."""

    start: int
    next: int | None


def first_kept(lengths: Sequence[int], budget: int) -> Cut:
    """Where the history begins that fits into the budget, in tokens.

    It is cut back to less than half the budget whenever it grows over it, so that cuts, after which all that
    is left is read again, are rare. Where to is settled some turns before, so that it can be read in time.
    Depends on nothing but the lengths: each turn finds the same places.
    """
    start, held, planned = 0, 0, None
    for place, length in enumerate(lengths):
        held += length
        if planned is None and held > SETTLED_AT * budget:
            planned = _cut_to(lengths, start, place, held, KEPT_THEN * budget)
        if planned is not None and held > budget:
            held -= sum(lengths[start:planned])
            start, planned = _cut_to(lengths, planned, place, held, budget), None
            held = sum(lengths[start : place + 1])
    return Cut(start, planned)


def _cut_to(lengths: Sequence[int], start: int, place: int, held: int, most: float) -> int:
    """The first place from which on no more than this is held, up to and with `place`."""
    while start <= place and held > most:
        held -= lengths[start]
        start += 1
    return start


def newest(
    who: Speakers,
    text: str,
    facts: Sequence[Memory],
    unconfirmed: Sequence[Memory],
    now: datetime,
    *,
    over: Over = NOTHING_OVER,
    caution: Sequence[str] | None = None,
) -> ChatMessage:
    """The newest message with what changes from turn to turn. `now` is in the person's own time zone.

    Something told rather than asked, of which nothing is remembered, stands alone: notes on it would
    only draw a small model away from it. Memories come best first; the best of all stands last, right
    before the question (docs/memory.md). So does what is unconfirmed: the guard only leaves what answers it
    as well as the person's own words.
    What the persona promised has a block of its own. Notes are numbered in the order of `numbered`; `over`
    tells what of them is no longer so. A `caution` warns that something on this was refused before, and says
    what the person told instead; one with nothing in it only warns.
    """
    hearsay, given = _apart(unconfirmed)
    blocks = [
        render(name, user=who.user, lines=_lines(who, memories, first, now, over))
        for name, memories, first in (
            ("turn_promised", given, 1),
            ("turn_facts", facts, 1 + len(given)),
            ("turn_unconfirmed", hearsay, 1 + len(given) + len(facts)),
        )
        if memories
    ]
    if not blocks and caution is None and "?" not in text:
        return ChatMessage("user", text)
    notes = [*_caution(who, caution), *(blocks or [render("turn_nothing", user=who.user)])]
    return ChatMessage(
        "user",
        render(
            "turn_user",
            date=f"{WEEKDAYS[now.weekday()]}, {day_words(now.date())}",
            notes="\n".join(notes),
            text=text,
        ),
    )


def _caution(who: Speakers, told_instead: Sequence[str] | None) -> list[str]:
    if told_instead is None:
        return []
    lines = [
        render("turn_caution_instead", user=who.user, text=_shortened(" ".join(text.split())))
        for text in told_instead
    ]
    return ["\n".join([render("turn_caution", user=who.user), *lines])]


def numbered(facts: Sequence[Memory], unconfirmed: Sequence[Memory]) -> list[Memory]:
    """The memories in the order of their numbers, from 1."""
    hearsay, given = _apart(unconfirmed)
    return [*reversed(given), *reversed(facts), *reversed(hearsay)]


def _apart(unconfirmed: Sequence[Memory]) -> tuple[list[Memory], list[Memory]]:
    """What others say, and what the persona itself promised."""
    given = [memory for memory in unconfirmed if is_promise(memory)]
    return [memory for memory in unconfirmed if memory not in given], given


def is_promise(memory: Memory) -> bool:
    """Whether a memory is a promise that the companion gave in this program."""
    own = memory.speaker is Role.ASSISTANT and memory.trust is Trust.INFERRED
    return own and memory.granularity is Granularity.TOPIC


def _lines(
    who: Speakers, memories: Sequence[Memory], first: int, now: datetime, over: Over = NOTHING_OVER
) -> str:
    return "\n".join(
        f"[{number}] {note(who, memory, now, over.get(memory.id, ()))}"
        for number, memory in enumerate(reversed(memories), first)
    )


def note(who: Speakers, memory: Memory, now: datetime, over: Sequence[tuple[str, datetime]] = ()) -> str:
    """One memory as the model reads it: when, by whom, what, and until when it was so.

    `over` are parts of it that are no longer so, though the rest is.
    """
    day = day_words(memory.said_on.astimezone(now.tzinfo).date())
    text = _shortened(" ".join(memory.text.split()))
    ended = memory.valid_to is not None and memory.valid_to <= now
    until = f" (no longer so since {day_words(memory.valid_to.date())})" if ended and memory.valid_to else ""
    parts = "" if until else "".join(_part_over(what, at.astimezone(now.tzinfo)) for what, at in over)
    return f"{day}, {_in_words(who, memory, text)}{until}{parts}"


def _part_over(what: str, at: datetime) -> str:
    return f" ({_shortened(what)}: no longer so since {day_words(at.date())})"


def _in_words(who: Speakers, memory: Memory, text: str) -> str:
    if is_promise(memory):
        return f'you promised: "{text}"'
    lead = _unconfirmed_lead(who, memory)
    if lead:
        return f'{lead}: "{text}"'
    if memory.trust is Trust.SAID:
        return f'{who.user}: "{text}"'
    if is_about_the_world(claims_of(memory)):
        return f"{who.user} said that: {text}"
    return text


def _unconfirmed_lead(who: Speakers, memory: Memory) -> str:
    """Where something comes from that the person did not tell; empty where they did."""
    if memory.trust is Trust.IMPORTED:
        file = plain_name(memory.file)
        speaker = plain_name(memory.speaker_name) or "somebody"
        return f"{speaker}, in an imported file" + (f" ({file})" if file else "")
    if memory.trust is Trust.PASTED:
        return f"a text that {who.user} pasted"
    if memory.speaker is Role.ASSISTANT:
        return f"you yourself, {who.persona.name}"
    return "an unproven guess" if memory.trust is Trust.INFERRED else ""


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_NOTE else text[:LONGEST_NOTE].rsplit(" ", 1)[0] + " …"
