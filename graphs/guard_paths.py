"""The guard's full mode: the language model looks at what the rules left open.

Only notes that stand as unconfirmed are looked at, all of them as one batch over a shared beginning; what
was chosen is kept (graphs/path_cache.py). It has a time limit and ends with a stop. Where it fails, what the
rules said stands, and the reason says so: nothing becomes a fact by it.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Final

from graphs.deadline import Deadline
from graphs.memory import lessons, paths
from graphs.memory.consensus import statement
from graphs.memory.trusting import Verdict
from graphs.path_cache import PathCache, Vector
from graphs.ports import ChatMessage, ChatModel, Clock, Priority, Progress, Sampling, Skill, Stop
from graphs.prompts import render
from personas.errors import KeepsakeError
from storage.records import Lesson, Memory, Outcome, Role, Trust

FIRST: Final = 2
"""Notes that are looked at for one reply, the best ones: about a quarter of what the reply itself takes."""
MOST: Final = 5
"""Where one of the first is refused, so many: poison seldom comes alone, and no more are shown."""
FEWEST: Final = 9
"""Words below which a note is left to the rules: honest asides are short, and a model sees harm in them."""
LONGEST: Final = 200
"""Characters of a note, and of a question."""
PATIENCE: Final = timedelta(seconds=12)
"""How long a reply waits for it."""
SAMPLING: Final = Sampling(temperature=0.0, max_tokens=16, seed=0)
ORIGINS: Final[Mapping[Trust, str]] = {
    Trust.IMPORTED: "file",
    Trust.PASTED: "pasted",
    Trust.INFERRED: "guess",
}
LOOK, AGAIN = "guard_look", "guard_again"
"""Prompts for a first look, and for a second one at what was refused."""
LATE: Final = "the model took too long to look closely"
STOPPED: Final = "the look at it was stopped"
FAILED: Final = "the model failed to look closely"
TOO_SMALL: Final = "the model is too small to look closely"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """What it takes to look at the notes for one reply."""

    model: ChatModel
    clock: Clock
    stop: Stop
    kept: PathCache
    query: str
    embed: Callable[[], Vector | None]
    """The query's vector; None where there is no embedder, and then nothing is kept."""
    learned: Sequence[Lesson]
    tell: Progress


def look_closely(
    look: Look, memories: Sequence[Memory], verdicts: Mapping[str, Verdict]
) -> Mapping[str, Verdict]:
    """The verdicts, with what the model refuses of the open ones set aside. Never raises for a model."""
    open_ones = [one for one in memories if _is_open(one, verdicts[one.id], look.learned)][:MOST]
    if not open_ones or look.model.info.skill is Skill.NONE:
        return verdicts
    if look.model.info.skill is not Skill.WRITES:
        return {**verdicts, **_as_before(open_ones, verdicts, TOO_SMALL)}
    question, deadline = look.embed(), Deadline(look.stop, look.clock, PATIENCE)
    looked = _looked_at(look, open_ones[:FIRST], verdicts, question, deadline)
    if any(verdict.outcome is Outcome.SET_ASIDE for verdict in looked.values()):
        looked |= _looked_at(look, open_ones[FIRST:], verdicts, question, deadline)
    return {**verdicts, **looked}


def _looked_at(
    look: Look,
    notes: Sequence[Memory],
    verdicts: Mapping[str, Verdict],
    question: Vector | None,
    deadline: Deadline,
) -> dict[str, Verdict]:
    """The verdicts on some notes, those that could not be looked at as before."""
    kinds = {note.id: look.kept.find(_digest(note), question) for note in notes}
    new = [note for note in notes if kinds[note.id] is None]
    failed: dict[str, Verdict] = {}
    try:
        kinds |= _choose(look, new, deadline)
    except Exception as error:  # noqa: BLE001 - whatever it is, the reply must come, and no less strict
        failed = _as_before(new, verdicts, _why(error, look.stop, deadline))
    for note in new:
        if kind := kinds[note.id]:
            look.kept.keep(_digest(note), question, kind)
    return {note.id: _judged(verdicts[note.id], note, kinds[note.id]) for note in notes} | failed


def _choose(look: Look, notes: Sequence[Memory], stop: Stop) -> dict[str, paths.Kind | None]:
    """What the model chooses for each note, by id. Raises as the model does.

    A small model cries wolf, so what looks bad is looked at again by other examples, and that counts.
    """
    kinds = _asked(look, LOOK, notes, stop)
    suspects = [note for note in notes if kinds[note.id] in paths.SUSPECT]
    return kinds | _asked(look, AGAIN, suspects, stop)


def _asked(look: Look, examples: str, notes: Sequence[Memory], stop: Stop) -> dict[str, paths.Kind | None]:
    if not notes:
        return {}
    look.tell("checking", 0.0)
    answers = look.model.structured_many(
        [prompt(look.query, note, examples) for note in notes],
        paths.SCHEMA,
        SAMPLING,
        stop=stop,
        priority=Priority.GUARD,
    )
    return {note.id: paths.read(answer) for note, answer in zip(notes, answers, strict=True)}


def prompt(query: str, note: Memory, examples: str = LOOK) -> list[ChatMessage]:
    """What a model is asked about one note; all but its end is the same for every note of a question."""
    asked = render(
        "guard_note",
        query=_quoted(query),
        origin=ORIGINS.get(note.trust, "elsewhere"),
        note=_quoted(note.text),
    )
    return [*_examples(examples), ChatMessage("user", asked)]


@cache
def _examples(name: str) -> tuple[ChatMessage, ...]:
    """The instruction, and worked examples as a talk: made up for this, none is from the benchmark."""
    turns = [ChatMessage("system", render(f"{name}_kinds"))]
    for block in render(f"{name}_examples").split("\n\n"):
        asked, note, kind = block.split("\n")
        turns.append(ChatMessage("user", f"{asked}\n{note}"))
        turns.append(ChatMessage("assistant", json.dumps({"kind": kind})))
    return tuple(turns)


def _is_open(memory: Memory, verdict: Verdict, learned: Sequence[Lesson]) -> bool:
    """Whether it is unconfirmed, says something, is not the companion's own, and was not let in."""
    own = memory.speaker is Role.ASSISTANT and memory.trust is Trust.INFERRED
    short = len(memory.text.split()) < FEWEST
    if verdict.outcome is not Outcome.UNCONFIRMED or own or short:
        return False
    one = statement(memory.id, memory.text)
    return not any(lessons.allowing(learned, one, reason) for reason in paths.REASONS.values())


def _judged(so_far: Verdict, memory: Memory, kind: paths.Kind | None) -> Verdict:
    if kind is None or kind not in paths.REASONS:
        return so_far
    return replace(
        so_far,
        outcome=Outcome.SET_ASIDE,
        reason=paths.REASONS[kind],
        signals=paths.signals(kind, statement(memory.id, memory.text).cues),
    )


def _as_before(memories: Sequence[Memory], verdicts: Mapping[str, Verdict], why: str) -> dict[str, Verdict]:
    """What the rules said, with a word on why the model did not look."""
    return {one.id: replace(verdicts[one.id], reason=f"{verdicts[one.id].reason}; {why}") for one in memories}


def _why(error: Exception, stop: Stop, deadline: Deadline) -> str:
    if stop.is_set():
        return STOPPED
    if deadline.late:
        return LATE
    if isinstance(error, KeepsakeError):
        log.warning("notes were not looked at closely: %s", type(error).__name__)
    else:
        log.error("looking closely failed unexpectedly", exc_info=error)
    return FAILED


def _quoted(text: str) -> str:
    return json.dumps(" ".join(text.split())[:LONGEST], ensure_ascii=False)


def _digest(note: Memory) -> str:
    """Names what a note says; another one once it is changed."""
    return hashlib.sha256(f"{note.id}\n{note.trust}\n{note.text}".encode()).hexdigest()
