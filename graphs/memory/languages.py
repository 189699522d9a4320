"""Which language a text is in, told by its small words and its letters. Only as good as it needs to be."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

WORDS: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(words.split())
    for name, words in {
        "en": "the and is i to of in my it that a was for on with at have but we you this not be are me",
        "de": "der die das und ist ich nicht ein eine zu mit auf für den im dem es sie wir mein meine war",
        "es": "el la los las y es yo no un una de que en mi por con para se lo me pero más está muy al",
        "fr": "le la les et est je pas un une de que en mon ma pour avec dans ce il elle nous vous des du au",
        "it": "il la gli e è io non un una di che in mio mia per con sono ho ma più del della al nel si",
        "nl": "de het een en is ik niet van in mijn dat op met voor maar ook zijn aan te was we er naar bij",
        "pt": "o a os as e é eu não um uma de que em meu minha por com para se mas mais do da no na foi",
        "sv": "och är jag inte en ett det att på med för som av den min mitt men vi har till om var från",
        "pl": "i w nie to jest się na z do że mam mój moja ale jak od po dla tak już przez tego być",
    }.items()
}
SMALL_WORDS: Final = frozenset[str]().union(*WORDS.values())
LEAST_MORE: Final = 3
"""So many more small words of one language than of any other settle it."""
SCRIPTS: Final = (
    ("cyrillic", re.compile(r"[\u0400-\u04ff]")),
    ("greek", re.compile(r"[\u0370-\u03ff]")),
    ("arabic", re.compile(r"[\u0600-\u06ff]")),
    ("hebrew", re.compile(r"[\u0590-\u05ff]")),
    ("cjk", re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")),
    ("devanagari", re.compile(r"[\u0900-\u097f]")),
)


def language(text: str) -> str:
    """A language or a script; empty where it does not show."""
    for name, letters in SCRIPTS:
        if len(letters.findall(text)) * 2 > len(text.replace(" ", "")):
            return name
    words = re.findall(r"\w+", text.casefold())
    counts = Counter({name: sum(word in small for word in words) for name, small in WORDS.items()})
    (best, most), (_, second) = counts.most_common(2)
    return best if most >= LEAST_MORE and most >= second + LEAST_MORE else ""


def told_apart(text: str, others: Sequence[str]) -> bool:
    """Whether a text is in another language than all the others of which it shows; False without any."""
    known = {found for other in others if (found := language(other))}
    own = language(text)
    return bool(own and known) and own not in known
