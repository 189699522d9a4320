"""English words as the rules of memory see them: tokens, stems, negations, numbers, names."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

TOKEN: Final = re.compile(r"\d+(?:[.,:]\d+)+|[^\W_]+(?:'[^\W_]+)*")
APOSTROPHES: Final = str.maketrans(
    {"\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{MODIFIER LETTER APOSTROPHE}": "'"}
)


def word_set(words: str) -> frozenset[str]:
    """Words written in a row."""
    return frozenset(words.split())


STOP_WORDS: Final = word_set(
    """
    a about above after again against all also am an and any are as at be because been before being below
    between both but by can could did do does doing down during each either else ever every few for from
    further get gets getting got had has have having he her here hers herself him himself his how however i
    if in into is it its itself just let like lot lots many may maybe me might mine more most much must my
    myself of off on once one ones only onto or other our ours ourselves out over own per perhaps quite rather
    really same shall she should since so some something somewhere soon still such than that the their theirs
    them themselves then there these they thing things this those though through to too toward towards under
    until up upon us very was we well were what when where whether which while who whom whose why will with
    within would yet you your yours yourself yourselves
    actually anyway basically definitely especially finally honestly literally probably simply
    already always anyone anything everyone everything sometimes somebody someone usually way
    ah aw gosh haha hello hey hi hmm oh ok okay right sure um whoa wow
    yeah yep yes yup nope nah please
    thank thanks
    """
)
"""Words that carry no fact by themselves. Negations are not among them: see `negations`."""

NEGATIONS: Final = word_set("no not never none nothing nobody nowhere neither nor without cannot cant dont")

CONTRACTIONS: Final = (
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"\bcan't\b"), "can not"),
    (re.compile(r"\bshan't\b"), "shall not"),
    (re.compile(r"\bain't\b"), "is not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"\b(i)'m\b"), r"\1 am"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'d\b"), " would"),
    (re.compile(r"\blet's\b"), "let us"),
    (re.compile(r"\b(it|he|she|that|there|here|what|who|where|how)'s\b"), r"\1 is"),
    (re.compile(r"\bgonna\b"), "going to"),
    (re.compile(r"\bwanna\b"), "want to"),
    (re.compile(r"\bgotta\b"), "got to"),
    (re.compile(r"\bcannot\b"), "can not"),
)

SMALL_NUMBERS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
NUMBER_WORDS: Final = {word: str(value) for value, word in enumerate(SMALL_NUMBERS.split(" "))} | {
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "seventy": "70",
    "eighty": "80",
    "ninety": "90",
    "hundred": "100",
    "thousand": "1000",
}

IRREGULAR: Final = {
    form: base
    for base, forms in {
        "become": "became", "begin": "began begun", "break": "broke broken", "bring": "brought",
        "build": "built", "buy": "bought", "catch": "caught", "child": "children kid kids",
        "choose": "chose chosen", "come": "came", "cost": "costs", "cut": "cuts cutting", "die": "dying died",
        "draw": "drew drawn", "drink": "drank drunk", "drive": "drove driven", "eat": "ate eaten",
        "fall": "fell fallen", "feel": "felt", "fight": "fought", "find": "found", "fly": "flew flown",
        "forget": "forgot forgotten", "give": "gave given", "go": "went gone goes", "grow": "grew grown",
        "hear": "heard", "hold": "held", "keep": "kept", "know": "knew known", "lead": "led",
        "learn": "learnt", "leave": "left", "lose": "lost", "make": "made", "man": "men", "mean": "meant",
        "meet": "met", "mum": "mom mother mums moms", "dad": "father dads", "pay": "paid", "person": "people",
        "read": "reads", "ride": "rode ridden", "run": "ran", "say": "said", "see": "saw seen",
        "sell": "sold", "send": "sent", "sing": "sang sung", "sit": "sat", "sleep": "slept",
        "speak": "spoke spoken", "spend": "spent", "stand": "stood", "swim": "swam swum",
        "take": "took taken", "teach": "taught", "tell": "told", "think": "thought",
        "understand": "understood", "wake": "woke woken", "wear": "wore worn", "win": "won",
        "woman": "women", "write": "wrote written",
    }.items()
    for form in forms.split()
}  # fmt: skip

GAP: Final = 8
"""Characters before a word among which the end of the sentence before it stands."""
ENDINGS: Final = ("ings", "ing", "edly", "ed", "ies", "es", "s", "ly")
SHORTEST_STEM: Final = 3


@lru_cache(maxsize=1024)
def plain(text: str) -> str:
    """Lower case, straight apostrophes, contractions written out."""
    text = text.translate(APOSTROPHES).lower()
    for pattern, full in CONTRACTIONS:
        text = pattern.sub(full, text)
    return text


def tokens(text: str) -> list[str]:
    """The words of a text in order, as `plain` writes them, without a possessive 's."""
    return [word.removesuffix("'s") for word in TOKEN.findall(plain(text))]


def stem(word: str) -> str:
    """A word's stem, so that `adopted`, `adopting` and `adopts` agree; irregular forms by table."""
    word = IRREGULAR.get(word, word)
    if word in NUMBER_WORDS:
        return NUMBER_WORDS[word]
    for ending in ENDINGS:
        root = word.removesuffix(ending)
        plural_of_s = ending in {"s", "es"} and root.endswith("s")
        if root != word and len(root) >= SHORTEST_STEM and not plural_of_s:
            return _settle(root + "y" if ending == "ies" else root)
    return _settle(word)


def stems(words: Iterable[str]) -> set[str]:
    """The stems of words."""
    return {stem(word) for word in words}


def content_words(text: str) -> list[str]:
    """The words that carry the facts, in order."""
    return [word for word in tokens(text) if word not in STOP_WORDS and word not in NEGATIONS]


def negations(text: str) -> int:
    """How often a text denies something."""
    return sum(word in NEGATIONS for word in tokens(text))


def numbers(text: str) -> set[str]:
    """The numbers of a text as digits; `one` is left out, since it mostly counts nothing."""
    found = set()
    for word in tokens(text):
        if word in NUMBER_WORDS and word != "one":
            found.add(NUMBER_WORDS[word])
        elif word[0].isdigit():
            found.add(re.sub(r"(?<=\d)(st|nd|rd|th)$", "", word))
    return found


def names(text: str) -> set[str]:
    """Words written with a capital where no sentence begins, in lower case; `I` is not one."""
    found = set()
    text = text.translate(APOSTROPHES)
    for match in TOKEN.finditer(text):
        word = match.group().removesuffix("'s")
        before = text[max(0, match.start() - GAP) : match.start()].rstrip(" \"'(*")
        begins = not before or before[-1] in ".!?\n:"
        if word[0].isupper() and not begins and word.split("'")[0] != "I":
            found.add(word.lower())
    return found


def _settle(root: str) -> str:
    doubled = len(root) > SHORTEST_STEM and root[-1] == root[-2] and root[-1] in "bdgmnprt"
    if doubled:
        root = root[:-1]
    if len(root) > SHORTEST_STEM:
        root = root.removesuffix("e")
    if len(root) > SHORTEST_STEM and root[-1] == "i":
        root = root[:-1] + "y"
    return root
