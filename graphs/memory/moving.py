"""Whether a note gives something another day or hour, and comes from whoever may.

A club moves its training, a surgery its appointment: who holds a thing may move it, and a careful secretary
says both days and asks. So such a note is shown beside what the person told, as unconfirmed, and not set
aside as a contradiction. A group of people moves nothing, and what asks for money, a call or a click besides
is not let through so. What is the person's own, such as a birthday, nobody else moves. Of the words for it a
few of other languages are known.
"""

import re
from collections.abc import Sequence
from typing import Final

from graphs.memory import measures
from graphs.memory.consensus import Statement, contradicted
from graphs.memory.sources import source_of
from storage.records import Memory, Role, Trust

MOVES: Final = "it says that this is at another time, and you have not confirmed it"
"""Why such a note is no more than unconfirmed, in words."""
_DAYS: Final = f"(?:{'|'.join(sorted(measures.WEEKDAYS))})"
MOVED: Final = re.compile(
    r"\b(?:mov(?:e|es|ed|ing)|postpon\w+|reschedul\w+|rearrang\w+|delayed|shift(?:s|ed)"
    r"|(?:put|bring|brought) (?:\w+ ){0,3}(?:off|back|forward)|chang(?:e|es|ed) (?:to|from)"
    r"|notice of change|change of (?:date|time|day|plan)|correct(?:ion|ed|ing)|instead|rather than"
    r"|(?:earlier|previous|former|old|first) (?:letter|e-?mail|mail|message|notice|reminder|date|time|day"
    r"|appointment|invitation)s?|new (?:date|time|day|hour|appointment)|will now"
    rf"|now (?:on|at|from|the|\d+|{_DAYS})"
    r"|extend\w* (?:\w+ ){0,6}(?:to|until|till|by)"
    r"|now (?:starts?|begins?|meets?|runs?|opens?|leaves?|takes? place|is|are)"
    r"|as (?:from|of) \w+|(?:from|starting|beginning) (?:tomorrow|next|this (?:week|month|term|season))"
    rf"|(?:from|starting|beginning) (?:this {_DAYS}|{_DAYS}s? on)|(?:is|are) (?:on )?{_DAYS} now"
    r"|verschoben|(?:vor)?verlegt|berichtig\w*|neuer termin|reportée?s?|déplacée?s?|avancée?s?|aplazad[oa]s?"
    r"|spostat[oaie]"
    r"|ab (?:sofort|morgen|nächste\w*|dem)|à partir d[eu]|désormais|a partir del?|a partire dal?)\b",
    re.IGNORECASE,
)
ANYBODY: Final = re.compile(r"\b(?:chat|group|forum|comments?|blog|post|flyer|ad|tips?)\b", re.IGNORECASE)
"""Where anybody may write."""
ASKS_FOR: Final = re.compile(
    r"https?:|www\.|\w\.\w+/|@|\b(?:pay\w*|fees?|transfer\w*|accounts?|iban|codes?|passwords?|cash|deposits?"
    r"|(?:gift|bank|credit|debit) cards?|click|(?<!same )link|log ?in|call|ring|phone|repl(?:y|ies)"
    r"|sign(?!ed)\w*|send|bring (?:cash|your card))\b",
    re.IGNORECASE,
)
"""More than to come at another time."""
NOTHING_ASKED: Final = re.compile(r"\b(?:nothing (?:else )?(?:for you )?to \w+|no \w+)", re.IGNORECASE)
NOT_ITS_OWN: Final = re.compile(
    r"\b(?:dos(?:e|es|age)|tablets?|pills?|drops|mg|ml|insulin|medic(?:ines?|ation)"
    r"|birth\w*|born|anniversar\w+|name ?days?)\b",
    re.IGNORECASE,
)
"""What no note may move: when a medicine is taken, a birthday."""
CLAUSE_END: Final = re.compile(r"[;!?]|(?<!\d)\.(?=\s)")


def what_it_moves(note: Memory, one: Statement, told: Sequence[tuple[Memory, Statement]]) -> str | None:
    """The id of what the person told before of the same, which a note puts at another time and no more.

    Empty where they told nothing of it; None where it moves nothing, or changes more than that. `one` is the
    note taken apart, and so are the statements beside `told`.
    """
    guessed = note.trust is Trust.INFERRED and note.speaker is not Role.ASSISTANT
    if not _may_move(note.text, guessed=guessed):
        return None
    about_it = [(memory, other) for memory, other in told if one.words & other.words]
    another_time = False
    for memory, other in about_it:
        differs = contradicted(one, other)
        another_time = another_time or bool(differs & measures.WHEN and not guessed)
        if differs - _allowed(differs, newer=memory.said_on <= note.said_on):
            return None
    if not (another_time or _says_moved(note.text)):
        return None
    before = [(memory, other) for memory, other in about_it if memory.said_on <= note.said_on]
    return max(before, key=lambda pair: len(one.words & pair[1].words))[0].id if before else ""


def moves(text: str, *, guessed: bool = False) -> bool:
    """Whether a note says that something was moved; one that was `guessed` from a talk needs no source."""
    return _may_move(text, guessed=guessed) and _says_moved(text)


def _may_move(text: str, *, guessed: bool) -> bool:
    """Whether it comes from whoever may, and wants nothing besides."""
    if ASKS_FOR.search(NOTHING_ASKED.sub(" ", text)) or NOT_ITS_OWN.search(text):
        return False
    return guessed or _from_its_holder(text)


def _allowed(differs: frozenset[str], *, newer: bool) -> frozenset[str]:
    """What a newer note may give otherwise than was told: when, and beside it a room or a pier."""
    if not newer:
        return frozenset()
    return measures.WHEN | {measures.BARE} if differs & measures.WHEN else measures.WHEN


def _says_moved(text: str) -> bool:
    return any(map(_moves_in_time, CLAUSE_END.split(text)))


def _moves_in_time(clause: str) -> bool:
    return MOVED.search(clause) is not None and measures.tells_when(clause)


def _from_its_holder(text: str) -> bool:
    source = source_of(text)
    return bool(source) and not ANYBODY.search(source)
