"""A line in the first person turned into the third by rule, so that no model has to work out who spoke."""

import re
from typing import Final

from graphs.memory import lexis

_ADVERBS: Final = (
    r"(?:(?:really|also|always|never|still|just|now|already|even|mostly|once|soon|then|currently|usually"
    r"|often|sometimes|recently|finally|only|\w+ly) )*"
)
_AUXILIARY: Final = lexis.word_set(
    "will would can could shall should may might must did had was went used ought cannot won't can't "
    "couldn't wouldn't shouldn't didn't hadn't wasn't ain't and or but to who that in on at as"
)
_SAME: Final = lexis.word_set("put cut let set hit cost hurt quit read shut spread beat bet")
"""Past forms that look like the present."""
_PRESENT: Final = {
    "am": "is",
    "have": "has",
    "do": "does",
    "go": "goes",
    "don't": "doesn't",
    "haven't": "hasn't",
}
_IRREGULAR_PASTS: Final = frozenset(lexis.IRREGULAR) - lexis.word_set(
    "kids people men women children reads costs cuts"
)

_SHORT: Final = (
    (re.compile(r"\bI'm not\b", re.IGNORECASE), "I am not"),
    (re.compile(r"\bI'm\b", re.IGNORECASE), "I am"),
    (re.compile(r"\bI've\b", re.IGNORECASE), "I have"),
    (re.compile(r"\bI'll\b", re.IGNORECASE), "I will"),
    (re.compile(r"\bI'd (?=been|had|never|always|\w+ed\b)", re.IGNORECASE), "I had "),
    (re.compile(r"\bI'd\b", re.IGNORECASE), "I would"),
    (re.compile(r"\bwe'd\b", re.IGNORECASE), "we would"),
    (re.compile(r"\bwe're\b", re.IGNORECASE), "we are"),
    (re.compile(r"\bwe've\b", re.IGNORECASE), "we have"),
    (re.compile(r"\bwe'll\b", re.IGNORECASE), "we will"),
    (re.compile(r"\bgonna\b", re.IGNORECASE), "going to"),
    (re.compile(r"\bwanna\b", re.IGNORECASE), "want to"),
    (re.compile(r"\bgotta\b", re.IGNORECASE), "have to"),
)
OTHERS: Final = re.compile(r"\b(?:they|them|their|theirs|and others)\b", re.IGNORECASE)
"""Words with which `their` would be taken for that of others."""
_SUBJECT: Final = re.compile(rf"\bI ({_ADVERBS})([\w']+)")


_REST: Final = (
    (r"\bI\b", 0, "{0}"),
    (r"\b(?:my|mine)\b", re.IGNORECASE, "{0}'s"),
    (r"\b(?:myself|ourselves)\b", re.IGNORECASE, "themselves"),
    (r"\bme\b", re.IGNORECASE, "{0}"),
    (r"\b(?:we|us)\b", re.IGNORECASE, "{0} and others"),
    (r"\b(?:our|ours)\b", re.IGNORECASE, "their"),
)


_OUR_FIRST: Final = re.compile(r"^(?:our)\b", re.IGNORECASE)
"""Where nobody has been named yet, `their` would be anybody's."""


def turned(line: str, label: str) -> str:
    """The line with the person under this label in place of `I`, `me` and `my`; grammar is roughly right."""
    text = line.translate(lexis.APOSTROPHES)
    text = re.sub(r"\bi\b(?=[ '])", "I", text)
    for pattern, full in _SHORT:
        text = pattern.sub(full, text)
    text = _SUBJECT.sub(lambda found: f"{label} {found[1]}{_conjugated(found[2])}", text)
    text = re.sub(r"\bam I\b", f"is {label}", text)
    text = _OUR_FIRST.sub(f"{label}'s", text, count=1) if label not in text else text
    for words, flags, stand_in in _REST:
        text = re.sub(words, stand_in.format(label), text, flags=flags)
    text = _without_repeats(text, label)
    return text[:1].upper() + text[1:]


def _without_repeats(text: str, label: str) -> str:
    """`their` for what the person, as subject, has, where it can mean nobody else."""
    if OTHERS.search(text):
        return text
    owner = re.compile(rf"(\b{re.escape(label)}\b(?!'s))([^.!?A-Z]*?)\b{re.escape(label)}'s")
    while (shorter := owner.sub(r"\1\2their", text)) != text:
        text = shorter
    return text


def _conjugated(verb: str) -> str:
    low = verb.lower()
    if low in _PRESENT:
        return _PRESENT[low]
    if low in _AUXILIARY or low in _SAME or low in _IRREGULAR_PASTS or low.endswith(("ed", "ing", "'t")):
        return verb
    if re.search(r"(?:s|x|z|ch|sh|o)$", low):
        return verb + "es"
    return verb[:-1] + "ies" if re.search(r"[^aeiou]y$", low) else verb + "s"
