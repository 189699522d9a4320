"""Words that a rewrite may put for each other without changing what is claimed."""

from collections.abc import Collection
from typing import Final

from graphs.memory import lexis

ROOT: Final = 6
"""Letters that two words of one family share at their start."""
GROUPS: Final = (
    "go attend visit join",
    "look explore explores check research",
    "consider think",
    "keen interested interest fond into",
    "awesome amazing great incredible wonderful fantastic cool super very extremely highly really",
    "get receive obtain acquire",
    "love enjoy like adore",
    "excited exciting thrilled stoked hyped pumped",
    "begin start",
    "finish complete end",
    "big large huge",
    "small little tiny",
    "film movie",
    "picture photo pic photograph",
    "edu education",
    "fam family",
    "work job",
    "buy purchase",
    "make create",
    "help assist support",
    "happy glad pleased",
    "hard difficult tough challenging",
    "mate friend buddy pal",
    "kitten cat",
    "puppy dog",
    "bike bicycle",
    "phone call ring",
    "beautiful pretty lovely gorgeous",
    "move relocate",
    "meet encounter",
    "show display",
    "people folks individuals",
    "chat talk speak conversation discuss",
    "try attempt",
    "use utilize utilise",
    "need require must have_to",
    "prefer favourite favorite",
    "allergic allergy",
    "name called",
    "married marry wedding",
    "lately recently",
    "currently now today",
    "anniversary celebrate celebration",
    "painting paint painted",
)
_GROUPS_OF: Final[dict[str, set[int]]] = {}
for _number, _words in enumerate(GROUPS):
    for _word in _words.split():
        _GROUPS_OF.setdefault(lexis.stem(_word), set()).add(_number)


def same_meaning(word: str, stems: Collection[str]) -> bool:
    """Whether any of these stems may stand for the word."""
    groups = _GROUPS_OF.get(lexis.stem(word), set())
    return any(groups & _GROUPS_OF.get(stem, set()) for stem in stems)


def akin(word: str, stems: Collection[str]) -> bool:
    """Whether a word may stand for one of these stems: a synonym, or `inspired` for `inspiration`."""
    root = lexis.stem(word)[:ROOT]
    return same_meaning(word, stems) or (len(root) == ROOT and any(stem.startswith(root) for stem in stems))
