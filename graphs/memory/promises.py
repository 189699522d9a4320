"""What the companion promised: sentences of its own messages in which it commits itself to do something.

By rule, and only a commitment that can be kept in a later talk ("I'll ask you how the exam went on
Friday", "I promise to remind you of the tickets"). Assurances ("I'll be here", "I will always love …"),
offers ("I'd be happy to", "if you like, I'll …"), what it does at once ("I'll tell you a story:") and what it
says of the person ("I'll remember that your sister …") are none. Nor is what the person has just said of
themselves in the same words: small models slip into the other's role.
"""

import re
from collections.abc import Iterable
from typing import Final

from graphs.memory import dating, lexis
from graphs.memory.selection import Line
from graphs.memory.sentences import foreign, overlaps, sentences
from graphs.memory.speech_patterns import JOKE, UNREAL
from storage.records import Message, MessageState, Role

LONGEST: Final = 240
"""Characters of a promise."""
WILL: Final = (
    r"\bi (?:will|shall|am going to)(?: (?:be sure to|make sure to|definitely|certainly|also|gladly))*"
)
VOW: Final = re.compile(
    rf"\bi (?:promise|vow)(?: you)?,? (?:that )?(?:to|not to|{WILL[2:]}) \w+|\byou have my word\b.*{WILL}"
)
DEED: Final = re.compile(
    rf"{WILL} (?:remember to |not forget to )?(?:ask (?:you )?(?:about|how|whether|when|again)\b|remind you\b"
    r"|follow up\b|get back to you\b|come back to\b|check (?:in|back)\b|bring (?:\w+ ){0,3}up\b)"
)
"""What a companion can do in a later talk."""
DATED_DEED: Final = re.compile(
    rf"{WILL} (?:ask|tell|help|show|read|write|sing|teach|quiz|meet)(?: to| for| with)? you\b"
)
"""What counts only with a day on which it is to be done; else it may mean this very moment."""
ASSURANCE: Final = re.compile(
    r"\b(?:always|forever|love|cherish|honou?r)\b"
    rf"|(?:{WILL}|\bpromise (?:you )?to) (?:\w+ )?(?:be|stay|do my best|try|never leave)\b"
)
"""Says how it feels, or that it is there: nothing of which could be told whether it was done."""
OFFER: Final = re.compile(r"\b(?:would|could|can|may|might|want me to)\b|\bif\b|\bunless\b|\bwhenever\b")
AT_ONCE: Final = re.compile(r"\b(?:now|right away|at once|in a moment)\b|:\s*$")
ABOUT_THE_PERSON: Final = re.compile(r"\bthat (?:you|your)\b|\byou (?:told|said|are|love|like|live|work)\b")
ASK_IF: Final = re.compile(r"\b(ask (?:you )?)if\b")
VERBS: Final = lexis.stems(
    lexis.word_set("ask remind follow check promise vow remember forget back come bring")
)
"""Stems that say that something is promised, and not what."""


def promised(messages: Iterable[Message]) -> list[Line]:
    """The companion's promises in a stretch of talk, in the order of time."""
    found: list[Line] = []
    before = ""
    for message in messages:
        if message.role is Role.USER:
            before = message.text
        elif message.state is MessageState.COMPLETE:
            found += _in_message(message, before)
    return found


def is_promise(sentence: str, message: Message) -> bool:
    """Whether a sentence commits its writer to something that can be done in a later talk."""
    plain = _plain(sentence)
    if len(sentence) > LONGEST or plain.rstrip("\"')*").endswith("?") or not _subject(sentence):
        return False
    if any(rule.search(plain) for rule in (ASSURANCE, OFFER, AT_ONCE, ABOUT_THE_PERSON, UNREAL, JOKE)):
        return False
    if VOW.search(plain) or DEED.search(plain):
        return True
    days = dating.resolve(sentence, message.created, sense=1)
    return DATED_DEED.search(plain) is not None and any(day.last > message.created.date() for day in days)


def same_promise(one: str, other: str) -> bool:
    """Whether two promises are of the same thing, whatever the day they name."""
    return _subject(one) == _subject(other)


def _in_message(message: Message, before: str) -> list[Line]:
    masked = foreign(message.text)
    return [
        Line(message.id, start, end, message.text[start:end])
        for start, end in sentences(message.text)
        if not overlaps((start, end), masked)
        and is_promise(message.text[start:end], message)
        and not _echoes(message.text[start:end], before)
    ]


def _plain(sentence: str) -> str:
    return ASK_IF.sub(r"\1whether", " ".join(lexis.plain(sentence).split()))


def _subject(sentence: str) -> frozenset[str]:
    bare = re.sub(r"\([^)]*\)", " ", dating.PHRASE.sub(" ", sentence))
    return frozenset(lexis.stems(lexis.content_words(bare)) - VERBS)


def _echoes(sentence: str, before: str) -> bool:
    """Whether the person has just said the same of themselves."""
    for start, end in sentences(before):
        said = before[start:end]
        plain = _plain(said)
        if (VOW.search(plain) or re.search(WILL, plain)) and same_promise(sentence, said):
            return True
    return False
