"""Which of the ranked candidates are worth showing to the model: few, different, and to the point."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from graphs.memory import sources
from graphs.memory.lexis import content_words
from graphs.memory.ranking import Scored
from graphs.memory.sentences import sentences
from graphs.memory.trusting import FACTS
from storage.records import Granularity, Memory, Role, Trust

SHOWN: Final = 5
"""RMM's M: of K = 20 ranked candidates the best five are shown (arXiv 2503.08026)."""
NEAR: Final = 0.3
"""Cosine from which two texts are about the same thing for all-MiniLM-L6-v2; strangers lie around 0.1."""
NEAR_WITH_WORDS: Final = 0.15
"""The same where they share a word, or it was said in the time that the message is about. BM25 itself says
little here: it depends on how much is remembered."""
TALK: Final = "talk"
"""The part of a summary that was found because its talk is asked about."""
ASKED: Final = "asked"
"""The part of a fact that the message asks for by name (graphs/asked_for.py)."""
ENDING: Final = "ending"
"""The part of a line with which an imported talk ended that goes on now (graphs/lineage.py)."""
LEAST_CONTENT: Final = 2
"""A message with fewer words that carry something ("Thanks, that helps") tells nothing by itself."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate's place, and whether it is a candidate to be shown."""

    scored: Scored
    rank: int
    left_out: str = ""
    """Why not, in words; empty where it may be shown."""


def choose(found: Sequence[Scored], *, own_words: bool = False, shown: int = SHOWN) -> list[Choice]:
    """Of candidates, best first, those to show.

    The companion's own former words only on request (`own_words`): a small model repeats them otherwise,
    and what it made up once would be made up for good.
    """
    kept: list[Memory] = []
    choices = []
    told = [one.memory.text for one in found if one.memory.trust in FACTS]
    for rank, scored in enumerate(found):
        reason = (
            _sums_up(scored)
            or _against(scored.memory, own_words=own_words)
            or _beside(scored, kept, shown, told)
        )
        if not reason:
            kept.append(scored.memory)
        choices.append(Choice(scored, rank, reason))
    return choices


def may_be_shown(memory: Memory) -> bool:
    """Whether a memory tells something that a reply may rest on, whatever it is asked."""
    return not _against(memory, own_words=False)


def _sums_up(scored: Scored) -> str:
    summary = scored.memory.granularity is Granularity.SESSION
    return "it only sums up a talk" if summary and TALK not in scored.parts else ""


def _against(memory: Memory, *, own_words: bool) -> str:
    if memory.granularity is not Granularity.TURN:
        return ""
    if memory.speaker is Role.ASSISTANT and memory.trust is Trust.INFERRED:
        return "" if own_words else "the companion said it itself"
    if len(content_words(memory.text)) < LEAST_CONTENT or is_mere_question(memory.text):
        return "it tells nothing"
    return ""


def is_mere_question(text: str) -> bool:
    """Whether a text is one question and nothing else."""
    return text.rstrip().endswith("?") and len(sentences(text)) == 1


def _beside(scored: Scored, kept: Sequence[Memory], shown: int, told: Sequence[str]) -> str:
    if not (is_near(scored) or _is_looked_up(scored, told)):
        return "it has little to do with this"
    if any(repeats(scored.memory, other) for other in kept):
        return "another memory says the same"
    if len(kept) >= shown:
        return "better ones were found"
    return ""


def is_near(scored: Scored) -> bool:
    """Whether a memory is about the same thing as the question; by words alone where no meaning is known."""
    if {TALK, ASKED, ENDING} & scored.parts.keys():
        return True
    cosine, bm25 = scored.parts.get("cosine", 0.0), scored.parts.get("bm25", 0.0)
    if not cosine:
        return bm25 > 0
    in_period = scored.parts.get("period", 0.0) > 0
    return cosine >= (NEAR_WITH_WORDS if bm25 > 0 or in_period else NEAR)


def _is_looked_up(scored: Scored, told: Sequence[str]) -> bool:
    """Whether an imported paper, or what comes from somebody whom the person spoke of, may be meant.

    Such a text rarely has the words of a question for it: "when's the last boat", a timetable.
    """
    memory = scored.memory
    return (
        memory.trust is Trust.IMPORTED
        and scored.parts.get("cosine", 0.0) >= NEAR_WITH_WORDS
        and (sources.is_paper(memory.text) or sources.is_from_somebody_told_of(memory.text, told))
    )


def repeats(memory: Memory, other: Memory) -> bool:
    """Whether a memory rests on the same words as another, or has the same text."""
    if memory.text.strip().casefold() == other.text.strip().casefold():
        return True
    if memory.granularity is Granularity.SESSION or other.granularity is Granularity.SESSION:
        return False
    mine = {source.message_id: source.quote for source in memory.sources}
    theirs = {source.message_id: source.quote for source in other.sources}
    return any(
        not mine[shared]
        or not theirs[shared]
        or mine[shared] in theirs[shared]
        or theirs[shared] in mine[shared]
        for shared in mine.keys() & theirs.keys()
    )
