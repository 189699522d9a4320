"""The words that claims are read by: who is meant, what changes, where a value ends."""

import re
from typing import Final

from graphs.memory import lexis
from graphs.memory.dating import MONTHS, WEEKDAYS
from graphs.memory.speech_patterns import KIN, one_of

S: Final = r"@(?P<s>\d+) "
"""The subject of a clause, as `claims.marked` writes it."""
ADV: Final = (
    r"(?:(?:also|just|now|then|still|only|both|all|even|already|do|does|\w+ly|ended up"
    r"|have|has|had|am|is|are|been|was|were|will be|at last|once again) )*"
)
"""Adverbs and helping verbs that may stand before the verb that counts."""
BE: Final = r"(?:am|is|are|have been|has been|became|got|went|turned|being)"
MONTH: Final = "|".join(name.lower() for name in MONTHS)
WEEKDAY: Final = "|".join(name.lower() for name in WEEKDAYS)
SEASON: Final = "spring|summer|autumn|fall|winter"
STOPS: Final = (
    "and|or|but|because|since|so|when|while|where|who|which|that|with|for|after|before|until|till|as|now"
    "|nowadays"
    "|today|tonight|again|any ?more|any longer|these days|this|last|next|every|each|if|though|although"
    "|instead"
    "|too|either|here|there|to|from|full-time|part-time|full time|part time|at the moment|right|already|soon"
    "|yesterday|tomorrow|twice|once|ago|than|during|by|then|just|as well|on top|besides|together|thanks|due"
    rf"|in (?:{MONTH}|{SEASON}|\d{{4}}|the end|the meantime|the past|a (?:week|month|year|few))"
    rf"|on (?:{WEEKDAY}|mondays|saturdays|sundays|weekends|weekdays|my own|\d|the \d|the side)"
    r"|a (?:week|month|year|few|couple)|(?:two|three|four|five|six|\d+) (?:times|days|weeks|months|years"
    r"|nights)"
)
V: Final = rf"(?P<v>[^,.;:!?()@]+?)(?= ?$| ?[,.;:!?()@]| (?:{STOPS})\b)"
"""A value, up to where something else begins."""
NUMBER: Final = r"(?:\d{1,3}|[a-z]+(?:ty|teen)(?:-\w+)?)"
DATE: Final = (
    rf"(?P<v>(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)?(?: (?:{MONTH}))?\b(?!:)"
    rf"|(?:the )?(?:{MONTH})(?: (?:the )?\d{{1,2}}(?:st|nd|rd|th)?)?|(?:next |this |this coming )?"
    rf"(?:{WEEKDAY})"
    rf"|(?:next|this|early|late|mid) (?:week|weekend|month|year|{SEASON}|{MONTH})|the (?:{SEASON})|{SEASON}"
    r"|tomorrow|\d{1,2}(?::\d\d)? ?(?:am|pm))\b(?:,? (?:\d{4}\b)?)?"
)

HEDGE: Final = re.compile(
    r"\b(?:people|everyone|everybody|they|@[1-9]\d*) (?:all |always )?(?:thinks?|thought|believes?"
    r"|assumes?|says?|said|claims?"
    r"|told|tells)\b|\bnot sure\b|\bunsure\b|\bdoubt\b|\b(?:feels?|seems?|looks?|sounds?) (?:like|as if)\b|"
    r"\b(?:might|maybe|perhaps|could|would|should|wish|if|unless|imagin\w+|suppos\w+|pretend\w*|thinking "
    r"(?:of|about)"
    r"|think(?:s)? (?:of|about)|consider(?:s|ing)?|wants? to|would like to|hop(?:e|es|ing) to|dream(?:s|t"
    r"|ed|ing)?"
    r"|almost|nearly|some ?day|one day|fantasi\w+|toying|tempted|wonder(?:s|ing)?|as though|let us say"
    r"|joke|joking"
    r"|kidding|in another life|for a second|what about|plan(?:s|ning)? to|try(?:ing)? to|tried to|afraid"
    r"|considered"
    r"|going to (?!\w+ing\b|the\b|an?\b|my\b|our\b|(?:[a-z]+ )?(?:school|college|university)\b|work\b))\b"
)
"""Not so, or not so yet."""
REPORTED: Final = re.compile(
    r"@0 (?:just |once )?(?:read|heard|saw|learned|learnt|watched)\b.{0,40}\b(?:that|how|about)\b"
    r"|\b(?:they|people|experts|scientists|the (?:news|paper|article)) says?\b"
)
"""Somebody else's claim about the world."""
ADDS: Final = re.compile(
    r"\b(?:also|too|as well|another|second|third|besides|on the side|additionally|on top|part[- ]time"
    r"|at the same time|on weekends|on (?:satur|sun)days|and still|other)\b"
)
CORRECTS: Final = re.compile(
    r"\b(?:i meant|meant to say|meant to write|correction|i was wrong|my mistake|i misspoke|typo|i got "
    r"(?:that|it) wrong"
    r"|mixed (?:it |that |them )?up|not only)\b|^(?:sorry|oops|actually)\b"
)
CHANGES: Final = re.compile(
    r"\b(?:now|nowadays|these days|new|instead|switched|changed|moved|started|began|begun|became|turned"
    r"|replaced|swapped"
    r"|from now on|back (?:to|in|at)|again|finally|since (?:last|this|yesterday|january|february|march"
    r"|april|may"
    r"|june|july|august|september|october|november|december|monday)|just got|took over|any ?more|postponed"
    r"|rescheduled|pushed|brought forward|no longer|rather than|in the end|ended up|meanwhile|by now"
    r"|lately)\b"
)
NOT_BUT: Final = re.compile(r"\bnot (?!only\b|just\b)(?P<old>[^,.;@]{1,40}?),? but (?:rather )?")
BUT_NOT: Final = re.compile(
    r"(?:, (?:and )?not| not(?= (?:on |in |at )?(?:the )?\d)|,? instead of|,? rather than)"
    r" (?P<old>(?!any\b)[\w' ]{1,40}?)(?= any ?more|[,.!]|$)"
)
"""`on the 7th, not the 5th`."""

DO_NOT: Final = r"(?:do|does) not(?: really| actually| even)?"
ENDED: Final = (
    (re.compile(rf"({S}{ADV})(?:{DO_NOT}|no longer) (?:be )?(.+?)(?: (?:any ?more|any longer|now))?(?=$"
    rf"|[,.;])"), r"\1\3"),
    (re.compile(rf"({S}(?:now |just )?)(?:am|is|are) (?:not|no longer) (.+?)(?: (?:any ?more|any longer"
    rf"|now))?(?=$|[,.;])"), r"\1am \3"),
    (re.compile(rf"({S}{ADV})(?:stopped|quit|gave up|given up|finished|done with|through with|given up on)"
                r" (\w+ing\b.*)"), r"\1am \3"),
    (re.compile(rf"({S}(?:also |both |all )?)used to be (.+)"), r"\1am \3"),
    (re.compile(rf"({S}(?:also |both |all )?)used to (.+)"), r"\1\3"),
    (re.compile(rf"({S}(?:once |previously |formerly )?)lived (in|at|near) (.+)"), r"\1live \3 \4"),
    (re.compile(rf"({S}(?:once |previously |formerly ))(?:was|were) (.+)"), r"\1am \3"),
    (re.compile(rf"({S}(?:once |previously |formerly ))worked (.+)"), r"\1work \3"),
)  # fmt: skip
"""What is said to be over, and how it would be said if it were so."""
STARTED: Final = (
    re.compile(rf"({S}{ADV})(?:started|begun|began|taken up|took up|picked up|resumed) (\w+ing\b.*)"),
    r"\1am \3",
)
"""The same for what has begun."""
DWELLING: Final = lexis.stems(
    lexis.word_set(
        "flat apartment house home place room studio city town village centre center near "
        "downtown area street "
        "neighbourhood neighborhood small big tiny old new nice middle outskirts edge part "
        "side outside north "
        "south east west northern southern eastern western little beautiful quiet heart"
    )
)
"""Stems that tell what somebody lives in, and not where."""
COUNTRIES: Final = lexis.stems(
    lexis.word_set(
        "portugal spain france germany italy england scotland wales ireland britain uk usa us america states "
        "canada mexico brazil argentina chile peru colombia japan china korea india pakistan "
        "thailand vietnam "
        "indonesia philippines malaysia singapore australia zealand austria switzerland belgium netherlands "
        "holland denmark norway sweden finland iceland poland czechia czech slovakia hungary "
        "romania bulgaria "
        "greece turkey croatia serbia slovenia estonia latvia lithuania ukraine russia egypt morocco kenya "
        "nigeria ghana africa europe asia texas california florida bavaria catalonia "
        "andalusia tuscany provence "
        "brittany normandy cornwall yorkshire algarve ontario quebec"
    )
)
"""Stems of places that hold others: who lives in Porto lives in Portugal too."""
PETS: Final = one_of(
    "dog cat puppy kitten pet horse rabbit hamster parrot tortoise budgie goldfish pony hen bunny"
)
RELATIVES: Final = (
    rf"(?:{KIN}|{PETS}|twins?|in-laws|parents|stepson|stepdaughter|grandson|granddaughter|godson|goddaughter)"
)
