"""Which older memory a statement ends where no rule can tell: a model chooses one of a few, or none.

A small model always chooses one, also where none has ended (docs/benchmarks.md). So it is asked only where
the statement says that something is over, only about memories that share a telling word with it and speak of
the same person; its choice must be the same when the notes stand in the other order; and then it is only a
question to the person.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from graphs.errors import OutputCutError, PromptTooLongError
from graphs.evidence import trust_of
from graphs.keeping import MADE
from graphs.memory import changes, lexis, naming
from graphs.memory.claims import read
from graphs.memory.thirdperson import turned
from graphs.ports import ChatMessage, ChatModel, Priority, Sampling, Stop
from graphs.prompts import render
from graphs.reflection_context import ReflectionContext
from graphs.rewriting import writes
from storage.records import Claim, ClaimKind, Held, Memory, MemoryState, Message

OVER: Final = re.compile(
    r"\b(?:any ?more|any longer|no longer|quit|stopped|gave up|given up|dropped out|sold|cancelled|canceled"
    r"|called off|got rid|gave away|broke up|split up|left the|left my|switched|changed my|replaced|instead"
    r"|fell through|ended|closed down|finished with|resigned)\b"
)
"""Says that something is over."""
CUES: Final = lexis.stems(
    lexis.word_set(
        "quit stop stopped gave given give up drop dropped sell sold cancel cancelled call called get got "
        "rid away break broke split leave left switch switched change changed replace replaced instead "
        "end ended close finish finished new old day time week month year last thing lot people go going want"
    )
)
"""Stems that two statements share without speaking of the same thing."""
MOST: Final = 4
"""Notes to choose from."""
BREADTH: Final = 20
SAMPLING: Final = Sampling(temperature=0.0, max_tokens=12, seed=0)


def ended_by(context: ReflectionContext, message: Message, line: str) -> list[str]:
    """The memory that a line ends, as a model chooses; none where a rule knows, or where no model writes."""
    model = context.model
    if model is None or not writes(model) or not OVER.search(lexis.plain(line)):
        return []
    mine = _held(context, message, line)
    if not any(claim.kind is ClaimKind.ENDS for claim in mine.claims):
        return []
    candidates = _candidates(context, message, line, mine)
    rests = [rest for memory in candidates if (rest := context.claims.held(memory))]
    if any(changes.outdated(mine, rest) for rest in rests) or not candidates:
        return []
    person = naming.label(context.name_in(message))
    chosen = _agreed(model, line, candidates, person, context.stop)
    return [chosen] if chosen else []


def _agreed(model: ChatModel, line: str, candidates: Sequence[Memory], person: str, stop: Stop) -> str:
    """The id that is chosen whichever way round the notes stand; empty for none."""
    first = _ask(model, line, candidates, person, stop)
    if not first:
        return ""
    return first if _ask(model, line, candidates[::-1], person, stop) == first else ""


def _ask(model: ChatModel, line: str, candidates: Sequence[Memory], person: str, stop: Stop) -> str:
    notes = "\n".join(f"{at}. {turned(memory.text, person)}" for at, memory in enumerate(candidates, 1))
    prompt = render("reflect_ended", person=person, notes=notes, line=turned(line, person))
    try:
        answer = model.structured(
            [ChatMessage("user", prompt)],
            _schema(len(candidates)),
            SAMPLING,
            stop=stop,
            priority=Priority.REFLECTION,
        )
    except (OutputCutError, PromptTooLongError):
        return ""
    number = int(answer.get("number", 0))
    return candidates[number - 1].id if 0 < number <= len(candidates) else ""


def _schema(most: int) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"number": {"type": "integer", "enum": list(range(most + 1))}},
        "required": ["number"],
    }


def _held(context: ReflectionContext, message: Message, line: str) -> Held:
    said = message.created.astimezone(context.zone)
    claims = tuple(
        Claim("", fact.subject, fact.attribute, fact.value, fact.kind) for fact in read(line, said)
    )
    trust = trust_of(context, message, line)
    return Held("", trust, message.created, message.speaker, pinned=False, claims=claims)


def _candidates(context: ReflectionContext, message: Message, line: str, mine: Held) -> list[Memory]:
    """Active memories said before, that share a telling word and speak of the same person."""
    wanted = _telling(line)
    persona_id = context.sessions.get(message.session_id).persona_id
    ids = [one for one, _ in context.words.search(persona_id, " ".join(lexis.content_words(line)), BREADTH)]
    found = [
        memory
        for memory in context.memories.get_many(ids)
        if memory.granularity in MADE
        and memory.state is MemoryState.ACTIVE
        and memory.said_on < message.created
        and wanted & _telling(memory.text)
        and _may_end(context, mine, memory)
    ]
    return found[:MOST]


def _may_end(context: ReflectionContext, mine: Held, memory: Memory) -> bool:
    rest = context.claims.held(memory)
    return (
        rest is not None
        and any(claim.kind in changes.STANDS for claim in rest.claims)
        and changes.may_retire(mine, rest)
        and changes.about_the_same(
            [claim for claim in mine.claims if claim.kind is ClaimKind.ENDS],
            [claim for claim in rest.claims if claim.kind in changes.STANDS],
        )
    )


def _telling(text: str) -> set[str]:
    return lexis.stems(lexis.content_words(text)) - CUES
