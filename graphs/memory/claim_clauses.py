"""A statement taken apart: its clauses, with whom each is about, and how far it is meant.

Subjects become numbers (`@0` is the person), so that rules need not know who they are. Wishes, hypotheses,
jokes and questions give no clauses.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from graphs.memory import claim_words as words
from graphs.memory import lexis
from graphs.memory.claim_facts import SELF
from graphs.memory.speech_patterns import BEFORE_COLON, JOKE, LEAD_IN, QUESTION

WHO: Final = re.compile(
    rf"\b(?:(?P<me>i|we)"
    rf"|(?:my|our) (?P<kin>(?:(?!and\b)[\w-]+ ){{0,2}}?(?:{words.RELATIVES}))(?P<name>,? \w+)?"
    rf"|(?P<the>the (?:{words.PETS}))|(?P<they>he|she|they))\b(?!'s|-)"
)
OWNER: Final = re.compile(rf"\b(?:my|our) (?P<kin>(?:[\w-]+ )?(?:{words.RELATIVES}))(?: \w+)?'s ")
IS: Final = re.compile(
    r"(\w)'s (?=(?:called|named|living|working|moving|moved|studying|now|an?|turning|turned|\d+)\b)"
)
"""`'s` that stands for `is`."""
SPLIT: Final = re.compile(
    r"[.;!?]+\s*|,? (?:and|but|so|because|while|although|though|which means)(?= @\d)|,\s+(?=@\d)"
    r"|,? (?:and|but)(?= (?:my|our|now|also) )"
    r"|,? and (?=(?:live|work|study|drive|have|moved|started|quit|left|got|am|is|lives|works|has)\b)"
)
VERB: Final = re.compile(
    r"(?:just |finally |now |no longer )*(?:lives?|works?|moved|quit|started|stopped|studies|got|has|have|am"
    r"|is|drives?|broke|adopted|plays?|likes?|loves?|used to|does not|do not)\b"
)
"""Begins a clause that needs its subject from elsewhere."""
NOUN: Final = re.compile(r"(?:my|our|the|call me|it|this|that|there|an?|\w+ (?:is|are) (?:now )?my)\b")
ACTS: Final = r"(?: (?:is|was|has|had|will|does|did|and @|moved|\w+(?:s|ed))\b)"
OPENING: Final = re.compile(r"\W*([A-Z]\w+) (?:is|was|has|had|will|does|moved|and|\w+(?:s|ed|ew|ot))\b")
NAMES_A_FAVOURITE: Final = re.compile(r"\W*\w+ (?:is|are) (?:now )?my\b")
NEW: Final = re.compile(r"^(?:new|current|dear|lovely|poor|own) ")
"""Words that do not tell one sister from another, as `older` does."""
A_PET: Final = re.compile(rf"\b(?:a|an|another|two|new|little) (?:[\w-]+ ){{0,3}}?(?P<pet>{words.PETS})\b")
BEFORE_SORRY: Final = re.compile(r"^(?:(?:oh|no|wait|well|and|but|hey|um|hm+)[,.:!]* )+")


@dataclass(slots=True)
class Speech:
    """What the sentences before tell about the next one."""

    said: datetime
    subjects: list[str] = field(default_factory=lambda: [SELF])
    other: str = ""
    """Whom a `she` would mean."""

    def place(self, subject: str) -> int:
        """The number of a subject."""
        if subject not in self.subjects:
            self.subjects.append(subject)
        return self.subjects.index(subject)


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause in lower case, its subjects as numbers."""

    text: str
    corrects: bool
    """Whether it puts right what was said before."""
    instead_of: str = ""
    """The value that it says was wrong, or was before."""
    reported: bool = False
    """Whether it is what somebody says about the world."""


def clauses(sentence: str, speech: Speech) -> Iterator[Clause]:
    """The clauses of a sentence that are meant."""
    plain = " ".join(lexis.plain(sentence).split())
    if QUESTION.search(plain) or JOKE.search(plain):
        return
    bare = IS.sub(r"\1 is ", BEFORE_COLON.sub("", plain))
    corrects = words.CORRECTS.search(BEFORE_SORRY.sub("", plain)) is not None
    whole = _marked(LEAD_IN.sub("", bare), _names(sentence), speech)
    if words.REPORTED.search(whole):
        yield Clause(whole, corrects=False, reported=True)
        return
    denied = words.NOT_BUT.search(whole) or words.BUT_NOT.search(whole)
    marked = " ".join((whole[: denied.start()] + " " + whole[denied.end() :]).split()) if denied else whole
    corrects |= denied is not None and not re.search(r"instead of|rather than", denied[0])
    before = denied["old"].strip() if denied else ""
    subject = "0"
    for place, part in enumerate(_parts(marked)):
        goes_on = "@" not in part and (VERB.match(part) if place == 0 else not NOUN.match(part))
        text = f"@{subject} {part}" if goes_on else part
        told = re.search(r"@(\d+)", text)
        subject = told[1] if told else "0"
        if not words.HEDGE.search(text):
            yield Clause(text, corrects, instead_of=before)


def _parts(marked: str) -> list[str]:
    pieces = (piece.strip(" ,") for piece in SPLIT.split(marked) if piece)
    return [piece for piece in pieces if piece]


def _marked(plain: str, names: Sequence[str], speech: Speech) -> str:
    pet = A_PET.search(plain)
    if pet and not speech.other:
        speech.other = pet["pet"]
    for name in names:
        plain = re.sub(rf"\bgoing to (?={re.escape(name)}\b)", "heading to ", plain)
    text = OWNER.sub(lambda found: f"@{speech.place(found['kin'].strip())}'s ", plain)
    text = WHO.sub(lambda found: _mark(found, names, speech), text)
    for name in names:
        pattern = rf"(^|, |\band |\bbut |\bthat )({re.escape(name)})(?={ACTS})"
        if re.search(pattern, text):
            speech.other = next((known for known in speech.subjects if name in known.split()), name)
            text = re.sub(pattern, rf"\1@{speech.place(speech.other)}", text)
    return text


def _mark(found: re.Match[str], names: Sequence[str], speech: Speech) -> str:
    if found["me"]:
        return "@0"
    if found["they"]:
        return f"@{speech.place(speech.other)}" if speech.other else found[0]
    if found["the"]:
        return f"@{speech.place(found['the'].removeprefix('the '))}"
    name = (found["name"] or "").strip(", ")
    known = name if name in names else ""
    speech.other = f"{NEW.sub('', found['kin'])} {known}".strip()
    return f"@{speech.place(speech.other)}{'' if known else found['name'] or ''}"


def _names(sentence: str) -> list[str]:
    """Names in lower case, also where one opens the sentence and something like a verb follows."""
    found = lexis.names(sentence)
    opening = OPENING.match(sentence)
    if opening and not NAMES_A_FAVOURITE.match(sentence):
        found |= {opening[1].lower()} - lexis.STOP_WORDS - {"my", "work", "school"}
    return sorted(found)
