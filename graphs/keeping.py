"""Writing what reflection found into the store."""

import logging
from collections.abc import Sequence
from typing import Final, TypedDict

from graphs.changing import settle
from graphs.evidence import resting_on, trust_of, waits_for_a_writer
from graphs.memory import dating, lexis, naming
from graphs.memory.claims import is_elliptical, is_lasting, read
from graphs.memory.forgetting import days_between, initial_strength, last_touched, retention, strengthen
from graphs.memory.reconcile import Action, says_the_same
from graphs.memory.selection import importance, is_own
from graphs.memory.thirdperson import turned
from graphs.reflection_context import ReflectionContext
from personas.errors import KeepsakeError
from storage.memory_filter import MemoryFilter
from storage.records import Author, Granularity, Memory, MemoryState, Message, Source

MADE: Final = (Granularity.TOPIC, Granularity.SESSION, Granularity.PROFILE)
REMEMBERED: Final = (MemoryState.ACTIVE, MemoryState.FADED)
BREADTH: Final = 50
log = logging.getLogger(__name__)


class Draft(TypedDict, total=False):
    """What is about to be kept of one line."""

    text: str
    quote: str
    by_model: bool
    problem: str
    """Why it is the quote, or why it is dropped; for the log and the benchmark."""
    action: str
    target_id: str
    ends: list[str]
    """Memories that a model took for ended by this one."""


def nearest(context: ReflectionContext, message: Message, draft: Draft) -> list[tuple[Memory, float | None]]:
    """Memories made earlier that have the draft's words, with their cosines to it."""
    text, person = draft["text"], context.name_in(message)
    own = {memory.id for memory in resting_on(context, message.id, draft["quote"])}
    alike = [
        memory
        for memory in _with_its_words(context, message, text)
        if memory.id not in own
        and memory.speaker is message.role
        and says_the_same(text, memory.text, person)
    ]
    who = naming.label(person)
    texts = [turned(memory.text, who) for memory in alike]
    return list(zip(alike, _cosines(context, turned(text, who), texts), strict=True))


def keep(context: ReflectionContext, message: Message, draft: Draft, *, batch_id: str) -> str:
    """Do what was planned, in one transaction, and say what became of it."""
    if draft["action"] == "drop":
        return "dropped"
    with context.database.atomic():
        made = resting_on(context, message.id, draft["quote"])
        if made:
            return _rewrite(context, message, draft, made, batch_id)
        if is_elliptical(draft["quote"]):
            return _put_right(context, message, draft, batch_id)
        return _hold_against(context, message, draft, batch_id)


def _hold_against(context: ReflectionContext, message: Message, draft: Draft, batch_id: str) -> str:
    target = context.memories.find(draft.get("target_id", ""))
    if target is None or target.state not in REMEMBERED:
        return _add(context, message, draft, batch_id)
    if draft["action"] == Action.MERGE:
        return _merge(context, message, draft, target, batch_id)
    if draft["action"] == Action.REPLACE:
        return _replace(context, message, draft, target, batch_id)
    return "known"


def _put_right(context: ReflectionContext, message: Message, draft: Draft, batch_id: str) -> str:
    """Join "Sorry, I meant the 7th." to what was said just before; there is nothing in it by itself."""
    own = [one for one in context.sessions.messages(message.session_id) if is_own(one)]
    place = next((at for at, one in enumerate(own) if one.id == message.id), 0)
    for said in reversed(own[max(0, place - 1) : place + 1]):
        made = [
            memory
            for memory in context.memories.from_message(said.id)
            if memory.granularity in MADE and memory.state is MemoryState.ACTIVE
        ]
        if made:
            old = made[-1]
            right = context.memories.change(
                old.id,
                Author.REFLECTION,
                "edit",
                batch_id=batch_id,
                reason="put right",
                text=f"{old.text} {draft['text']}",
                sources=(*old.sources, Source(message.id, draft["quote"])),
            )
            settle(context, right, batch_id=batch_id)
            return "put right"
    return "dropped"


def _add(context: ReflectionContext, message: Message, draft: Draft, batch_id: str) -> str:
    memory = context.memories.add(_memory(context, message, draft), Author.REFLECTION, batch_id=batch_id)
    settle(context, memory, batch_id=batch_id, chosen=draft.get("ends", ()))
    return "added"


def _rewrite(
    context: ReflectionContext, message: Message, draft: Draft, made: Sequence[Memory], batch_id: str
) -> str:
    waiting = [memory for memory in made if waits_for_a_writer(context, memory, message, draft["quote"])]
    if not waiting or not draft["by_model"]:
        return "there already"
    context.memories.change(
        waiting[0].id, Author.REFLECTION, "edit", batch_id=batch_id, text=draft["text"], reason="put in words"
    )
    return "put in words"


def _merge(context: ReflectionContext, message: Message, draft: Draft, old: Memory, batch_id: str) -> str:
    now = context.clock.now()
    weight = max(old.importance, importance(draft["quote"]))
    kept = retention(days_between(last_touched(old), now), old.strength)
    merged = context.memories.change(
        old.id,
        Author.REFLECTION,
        "merge",
        batch_id=batch_id,
        reason="said again",
        sources=(*old.sources, Source(message.id, draft["quote"])),
        strength=strengthen(old.strength, kept, weight),
        importance=weight,
        last_used=now,
        state=MemoryState.ACTIVE,
    )
    settle(context, merged, batch_id=batch_id)
    return "merged"


def _replace(context: ReflectionContext, message: Message, draft: Draft, old: Memory, batch_id: str) -> str:
    new = context.memories.add(_memory(context, message, draft), Author.REFLECTION, batch_id=batch_id)
    context.memories.change(
        old.id,
        Author.REFLECTION,
        "supersede",
        batch_id=batch_id,
        reason="the same, from a more trusted source",
        state=MemoryState.SUPERSEDED,
        superseded_by=new.id,
    )
    settle(context, new, batch_id=batch_id)
    return "replaced"


def _memory(context: ReflectionContext, message: Message, draft: Draft) -> Memory:
    said = message.created.astimezone(context.zone)
    weight = importance(draft["quote"])
    first, last = dating.validity(draft["quote"], said)
    return Memory(
        id=context.ids(),
        persona_id=context.sessions.get(message.session_id).persona_id,
        granularity=Granularity.PROFILE if is_lasting(read(draft["quote"], said)) else Granularity.TOPIC,
        text=draft["text"],
        trust=trust_of(context, message, draft["quote"]),
        created=context.clock.now(),
        said_on=message.created,
        speaker=message.role,
        speaker_name=message.speaker,
        session_id=message.session_id,
        valid_from=dating.midnight(first, said) if first else None,
        valid_to=dating.midnight(last, said) if last else None,
        importance=weight,
        strength=initial_strength(weight),
        file=next((one.file for one in context.memories.from_message(message.id) if one.file), ""),
        sources=(Source(message.id, draft["quote"]),),
    )


def _with_its_words(context: ReflectionContext, message: Message, text: str) -> list[Memory]:
    """Those with all of its telling words, faded ones too, and active ones with many of them."""
    persona_id = context.sessions.get(message.session_id).persona_id
    words = " ".join(lexis.content_words(text))
    if not words:
        return []
    wanted = MemoryFilter(
        query=words, granularities=MADE, states=REMEMBERED, order="relevance", limit=BREADTH
    )
    found = context.memories.list(persona_id, wanted)
    ids = [memory_id for memory_id, _ in context.words.search(persona_id, words, BREADTH)]
    more = [memory for memory in context.memories.get_many(ids) if memory.granularity in MADE]
    return list({memory.id: memory for memory in [*found, *more]}.values())


def _cosines(context: ReflectionContext, text: str, others: Sequence[str]) -> Sequence[float | None]:
    if not others or context.embedder is None:
        return [None] * len(others)
    try:
        vectors = context.embedder.embed([text, *others], "passage")
    except KeepsakeError as error:
        log.warning("nearest memories are told by their words alone: %s", error.message)
        return [None] * len(others)
    return [float(cosine) for cosine in vectors[1:] @ vectors[0]]
