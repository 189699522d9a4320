"""How a memory speaks of the person: by name where it is known, else as a note without a subject."""

import re
from typing import Final

from graphs.memory import lexis

NAMELESS: Final = "The user"
"""What a model is asked to call somebody whose name is not known."""
LONGEST_NAME: Final = 40
"""Characters."""

GENDERED: Final = (("she", "her", "her", "herself"), ("he", "his", "him", "himself"))
"""Subject, owner, object, and -self."""
MOVES: Final = (
    r"\b(?:mak(?:e|es|ing)|made|lets?|help(?:s|ed|ing)?|see|saw|hear|heard|remind(?:s|ed|ing)?|ask(?:s|ed)?|tells?|told"
    r"|gives?|gave|given|wants?|wanted|inspir(?:es|ed)|allow(?:s|ed))"
)
"""Verbs behind which `her` is whom they are done to, not whose: "it makes her feel well"."""

_NAMELESS_SUBJECT: Final = re.compile(rf"(^|[.!?] )(?:{NAMELESS})\s+(?=\w)", re.IGNORECASE)
_NAMELESS_OWNER: Final = re.compile(rf"\b{NAMELESS}'s\b", re.IGNORECASE)
_NEEDS_A_NAME: Final = re.compile(rf"\b{NAMELESS}\b|(?:^|[.!?] )and others\b|\bthey is\b", re.IGNORECASE)
_SENTENCE: Final = re.compile(r"((?:^|[.!?] )[\"']?)([a-z])")


def label(person: str) -> str:
    """The word for the person in a prompt and in what a model writes; a name in one line, or `The user`."""
    name = " ".join(person.split())
    return name if name and len(name) <= LONGEST_NAME and re.fullmatch(r"[\w .'-]+", name) else NAMELESS


def settle(statement: str, line: str, person: str) -> str:
    """A statement as it is stored: full sentences, and no guess whether the person is a he or a she.

    Without a name "The user works at the museum" becomes "Works at the museum.", and "The user's
    sister" becomes "Their sister".
    """
    who = label(person)
    text = neutral(" ".join(statement.translate(lexis.APOSTROPHES).split()), line, who)
    if who == NAMELESS:
        text = _NAMELESS_OWNER.sub("their", text)
        text = _NAMELESS_SUBJECT.sub(r"\1", text)
    text = _SENTENCE.sub(lambda found: found[1] + found[2].upper(), text)
    return text if text[-1:] in {".", "!", "?", "\u2026"} else text + "."


def speaks_of_others(line: str) -> bool:
    """Whether `their` in a line is somebody else's than the person's."""
    return bool({"they", "them", "their", "theirs"} & set(lexis.tokens(line)))


def reads_well(settled: str) -> bool:
    """Whether a settled statement can do without the person's name."""
    return _NEEDS_A_NAME.search(settled) is None


def neutral(statement: str, line: str, who: str) -> str:
    """The statement without a `he` or `she` that the line does not have; it can only mean the person."""
    said = set(lexis.tokens(line))
    theirs = f"{who}'s" if speaks_of_others(line) else "their"
    for subject, owner, other, alone in GENDERED:
        if said & {subject, owner, other, alone}:
            continue
        for word, instead in ((subject, who), (alone, "themselves")):
            statement = re.sub(rf"\b{word}\b", instead, statement, flags=re.IGNORECASE)
        statement = re.sub(rf"({MOVES} ){other}\b", rf"\1{who}", statement, flags=re.IGNORECASE)
        statement = re.sub(rf"\b{owner}\b(?= \w)", theirs, statement, flags=re.IGNORECASE)
        statement = re.sub(rf"\b{other}\b", who, statement, flags=re.IGNORECASE)
    return statement
