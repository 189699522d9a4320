"""What a statement claims: about whom, which attribute, which value, from when; read by rule.

Wishes, hypotheses, jokes, questions and what others are said to think give no claim about the person. What
no rule knows is one claim all the same (`does` or `happened`), so that a statement with several parts is not
taken for outdated when one of them is. English only; another language gives no claims, and is never outdated.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Final

from graphs.memory import dating, lexis
from graphs.memory import claim_words as words
from graphs.memory.claim_rules import DATES, DIED, GONE, GONE_TOO, LASTING, NAMED, RULES, TRADED, Rule
from graphs.memory.sentences import sentences
from graphs.memory.speech_patterns import JOKE, LEAD_IN, PUTS_RIGHT, QUESTION
from storage.records import Claim, ClaimKind, Granularity, Memory, Trust

SELF: Final = "self"
WORLD: Final = "world"
ANY: Final = "any"
"""The attribute of an end that names a thing and not what it was to the person."""
DOES: Final = "does"
"""What no other attribute fits."""
OF_DATE: Final = "date of "
MADE: Final = (Granularity.TOPIC, Granularity.PROFILE)

WHO: Final = re.compile(
    r"\b(?:(?P<me>i|we)|(?:my|our) (?P<kin>(?:(?!and\b)[\w-]+ ){0,2}?(?:" + words.RELATIVES + r"))(?P<name>,? \w+)?"
    r"|(?P<the>the (?:" + words.PETS + r"))|(?P<they>he|she|they))\b(?!'s|-)"
)
OWNER: Final = re.compile(rf"\b(?:my|our) (?P<kin>(?:[\w-]+ ){{0,1}}?(?:{words.RELATIVES}))(?: (?P<name>\w+))?'s ")
PRESENT: Final = re.compile(
    r"@\d+ (?:(?:also|just|now|always|never|still|often|usually|sometimes|really|mostly|\w+ly|do|does) )*"
    r"(?:am|is|are|\w+)\b"
)
CLAUSE: Final = re.compile(
    r"[.;!?]+\s*|,? (?:and|but|so|because|while|although|though|which means)(?= @\d)|,\s+(?=@\d)"
    r"|,? (?:and|but)(?= (?:my|our|now|also) )"
    r"|,? and (?=(?:live|work|study|drive|have|moved|started|quit|left|got|am|is|lives|works|has)\b)"
)
WHEN: Final = re.compile(r"\b(?:when|while|after|before|since|until|as long as) @\d+ (?:was|were|\w+ed|had|got|am|live)\b")
A_PET: Final = re.compile(rf"\b(?:a|an|another|two|new|little) (?:[\w-]+ ){{0,3}}?(?P<pet>{words.PETS})\b")


@dataclass(frozen=True, slots=True)
class Fact:
    """A claim that has not been tied to a memory yet."""

    subject: str
    attribute: str
    value: str
    kind: ClaimKind
    first: date | None = None
    last: date | None = None


@dataclass(slots=True)
class _Speech:
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


def read(text: str, said: datetime) -> list[Fact]:
    """The claims of a text in its order; `said` is when, in the zone where it was said."""
    speech = _Speech(said)
    found: list[Fact] = []
    for start, end in sentences(text):
        sentence = text[start:end]
        if found and is_elliptical(sentence):
            found = _put_right(found, sentence, speech)
        else:
            found += _of_sentence(sentence, speech)
    return list(dict.fromkeys(found))


def claims_of(memory: Memory) -> list[Claim]:
    """What a memory claims: from the person's own words where it has a quote, else from its text."""
    if memory.granularity not in MADE:
        return []
    quotes = [source.quote for source in memory.sources if source.quote]
    text = memory.text if memory.trust is Trust.TYPED or not quotes else _quoted(quotes)
    return [
        Claim(
            memory_id=memory.id,
            subject=fact.subject,
            attribute=fact.attribute,
            value=fact.value,
            kind=fact.kind,
            valid_from=_midnight(fact.first, memory.said_on),
            valid_to=_midnight(fact.last, memory.said_on),
        )
        for fact in read(text, memory.said_on)
    ]


def is_lasting(facts: Sequence[Fact]) -> bool:
    """Whether a statement belongs to the person's profile."""
    return any(
        fact.subject == SELF and fact.attribute in LASTING and fact.kind is not ClaimKind.ENDS for fact in facts
    )


def is_elliptical(line: str) -> bool:
    """Whether a line only puts right what was said just before it: "Sorry, I meant the 7th."."""
    return PUTS_RIGHT.search(" ".join(lexis.plain(line).split())) is not None


def _put_right(found: Sequence[Fact], sentence: str, speech: _Speech) -> list[Fact]:
    """The facts with the value of the last one that has one put right."""
    plain = " ".join(lexis.plain(sentence).split()).strip(" .!")
    told = PUT_RIGHT.search(plain)
    at = next((place for place, fact in reversed(list(enumerate(found))) if fact.attribute != DOES), None)
    if told is None or at is None:
        return list(found)
    day = _future_day(told["v"], speech)
    first, last = (day.first, day.last) if day else (None, None)
    right = replace(found[at], value=_value(told["v"]), kind=ClaimKind.CORRECTS, first=first, last=last)
    return [*found[:at], right, *found[at + 1 :]]


PUT_RIGHT: Final = re.compile(
    r"(?:i meant(?: to (?:say|write))?|(?:it|that) (?:is|was)(?: actually)?|, but|^correction:?)"
    r" (?:on |in |at |the )*(?P<v>[\w' -]+?)(?:,? not .*)?$"
)


def _quoted(quotes: Sequence[str]) -> str:
    return " ".join([quotes[0], *(quote for quote in quotes[1:] if is_elliptical(quote))])


def _of_sentence(sentence: str, speech: _Speech) -> Iterator[Fact]:
    plain = " ".join(lexis.plain(sentence).split())
    if QUESTION.search(plain) or JOKE.search(plain):
        return
    bare = re.sub(r"(\w)'s (?=(?:called|named|living|working|moving|moved|studying|now|an?|turning|turned|\d+)\b)", r"\1 is ", plain)
    corrects = words.CORRECTS.search(LEAD_IN_BUT.sub("", bare)) is not None
    marked = _marked(LEAD_IN.sub("", bare), _names(sentence), speech)
    marked, turned = _turned(marked)
    if words.REPORTED.search(marked):
        yield Fact(WORLD, DOES, _value(marked), ClaimKind.HOLDS)
        return
    subject = 0
    parts = [piece.strip(" ,") for piece in CLAUSE.split(marked) if piece and piece.strip(" ,")]
    for place, part in enumerate(parts):
        goes_on = "@" not in part and (VERB.match(part) if place == 0 else not NOUN.match(part))
        clause = f"@{subject} {part}" if goes_on else part
        told = re.search(r"@(\d+)", clause)
        subject = int(told[1]) if told else 0
        if not words.HEDGE.search(clause):
            yield from _of_clause(clause, speech, corrects=corrects or turned)


VERB: Final = re.compile(
    r"(?:just |finally |now |no longer )*(?:lives?|works?|moved|quit|started|stopped|studies|got|has|have|am|is|drives?"
    r"|broke|adopted|plays?|likes?|loves?|used to|does not|do not)\b"
)
NOUN: Final = re.compile(r"(?:my|our|the|call me|it|this|that|there|an?|\w+ (?:is|are) (?:now )?my)\b")
LEAD_IN_BUT: Final = re.compile(r"^(?:(?:oh|no|wait|well|and|but|hey|um|hm+)[,.:!]* )+")


def _turned(clause: str) -> tuple[str, bool]:
    """Without `not the 5th but`, and whether there was any."""
    shorter = words.BUT_NOT.sub("", words.NOT_BUT.sub("", clause))
    if shorter == clause:
        return clause, False
    return " ".join(shorter.split()), re.search(r"instead of|rather than", clause) is None


def _of_clause(clause: str, speech: _Speech, *, corrects: bool) -> Iterator[Fact]:
    dates = list(_dates(clause, speech, corrects=corrects))
    if dates:
        yield from dates
        return
    positive, over = _positive(clause)
    found = [*_by_rules(positive, speech, over=over, corrects=corrects), *_named(clause, speech, corrects=corrects)]
    yield from found
    if not found:
        yield from _otherwise(positive, speech, over=over)


def _positive(clause: str) -> tuple[str, bool]:
    """A clause without its denial, and whether it had one."""
    if WHEN.search(clause):
        clause = WHEN.split(clause)[0].strip(" ,") or clause
    for pattern, instead in words.ENDED:
        if pattern.search(clause):
            return " ".join(pattern.sub(instead, clause, count=1).split()), True
    pattern, instead = words.STARTED
    return " ".join(pattern.sub(lambda found: found.expand(instead) + " now", clause, count=1).split()), False


def _by_rules(clause: str, speech: _Speech, *, over: bool, corrects: bool) -> Iterator[Fact]:
    taken: set[str] = set()
    for rule in RULES:
        match = rule.pattern.search(clause)
        if match is None:
            continue
        groups = match.groupdict()
        attribute = rule.attribute.format(groups.get("a") or "").replace("favorite", "favourite").replace("color", "colour")
        value = _value(groups.get("v") or rule.value)
        if attribute in taken or not _fits(rule, attribute, value, over=over):
            continue
        taken.add(attribute)
        subject = speech.subjects[int(groups.get("s") or 0)]
        kind = _kind(rule, clause, over=over, corrects=corrects)
        first = _day(clause, speech)
        yield Fact(subject, attribute, value, kind, first=first if kind is not ClaimKind.ENDS else None,
                   last=first if kind is ClaimKind.ENDS else None)  # fmt: skip
        before = re.search(r"\b(?:from|traded my|swapped my|replaced my) ([\w' -]+?) (?:to|for|with)\b", clause)
        if before and attribute in {"home", "work", "studies", "car", "phone", "laptop", "bike"} and not rule.ends:
            yield Fact(subject, attribute, _value(before[1]), ClaimKind.ENDS, last=first)


def _fits(rule: Rule, attribute: str, value: str, *, over: bool) -> bool:
    if over and (rule.ends or rule.begins):
        return attribute in {"relationship", "diet"}
    if attribute == "home" and rule.begins:
        return bool(value) and not re.search(r"\b(?:team|department|tears|bed|couch|project|role|group|class|seat|table|next|other)\b", value)
    return bool(value) or (rule.ends and not over)


def _kind(rule: Rule, clause: str, *, over: bool, corrects: bool) -> ClaimKind:
    if over or rule.ends:
        return ClaimKind.ENDS
    if corrects:
        return ClaimKind.CORRECTS
    if words.ADDS.search(clause):
        return ClaimKind.ADDS
    return ClaimKind.BEGINS if rule.begins or words.CHANGES.search(clause) else ClaimKind.HOLDS


def _dates(clause: str, speech: _Speech, *, corrects: bool) -> Iterator[Fact]:
    for pattern in DATES:
        match = pattern.search(clause)
        if match is None:
            continue
        groups = match.groupdict()
        said = [word for word in groups["a"].split() if word not in lexis.STOP_WORDS | {"new", "big"}]
        event = " ".join(said).replace("married", "wedding")
        owner = int(groups.get("s") or 0) if not (groups.get("whose") or "").startswith(("my", "our")) else 0
        moved = bool(groups.get("moved")) or words.CHANGES.search(clause) is not None
        day = _future_day(match["v"], speech)
        kind = ClaimKind.CORRECTS if corrects else ClaimKind.BEGINS if moved else ClaimKind.HOLDS
        yield Fact(speech.subjects[owner], OF_DATE + event, match["v"].strip(" ,"), kind,
                   first=day.first if day else None, last=day.last if day else None)  # fmt: skip
        return


def _named(clause: str, speech: _Speech, *, corrects: bool) -> Iterator[Fact]:
    for match in NAMED.finditer(clause):
        kind = ClaimKind.CORRECTS if corrects else ClaimKind.HOLDS
        yield Fact(match["kin"], "name", match["v"], kind)
    marked = re.search(r"@([1-9]\d*) (?:am|is|are)(?: actually| really)? (?:called|named) (?P<v>[\w'-]+)", clause)
    if marked:
        kind = ClaimKind.CORRECTS if corrects else ClaimKind.HOLDS
        yield Fact(speech.subjects[int(marked[1])], "name", marked["v"], kind)


def _otherwise(clause: str, speech: _Speech, *, over: bool) -> Iterator[Fact]:
    """What no rule knows: an end of something, a habit, or something that happened."""
    first = _day(clause, speech)
    died = DIED.search(clause)
    traded = TRADED.search(clause)
    if traded:
        yield Fact(speech.subjects[int(traded["s"])], ANY, _value(traded["v"]), ClaimKind.ENDS, last=first)
    gone = GONE.search(clause) or GONE_TOO.search(clause)
    told = re.search(r"@(\d+)", clause)
    subject = speech.subjects[int(told[1])] if told else SELF if re.search(r"\b(?:my|our)\b", clause) else WORLD
    if died:
        yield Fact(subject, ANY, "", ClaimKind.ENDS, last=first)
        yield Fact(SELF, "has", subject, ClaimKind.ENDS, last=first)
    elif gone and not over:
        groups = gone.groupdict()
        value = _value(groups.get("v") or groups.get("v2") or "")
        if value:
            yield Fact(SELF if subject == WORLD else subject, ANY, value, ClaimKind.ENDS, last=first)
    elif over:
        yield Fact(subject, DOES, _value(clause), ClaimKind.ENDS, last=first)
    elif _value(clause):
        past = dating.speaks_of_the_past(clause)
        yield Fact(subject, DOES, _value(clause), ClaimKind.HAPPENED if past else ClaimKind.HOLDS, first=first)


def _marked(plain: str, names: Sequence[str], speech: _Speech) -> str:
    """The sentence with each subject as a number, so that rules need not know who it is."""

    def mark(match: re.Match[str]) -> str:
        if match["me"]:
            return "@0"
        if match["they"]:
            return f"@{speech.place(speech.other)}" if speech.other else match[0]
        if match["the"]:
            return f"@{speech.place(match['the'].removeprefix('the '))}"
        name = (match["name"] or "").strip(", ")
        known = name if name in names else ""
        speech.other = f"{match['kin']} {known}".strip()
        rest = "" if known else match["name"] or ""
        return f"@{speech.place(speech.other)}{rest}"

    pet = A_PET.search(plain)
    if pet and not speech.other:
        speech.other = pet["pet"]
    for name in names:
        plain = re.sub(rf"\bgoing to (?={re.escape(name)}\b)", "heading to ", plain)
    text = OWNER.sub(lambda m: f"@{speech.place(m['kin'].strip())}'s ", plain)
    text = WHO.sub(mark, text)
    for name in names:
        pattern = rf"(^|, |\band |\bbut |\bthat )({re.escape(name)})(?= (?:is|was|has|had|will|does|did|and @|moved|\w+(?:s|ed))\b)"
        found = re.search(pattern, text)
        if found:
            speech.other = next((known for known in speech.subjects if name in known.split()), name)
            text = re.sub(pattern, rf"\1@{speech.place(speech.other)}", text)
    return text


def _names(sentence: str) -> list[str]:
    """Names in lower case, also where one opens the sentence and something like a verb follows."""
    found = lexis.names(sentence)
    opening = re.match(r"\W*([A-Z]\w+) (?:is|was|has|had|will|does|moved|and|\w+(?:s|ed|ew|ot))\b", sentence)
    common = lexis.STOP_WORDS | {"my", "work", "school"}
    if opening and opening[1].lower() not in common and not re.match(r"\W*\w+ (?:is|are) (?:now )?my\b", sentence):
        found.add(opening[1].lower())
    return sorted(found)


def _value(words_: str) -> str:
    text = re.sub(r"@\d+", " ", words_)
    text = re.sub(r"^(?:(?:an?|the|my|our|now|just|really|very|quite|being|to|some|his|her|their|called|named|all)\b ?)+", "", text.strip())
    return " ".join(text.split())[:120]


def _day(clause: str, speech: _Speech) -> date | None:
    found = dating.resolve(clause.replace("@0", "i"), speech.said)
    return found[0].first if len(found) == 1 else None


def _future_day(phrase: str, speech: _Speech) -> dating.Dated | None:
    for lead in ("will", "will on", "will in"):
        found = dating.resolve(f"{lead} {phrase.strip(' ,')}", speech.said)
        if found:
            return found[0]
    return None


def _midnight(day: date | None, said: datetime) -> datetime | None:
    return datetime.combine(day, time(), tzinfo=said.tzinfo) if day else None
