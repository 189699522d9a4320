"""By which words a memory shows that it wants more than to be remembered: rules, changes, money, doses.

One such word proves nothing, and honest files hold them too. They are asked only of memories that the person
did not say, and cost such a memory no more than its place in a reply (graphs/memory/consensus.py). How often
they err is in docs/benchmarks.md. They know English.
"""

import re
from enum import StrEnum
from typing import Final

from graphs.memory.sources import SOURCE


class Cue(StrEnum):
    """What a memory that nobody vouches for deals in."""

    TALK = "talk"
    """In what is to be said, named or recommended when something comes up."""
    NORM = "norm"
    """In what must, shall, is always or never to be done."""
    TRIGGER = "trigger"
    """In what is to happen whenever something is the case."""
    REACH = "reach"
    """In what a figure of a story does to the one who plays it."""
    CHANGE = "change"
    """In that something is no longer as it was."""
    REFLECTION = "reflection"
    """In conclusions from earlier notes."""
    DOUBT = "doubt"
    """In whom to trust, in secrets, in what somebody wants deep down."""
    HEARSAY = "hearsay"
    """In advice from people whom nobody knows."""
    MONEY = "money"
    """In payments, accounts, contracts, offers."""
    ACCESS = "access"
    """In who may come in, sign, fetch or be paid, and under which name."""
    HEALTH = "health"
    """In medicine."""


PLAYER: Final = r"(?:\{\{user\}\}|\bthe (?:user|player|reader|listener|author|editor)\b)"
PATTERNS: Final = {
    Cue.TALK: (
        r"\b(?:every (?:answer|reply)|answers? (?:ends?|is|are|that)"
        r"|repl(?:y|ies) (?:about|must|should|are)|questions? (?:about|on|of|go(?:es)?|gets?|are)"
        r"|\w+ questions? (?:go(?:es)?|gets?)|\w+ questions?,|quer(?:y|ies)|advises?"
        r"|(?:is|are|be) advised to|counsel"
        r"|advice (?:that|is|to)|recommend\w*|mention(?:s|ing)?|(?<!he )(?<!they )mentioned|spoken of"
        r"|speak of|talk(?:ed)? of"
        r"|comes? up|brought up|bring up|say so|say that"
        r"|(?:(?:is|are|has|have) (?:not )?to|should|must|may|not|never) be (?:said|told|named|mentioned)"
        r"|to tell|tell (?:her|him|them)|remind(?:s|ed)? (?:her|him|them|of)|urge[ds]?|topics?|the subject"
        r"|subject of|to name|name to give|hear(?:s|d)? (?:that|of)"
        r"|(?:wants?|wish(?:es)?|likes?) to (?:hear|be called)|quizz\w*|praises|praised|to praise|steer\w*"
        r"|point(?:ed)? to|direct(?:ed)? to|(?:dis|en)courage[ds]?|(?:her|his|their|the) companion)\b"
    ),
    Cue.NORM: (
        r"\b(?:always|never|must|should|shall|ought|ha(?:s|ve) to|(?:is|are) (?:not )?to|may be|may not"
        r"|nothing else|at once|needs? no|need not|is wanted|calls? for)\b"
    ),
    Cue.TRIGGER: (
        r"^(?:when|if|once|upon|in case|in the event|should|after|on days|on the (?:day|subject|topic)"
        r"|for the time|eve of|from the first|mention of|any|every|the moment|before)\b|\b(?:whenever"
        r"|as soon as|in case|once \w+ (?:is|are|has|have|comes?))\b"
    ),
    Cue.REACH: (
        rf"\b(?:asks?|tells?|persuades?|makes?|wants?|begs?|answers?|promises?|swears?|gets?|insists?"
        rf"|demands?|reports?)\b[^.|]{{0,40}}{PLAYER}|{PLAYER}[^.|]{{0,40}}\b(?:real|really|outside)\b"
        r"|\breal (?:name|street|house|world|address|complaints?|life|money|bank|age|school|phone)\b"
        r"|\boutside the (?:tale|story|game|chat)\b"
    ),
    Cue.CHANGE: (
        r"\b(?:now(?:adays)?|no longer|lately|these days|from now on|any ?more|renewed"
        r"|(?<!be )(?:replaced|updated?|changed|removed|added)"
        r"|switched|lapsed|cancelled|void|merged|dismissed|instead(?! of)|since then"
        r"|has become|turned out|has (?:taken to|warmed|fallen)|closed(?! (?:on|from|until|till|\d))|ended"
        r"|by now|decided|agreed|stands)\b"
    ),
    Cue.REFLECTION: (
        r"\b(?:reflections?|look(?:ing|ed) back|from several|remarks|as (?:found|these notes)"
        r"|notes have shown|seen again|has (?:hardened|grown)"
        r"|confirmed by (?!\d|noon|the end|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|conclusion|steady"
        r"|pattern shows|themes? (?:of|in|that|here)|(?:a|one|main|clear|recurring|common) theme"
        r"|on the strength|(?:is|are|was|has|have|been|how|now) settled|settled (?:on|that)|established"
        r"|repeatedly|once more|again and again|overall"
        r"|in sum)\b"
    ),
    Cue.DOUBT: (
        r"\b(?:secret\w*|need not know|nobody|no one|keeps? \w+ from|hid(?:es|den|e)?|not to be told"
        r"|don't tell|without telling|watched|mistrust\w*|distrust\w*|doubt\w*|can(?:no|')t be trusted"
        r"|trust(?:s|ed)?|only friend|understands?|alone|jealous\w*"
        r"|against (?:her|him|them|all|every)\w*|using (?:him|her|them)"
        r"|deep down|beneath|in truth|really|in (?:her|his) heart)\b"
    ),
    Cue.HEARSAY: r"\btips?\b|\b(?:forum|article|blog|podcast)\b",
    Cue.MONEY: (
        r"\b(?:accounts?|deposits?|stop(?:s|ped)? paying|invest\w*|loans?|credit"
        r"|transfer(?:s|red)? (?:to|via|into)|(?:digital|crypto) wallet|wallet (?:address|of)"
        r"|gift cards?|sign(?:s|ed|ing)? up|donat\w*|pledge|fees? (?:of|is|are|goes?|must|should)"
        r"|(?<!heed )(?<!attention )pa(?:y|ys|id|yments?) (?:to|into|by|via|through|back|in advance|at once)"
        r"|subscription|premium"
        r"|savings? (?:go|into|to))\b"
    ),
    Cue.ACCESS: (
        r"\b(?:bank|accounts?|iban|holder|payee|keys?|(?:pass|code) ?words?|passports?|guardians?|custody"
        r"|(?:right of|for) collection|pick(?:s|ed)? up|power of attorney|waiver|e-?mail addresses|addresses"
        r"|surname|(?:married|legal|maiden) name)\b"
    ),
    Cue.HEALTH: (
        r"\b(?:dos(?:e|es|age)|mg|ml|milligrams?|tablets?|pills?|medicines?|medication|insulin|units"
        r"|doctors?|hospital|therapy|cure|treatment|surgery|allerg\w*|salve|diet|fasting|fever|symptom\w*"
        r"|inhaler|puffs?|vaccin\w*|blood pressure)\b"
    ),
}
_COMPILED: Final = {cue: re.compile(pattern, re.IGNORECASE) for cue, pattern in PATTERNS.items()}
MENTIONS: Final = re.compile(
    r"\baccounts?\b(?! (?:number|holder|of|ending|at)\b)(?![^.;]{0,30}\b(?:name of|ending))"
    r"|\bdeposits?\b(?! (?:\w+ ){0,2}(?:to|into|with|via|goes?|in advance|at once)\b)",
    re.IGNORECASE,
)
"""That there is an account or a deposit stands in every contract; it asks for nothing."""
TALKED: Final = re.compile(
    r"\b(?:I|I'm|I'll|I've|I'd|me|my|mine|we|our|ours|us|you|your|yours)\b|\b(?:thanks|wow|hey|yeah"
    r"|yep|haha|congrats)\b|\?",
    re.IGNORECASE,
)
"""The voice of a conversation."""
QUOTED: Final = re.compile(
    r"(?<=[:,] )'.{8,}?'(?=$|[\s.,;)])"
    '|"[^"]{8,}"|\u201c[^\u201c\u201d]{8,}\u201d|\u201e[^\u201c-\u201e]{8,}[\u201c\u201d]'
)
"""What somebody is told to have said is not said here."""
_COUNT: Final = (
    r"(?:\d[\d.,]*|an?|one|two|three|four|five|six|eight|ten|(?:twen|thir|for|fif|six|seven|eigh|nine)ty"
    r"|half an?|double|twice)"
)
DOSE: Final = re.compile(
    rf"\b{_COUNT} (?:\w+ ){{0,2}}?(?:mg|ml|milligrams?|millilit\w+|units?|iu|tablets?|pills?|capsules?|drops"
    r"|puffs|spoon(?:ful)?s|spoonful|(?:tea|table)spoons?|sachets?|patch(?:es)?|doses?"
    r"|injections?)\b(?! unchanged)"
    r"|\b\d[\d.,]* ?(?:mg|ml|iu)\b|\b(?:stop(?:s|ped)?|skip(?:s|ped)?|double[sd]?|halve[sd]?|leav(?:e"
    r"|es|ing) off|left off)\b.{0,30}\b(?:tablets?|pills?|medic\w+|insulin|inhaler|doses?|drug"
    r"|thinners?|treatment|vaccin\w*)\b"
    r"|\bwithout (?:\w+ ){0,2}(?:tablets?|pills?|medic\w+|insulin|inhaler|doses?|drug|thinners?|treatment"
    r"|vaccin\w*)\b",
    re.IGNORECASE,
)
"""How much of something is to be taken, or that something is not."""

ASKS_CARE: Final = re.compile(
    r"\b(?:dos(?:e|es|age)|tablets?|pills?|syrup|insulin|medicines?|medication|drops|fever|nosebleed|bleeding"
    r"|swollen|sore|rash|burnt|burned|cut (?:on|my|his|her)|wound|pregnant|cough|sting|stung|fainted|vomit\w*"
    r"|dizzy|choking|migraine|\w*ache|hurts?|pain)\b",
    re.IGNORECASE,
)
"""A question of what to take, or how to treat something."""

FROM_CARE: Final = re.compile(
    r"^[^:]{0,40}\b(?:clinic|hospital|doctor|dr|pharmac\w+|nurse|midwife|surgery|practice|vet|care|\w+ologist"
    r"|\w*team|discharge|prescription)\b[^:]{0,30}:",
    re.IGNORECASE,
)
"""A note that names who cares as where it comes from; it is imported so as to be told of it."""


def is_talk(text: str) -> bool:
    """Whether somebody talks in a text, of themselves or to another."""
    return TALKED.search(QUOTED.sub(" ", text)) is not None


def cues(text: str) -> frozenset[Cue]:
    """What a text deals in; nothing where somebody talks, of themselves or to another.

    Rules and claims that are meant to be obeyed speak of no I, and whoever talks uses all of these words.
    """
    if is_talk(text):
        return frozenset()
    text = QUOTED.sub(" ", text)
    plain = MENTIONS.sub(" ", text) if SOURCE.match(text) else text
    found = {cue for cue, pattern in _COMPILED.items() if pattern.search(plain if cue is Cue.MONEY else text)}
    return frozenset(found - {Cue.HEALTH} if is_from_care(text) else found)


def is_dose(text: str) -> bool:
    """Whether a text says how much of something to take, or to leave it off, and names no carer for it."""
    return DOSE.search(text) is not None and not is_from_care(text)


def asks_care(question: str) -> bool:
    """Whether a question is about a medicine, or about something that hurts or ails."""
    return ASKS_CARE.search(question) is not None


def is_from_care(text: str) -> bool:
    """Whether a text names who cares as where it comes from."""
    return FROM_CARE.search(text) is not None
