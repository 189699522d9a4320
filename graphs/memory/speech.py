"""What kind of sentence somebody wrote, told by rule from its own words."""

from enum import Enum, auto
from typing import Final

from graphs.memory import lexis
from graphs.memory import speech_patterns as patterns


class Kind(Enum):
    """What a sentence is good for."""

    STATEMENT = auto()
    """Says something of the writer, or of somebody whom they name, with enough in it to keep."""
    SHORT = auto()
    """The same with too little in it, unless the next sentence says more."""
    LEANING = auto()
    """Only makes sense together with the sentence before it."""
    CORRECTION = auto()
    """Puts right what stands before it, and says nothing without that."""
    RETRACTION = auto()
    """Takes back what stands before it: it was a joke, or wrong."""
    NOTHING = auto()
    """A question, greeting, thanks, order, opinion, hypothesis, joke, or too little."""


ENOUGH: Final = 4
"""Content words of a sentence that is kept for its content alone."""
ENOUGH_OF_A_FACT: Final = 2
"""Content words of a sentence that says who or what somebody is, has, likes or does."""
ENOUGH_OF_AN_EVENT: Final = 3
"""Content words of a sentence that says what somebody did, or that has a name or a number."""
ENOUGH_TO_LEAN: Final = 2
LEANING_COSTS: Final = 1
"""Further content words of a sentence with a pronoun that stands for something said before."""
OPENING: Final = 3
"""Words among which the name of whom a sentence is about stands."""
NO_STATEMENT: Final = (
    patterns.QUESTION,
    patterns.COURTESY,
    patterns.ORDER,
    patterns.OPINION,
    patterns.UNREAL,
    patterns.JOKE,
)


def kind(sentence: str, known_names: frozenset[str] = frozenset()) -> Kind:
    """What a sentence is; `known_names` are names that the writer used elsewhere, in lower case."""
    whole = " ".join(lexis.plain(sentence).split())
    if patterns.PUTS_RIGHT.search(whole) or patterns.RETRACTION.search(whole):
        return Kind.CORRECTION if patterns.PUTS_RIGHT.search(whole) else Kind.RETRACTION
    text = patterns.TAG.sub("", _bare(sentence))
    if not text or any(rule.search(text) for rule in NO_STATEMENT):
        return Kind.NOTHING
    fact = patterns.FACT.search(text) is not None
    if patterns.OTHER.search(text):
        return Kind.NOTHING
    content = len(set(lexis.content_words(text)))
    named = _names_somebody(sentence, known_names)
    news = patterns.NEWS.search(text) is not None
    about = named or news or patterns.SELF.search(text) is not None
    dependent = not about or (patterns.LEANS.match(text) is not None and not news)
    enough = 1 if news else _enough(sentence, text, fact=fact, named=named)
    if about and content >= enough + (LEANING_COSTS if dependent else 0):
        return Kind.STATEMENT
    if fact and not dependent and content:
        return Kind.SHORT
    return Kind.LEANING if dependent and content >= ENOUGH_TO_LEAN else Kind.NOTHING


def leans(sentence: str) -> bool:
    """Whether a sentence has a pronoun near its start that stands for something said before."""
    return patterns.LEANS.match(_bare(sentence)) is not None


def begins_with_pronoun(sentence: str) -> bool:
    """Whether a sentence begins with such a pronoun, so that nobody can tell what it is about."""
    bare = _bare(sentence)
    return patterns.PRONOUN.match(bare) is not None and not patterns.NEWS.search(bare)


def is_fact(sentence: str) -> bool:
    """Whether a sentence says who or what somebody is, has, likes or does."""
    return patterns.FACT.search(_bare(sentence)) is not None


def without_opening(line: str) -> str:
    """A line without the words that only lead into it, such as "Hey John," or "By the way,"."""
    text = patterns.ADDRESSING.sub("", patterns.OPENING.sub("", line)).strip()
    return text[:1].upper() + text[1:] if lexis.content_words(text) else line


def _bare(sentence: str) -> str:
    text = patterns.BEFORE_COLON.sub("", " ".join(lexis.plain(sentence).split()))
    text = patterns.LEAD_IN.sub("", text)
    return patterns.ADDRESSING.sub("", text).strip()


def _enough(sentence: str, text: str, *, fact: bool, named: bool) -> int:
    if patterns.BRIEF.search(text) or patterns.NAMES_ITSELF.search(sentence):
        return 1
    if fact and not patterns.MOOD.match(text):
        return ENOUGH_OF_A_FACT
    exact = named or bool(lexis.names(sentence) or lexis.numbers(text) or patterns.EVENT.search(text))
    return ENOUGH_OF_AN_EVENT if exact else ENOUGH


def _names_somebody(sentence: str, known: frozenset[str]) -> bool:
    """Whether a sentence begins with a name; what is named further on may be a place, or anything."""
    opening = lexis.tokens(patterns.VOCATIVE.sub("", sentence))[:OPENING]
    return any(word in known for word in opening)
