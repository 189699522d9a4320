"""One chat turn: recall → rank → guard → compose → reply → attribute → record.

The person's message and a pending reply are stored before the turn begins. What happens is told through
the graph's custom stream (graphs/events.py); whoever runs the graph drains it to the end, since a stop is
a wish (`TurnContext.stop`), not the end of the stream. The state holds ids and small values; the prompt
itself never reaches a checkpoint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, NotRequired, TypedDict

from langgraph.channels import UntrackedValue
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from graphs import guard as guarding
from graphs.asked_for import with_facts
from graphs.cautions import that_matter, told_instead
from graphs.guard_paths import Look, look_closely
from graphs.history import fitting
from graphs.lesson_book import LessonBook, NearLessons, by_words_alone
from graphs.lineage import seen, with_ending
from graphs.memory import attribution, composing, continuing, quoting
from graphs.memory.choosing import choose
from graphs.memory.dating import day_words
from graphs.memory.question import asks_companion, understand
from graphs.memory.ranking import Scored
from graphs.memory.trusting import FACTS
from graphs.path_cache import PathCache
from graphs.ports import ChatMessage, ChatModel, Clock, Skill, Stop
from graphs.recording import recalls_of, strengthen_used, take_to_heart
from graphs.replying import Reply, draw, say_finished, say_phase, say_recalled
from graphs.retrieval import Retriever
from graphs.revival import revive_mentioned
from graphs.talks import with_talks
from personas.model import Persona
from storage.memories import MemoryRepository
from storage.messages import MessageRepository
from storage.recalls import RecallRepository
from storage.records import Lesson, Memory, Message, Outcome, Role

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

CANDIDATES: Final = 20
"""RMM's K."""
CONTEXT: Final = 2
"""So many of the person's messages before the newest one help to understand it."""
SHOWN: Final = frozenset({Outcome.FACT, Outcome.UNCONFIRMED})


class TurnState(TypedDict, total=False):
    """What the nodes hand on."""

    message_id: str
    """What the person said."""
    reply_id: str
    """The reply, stored as pending."""
    history: list[str]
    """Ids of the messages that the prompt repeats, in order."""
    reads_from: str
    """Id of the first of them where it does not repeat all that was said; else empty."""
    found: Annotated[list[Scored], UntrackedValue]
    """Candidates, best first."""
    places: list["Place"]
    """What becomes of each candidate, best first."""
    prompt: Annotated[list[ChatMessage], UntrackedValue]
    cited: list[str]
    usage: dict[str, float]
    timing: dict[str, float]
    """Milliseconds by stage."""


class Place(TypedDict):
    """What becomes of one candidate."""

    memory_id: str
    rank: int
    scores: dict[str, float]
    outcome: str
    reason: str
    lesson_id: NotRequired[str]
    """The lesson that set it aside."""
    signals: NotRequired[int]
    """How many independent signals spoke against it."""
    against_id: NotRequired[str]
    """What the person told that it contradicts."""


@dataclass(frozen=True, slots=True)
class TurnContext:
    """Ports, repositories and who talks with whom, for one turn."""

    model: ChatModel
    retriever: Retriever
    messages: MessageRepository
    memories: MemoryRepository
    recalls: RecallRepository
    lessons: LessonBook
    persona: Persona
    person: str
    """The person's name; may be empty."""
    clock: Clock
    stop: Stop
    near_lessons: NearLessons = by_words_alone
    kept: PathCache = field(default_factory=PathCache)
    """What the model chose for notes in earlier turns."""

    def local_now(self) -> datetime:
        """The time on this machine's clock, for dates in words."""
        return self.clock.now().astimezone()

    def since(self, begun: datetime) -> float:
        """Milliseconds."""
        return round((self.clock.now() - begun).total_seconds() * 1000, 1)


def recall(state: TurnState, runtime: Runtime[TurnContext]) -> dict[str, Any]:
    """Candidates by meaning and by words; and how much of the conversation the prompt will repeat."""
    context, begun = runtime.context, runtime.context.clock.now()
    *earlier, said = context.messages.path_to(state["message_id"])
    lines = seen(context.memories, earlier)
    spoken = [line.message.text for line in lines if line.message.role is Role.USER and not line.aside]
    before = continuing.own(lines)
    kept: Sequence[Message] = before
    if context.model.info.skill is not Skill.NONE:
        kept = fitting(context.model, _speakers(context, state), before, said.text)
    history = [message.id for message in kept]
    without = [*history, said.id]
    found = context.retriever.search(
        context.persona.id,
        said.text,
        limit=CANDIDATES,
        now=begun,
        context=spoken[-CONTEXT:],
        without=without,
    )
    found = with_facts(context.memories, context.persona.id, said.text, found, without=without)
    found = with_talks(
        context.memories, context.persona.id, said.text, found, now=context.local_now(), without=without
    )
    found = with_ending(context.memories, lines, said.text, found)
    return {
        "history": history,
        "reads_from": continuing.begins_at(before, kept, said.id),
        "found": found,
        "timing": {"recall": context.since(begun)},
    }


def rank(state: TurnState, runtime: Runtime[TurnContext]) -> dict[str, Any]:
    """The few that are worth showing: near enough, telling something, and not said twice."""
    own_words = asks_companion(runtime.context.messages.get(state["message_id"]).text)
    return {
        "places": [
            Place(
                memory_id=choice.scored.memory.id,
                rank=choice.rank,
                scores={**choice.scored.parts, "total": choice.scored.total},
                outcome=Outcome.LEFT_OUT if choice.left_out else Outcome.FACT,
                reason=choice.left_out,
            )
            for choice in choose(state["found"], own_words=own_words)
        ]
    }


def guard(state: TurnState, runtime: Runtime[TurnContext]) -> dict[str, Any]:
    """Shown as fact, shown as unconfirmed, or set aside."""
    context, begun = runtime.context, runtime.context.clock.now()
    query = context.messages.get(state["message_id"]).text
    chosen = context.memories.get_many(
        [place["memory_id"] for place in state["places"] if place["outcome"] == Outcome.FACT]
    )
    learned = context.lessons.of(context.persona.id)
    verdicts = guarding.check(
        chosen,
        beside=[scored.memory for scored in state["found"]],
        query=query,
        learned=learned,
        near=_near(context, learned, chosen),
        strict=context.persona.guard != "off",
        scores={place["memory_id"]: place["scores"]["total"] for place in state["places"]},
    )
    if context.persona.guard == "full":
        verdicts = look_closely(_look(context, query, learned), chosen, verdicts)
    places = [
        judged(place, verdict) if (verdict := verdicts.get(place["memory_id"])) else place
        for place in state["places"]
    ]
    return {"places": places, "timing": {**state["timing"], "guard": context.since(begun)}}


def compose(state: TurnState, runtime: Runtime[TurnContext]) -> dict[str, Any]:
    """The prompt: persona, conversation, and the newest message with the memories."""
    context, begun = runtime.context, runtime.context.clock.now()
    who = _speakers(context, state)
    said = context.messages.get(state["message_id"])
    unconfirmed, facts = (_shown(context, state, kind) for kind in (Outcome.UNCONFIRMED, Outcome.FACT))
    over = context.memories.parts_over([memory.id for memory in (*facts, *unconfirmed)])
    history = [context.messages.get(message_id) for message_id in state["history"]]
    prompt = [
        *composing.opening(who),
        *composing.told(history),
        composing.newest(
            who,
            said.text,
            facts,
            unconfirmed,
            context.local_now(),
            over=over,
            caution=_caution(context, state, facts, unconfirmed),
        ),
    ]
    say_recalled(len(facts) + len(unconfirmed))
    return {"prompt": prompt, "timing": {**state["timing"], "compose": context.since(begun)}}


def reply(state: TurnState, runtime: Runtime[TurnContext]) -> dict[str, Any]:
    """The model's reply as it comes; without a model, quotations from memory."""
    context, begun = runtime.context, runtime.context.clock.now()
    unconfirmed, facts = (_shown(context, state, kind) for kind in (Outcome.UNCONFIRMED, Outcome.FACT))
    out = Reply(context.messages, state["reply_id"], context.clock, state["reads_from"])
    if context.model.info.skill is Skill.NONE:
        now = context.local_now()
        quoted = _quoted(context, state, facts, unconfirmed)
        out.quote(quoting.answer(quoted, [], lambda at: day_words(at.astimezone(now.tzinfo).date())))
        cited = [memory.id for memory in quoted]
    else:
        numbers = draw(context.model, state["prompt"], context.persona, out, context.stop)
        notes = composing.numbered(facts, unconfirmed)
        cited = [memory.id for number, memory in enumerate(notes, 1) if number in numbers]
    timing = {**state["timing"], "first_token": out.first_token_ms, "reply": context.since(begun)}
    return {"cited": cited, "timing": timing}


def attribute(state: TurnState, runtime: Runtime[TurnContext]) -> dict[str, Any]:
    """Which of the memories shown the reply rests on."""
    context, begun = runtime.context, runtime.context.clock.now()
    if context.model.info.skill is Skill.NONE:
        return {"usage": dict.fromkeys(state["cited"], 1.0)}
    who, now = _speakers(context, state), context.local_now()
    shown = [*_shown(context, state, Outcome.UNCONFIRMED), *_shown(context, state, Outcome.FACT)]
    texts = [context.messages.get(message_id).text for message_id in (*state["history"], state["message_id"])]
    opening = [message.content for message in composing.opening(who)]
    usage = attribution.usage(
        context.messages.get(state["reply_id"]).text,
        [*opening, *texts, day_words(now.date())],
        {memory.id: composing.note(who, memory, now) for memory in shown},
        state["cited"],
    )
    return {"usage": usage, "timing": {**state["timing"], "attribute": context.since(begun)}}


def record(state: TurnState, runtime: Runtime[TurnContext]) -> dict[str, Any]:
    """What was offered and used, how long it took; used memories grow stronger, faded ones may come back.

    Last of all the order learns.
    """
    context = runtime.context
    used = attribution.used(state["usage"])
    context.recalls.add_many(recalls_of(state["reply_id"], state["places"], state["usage"], used))
    strengthen_used(context.memories, used, context.clock.now())
    take_to_heart(context.memories, context.lessons, state["places"], state["message_id"])
    say_finished(context.messages.update(state["reply_id"], timing=state["timing"]))
    said = context.messages.get(state["message_id"])
    revive_mentioned(
        context.memories, context.retriever, context.persona.id, said.text, now=context.clock.now()
    )
    was_shown = {place["memory_id"] for place in state["places"] if place["outcome"] in SHOWN}
    shown = [one for one in state["found"] if one.memory.id in was_shown]
    context.retriever.learn(context.persona.id, shown, used)
    return {}


def judged(place: Place, verdict: guarding.Verdict) -> Place:
    """A place with the guard's verdict."""
    return Place(
        memory_id=place["memory_id"],
        rank=place["rank"],
        scores=place["scores"],
        outcome=verdict.outcome,
        reason=verdict.reason,
        lesson_id=verdict.lesson_id,
        signals=verdict.signals,
        against_id=verdict.against_id,
    )


def _look(context: TurnContext, query: str, learned: Sequence[Lesson]) -> Look:
    return Look(
        model=context.model,
        clock=context.clock,
        stop=context.stop,
        kept=context.kept,
        query=query,
        embed=lambda: context.retriever.embed(understand(query, ())),
        learned=learned,
        tell=say_phase,
    )


def _speakers(context: TurnContext, state: TurnState) -> composing.Speakers:
    conversation_id = context.messages.get(state["message_id"]).conversation_id
    return composing.Speakers(context.persona, context.person, conversation_id)


def _shown(context: TurnContext, state: TurnState, outcome: Outcome) -> list[Memory]:
    return context.memories.get_many(
        [place["memory_id"] for place in state["places"] if place["outcome"] == outcome]
    )


def _near(
    context: TurnContext, learned: Sequence[Lesson], memories: Sequence[Memory]
) -> Mapping[str, Mapping[str, float]]:
    """How near what nobody vouches for is to what was learned, by meaning."""
    unvouched = [memory.id for memory in memories if memory.trust not in FACTS]
    return context.near_lessons(context.persona.id, learned, unvouched) if learned and unvouched else {}


def _caution(
    context: TurnContext, state: TurnState, facts: Sequence[Memory], unconfirmed: Sequence[Memory]
) -> Sequence[str] | None:
    """Where the prompt warns of what was refused before, what the person told instead."""
    if context.persona.guard == "off":
        return None
    learned = context.lessons.of(context.persona.id)
    near = _near(context, learned, unconfirmed)
    warned = that_matter(learned, state["places"], unconfirmed, near)
    return told_instead(context.memories, warned, facts)


def _quoted(
    context: TurnContext, state: TurnState, facts: Sequence[Memory], unconfirmed: Sequence[Memory]
) -> list[Memory]:
    """What to quote: facts first, but best first where the companion's own words are asked for."""
    shown = [*facts, *unconfirmed]
    if asks_companion(context.messages.get(state["message_id"]).text):
        rank = {place["memory_id"]: place["rank"] for place in state["places"]}
        shown.sort(key=lambda memory: rank[memory.id])
    return shown


def build_turn_graph() -> "CompiledStateGraph[TurnState, TurnContext, TurnState, TurnState]":
    """The turn, wired."""
    graph = StateGraph(TurnState, context_schema=TurnContext)
    for node in (recall, rank, guard, compose, reply, attribute, record):
        graph.add_node(node.__name__, node)
    graph.add_edge(START, "recall")
    graph.add_edge("recall", "rank")
    graph.add_edge("rank", "guard")
    graph.add_edge("guard", "compose")
    graph.add_edge("compose", "reply")
    graph.add_edge("reply", "attribute")
    graph.add_edge("attribute", "record")
    graph.add_edge("record", END)
    return graph.compile()
