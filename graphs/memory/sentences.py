"""Where sentences begin and end, and which parts of a message are not the person's own words."""

import re
from typing import Final

Span = tuple[int, int]

ABBREVIATIONS: Final = frozenset(
    {
        "mr",
        "mrs",
        "ms",
        "dr",
        "st",
        "prof",
        "jr",
        "sr",
        "vs",
        "etc",
        "e.g",
        "i.e",
        "approx",
        "no",
        "a.m",
        "p.m",
    }
)
LONGEST_ABBREVIATION: Final = 10
END: Final = re.compile(r"[.!?\u2026]+[\"'\u201d\u2019)*\]]*(?=\s|$)|\n+|\s[;:]-?[)D(P]+(?=\s|$)")
LONGEST_QUOTED: Final = 6
"""Words in quotation marks up to which they are a title or a word, not somebody else's speech."""
LONG_MESSAGE: Final = 1_200
"""Characters above which a message that hardly says I or my is taken for pasted text."""
FEWEST_SELF: Final = 0.015
"""Share of I, me, my, we, our among the words of a long message that somebody wrote about themselves."""

FENCE: Final = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)", re.DOTALL)
QUOTED_LINE: Final = re.compile(r"^[ \t]*(?:>|\|).*$", re.MULTILINE)
STAGE: Final = re.compile(r"\*[^*\n]{3,}\*")
QUOTATION: Final = re.compile('"[^"]{2,}"|\u201c[^\u201d]{2,}\u201d|\u00ab[^\u00bb]{2,}\u00bb')
LINK: Final = re.compile(r"\bhttps?://\S+")
HEADER: Final = re.compile(
    r"^[ \t]*(?:-{2,}\s*(?:original|forwarded) message.*|(?:from|subject|to|sent):\s.*|begin forwarded.*)$",
    re.IGNORECASE | re.MULTILINE,
)
HANDED_OVER: Final = re.compile(
    r"\b(?:here(?:'s| is| are)|this is|see|read|look at|check out|past(?:e|ed|ing)|cop(?:y|ied)|quot(?:e|ing)"
    r"|forward(?:ed|ing)?|summari[sz]e|translate|proofread|rewrite|got this|they (?:wrote|sent)"
    r"|(?:he|she|it|who|\w+) (?:wrote|says|said|sent|writes|posted))\b[^.!?\n]{0,80}:[ \t]*(?=\S|\n)",
    re.IGNORECASE,
)
SELF: Final = re.compile(r"\b(?:I|me|my|mine|we|our|us)\b", re.IGNORECASE)


def sentences(text: str) -> list[Span]:
    """The sentences of a text as spans without surrounding blanks; a line break ends one."""
    spans = []
    start = 0
    for match in END.finditer(text):
        if _is_abbreviation(text, match):
            continue
        spans.append((start, match.end()))
        start = match.end()
    spans.append((start, len(text)))
    return [span for span in (_trim(text, span) for span in spans) if span[0] < span[1]]


def foreign(text: str) -> list[Span]:
    """The parts of a message that are not its writer's own words.

    Code, quoted lines, long quotations, stage directions, links, and whatever follows a forwarding
    header or an announcement such as "here is the mail:".
    """
    if len(text) > LONG_MESSAGE and len(SELF.findall(text)) < FEWEST_SELF * len(text.split()):
        return [(0, len(text))]
    spans = [
        match.span() for pattern in (FENCE, QUOTED_LINE, STAGE, LINK) for match in pattern.finditer(text)
    ]
    spans += [
        match.span() for match in QUOTATION.finditer(text) if len(match.group().split()) > LONGEST_QUOTED
    ]
    spans += [(match.start(), len(text)) for match in HEADER.finditer(text)]
    spans += [(match.start(), len(text)) for match in HANDED_OVER.finditer(text)]
    return sorted(spans)


def overlaps(span: Span, others: list[Span]) -> bool:
    """Whether a span shares a character with any other."""
    return any(span[0] < end and start < span[1] for start, end in others)


def _is_abbreviation(text: str, match: re.Match[str]) -> bool:
    if match.group() != ".":
        return False
    before = text[max(0, match.start() - LONGEST_ABBREVIATION) : match.start()].split()
    if not before or text[match.start() - 1].isspace():
        return False
    word = before[-1].lower().lstrip("(\"'")
    initial = len(word) == 1 and before[-1][-1].isupper() and word != "i"
    return initial or word in ABBREVIATIONS


def _trim(text: str, span: Span) -> Span:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
