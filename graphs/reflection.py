"""Reflection: what a person said in one session becomes memories.

`segment → select → extract → reconcile → validate → commit`, then back for the next line, or the next piece.

- segment: the next piece of the session, up to a long pause
- select: the lines of the person's own messages that may be worth a memory, by rule
- extract: one line, rewritten by a model that may write, else as it was said
- reconcile: compared with what is remembered already; what it ends where no rule can tell, a model chooses
- validate: still what the person said, word for word, and not taken back since
- commit: one transaction, with all that it ends (graphs/changing.py)

Only a person's own stored messages are read. What was recalled into a prompt, the persona, instructions and
all that the companion said can therefore not become a memory here. A line that is a memory's source already
is passed over, so that nothing is kept twice after a crash.
"""

from typing import Annotated, Any, Literal, TypedDict

from langgraph.channels import UntrackedValue
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from graphs.choosing_ended import ended_by
from graphs.errors import PreemptedError
from graphs.evidence import is_evidence, lines_to_do, said_before, trust_of
from graphs.keeping import Draft, keep, nearest
from graphs.memory import reconcile as known
from graphs.memory.claims import is_elliptical
from graphs.memory.segments import first_piece, remaining
from graphs.memory.selection import is_own
from graphs.reflection_context import ReflectionContext
from graphs.rewriting import quoted, rewritten, writes


class ReflectionState(TypedDict, total=False):
    """Ids and small values; the texts stay in the store."""

    session_id: str
    batch_id: str
    """Shared by all that this reflection changes, so that it is undone together."""
    after: str
    """The last message that has been dealt with."""
    piece: list[str]
    """Ids of the person's messages in the piece under way."""
    lines: list[tuple[str, int, int]]
    """The chosen lines of the piece that are still to be done: message, first and last character."""
    draft: Annotated[Draft | None, UntrackedValue]
    """What is about to be kept of the first of them; never in a checkpoint, since it holds words."""
    done: dict[str, int]
    """How many lines ended in which way."""


Run = Runtime[ReflectionContext]


def segment(state: ReflectionState, runtime: Run) -> ReflectionState:
    """Take the next piece of what the person said."""
    own = [message for message in runtime.context.sessions.messages(state["session_id"]) if is_own(message)]
    piece = first_piece(remaining(own, state.get("after", "")))
    ids = [message.id for message in piece]
    return {"piece": ids, "after": ids[-1] if ids else state.get("after", "")}


def select(state: ReflectionState, runtime: Run) -> ReflectionState:
    """Choose its lines, without those that have been dealt with and those that were taken back."""
    lines = lines_to_do(runtime.context, state["piece"])
    return {"lines": [(line.message_id, line.start, line.end) for line in lines]}


def extract(state: ReflectionState, runtime: Run) -> ReflectionState:
    """Say what one line says, in a model's words or in the person's."""
    context = runtime.context
    if context.stop.is_set():
        raise PreemptedError("Making memories was stopped; those that were made are kept.")
    message_id, start, end = state["lines"][0]
    message = context.messages.get(message_id)
    line, said = message.text[start:end], message.created.astimezone(context.zone)
    if not context.model or not writes(context.model) or is_elliptical(line):
        result = quoted(line, said)
    else:
        result = rewritten(
            line,
            said,
            said_before(context, state["piece"], message, start),
            model=context.model,
            person=context.name_in(message),
            stop=context.stop,
        )
    return {"draft": Draft(text=result.text, quote=line, by_model=result.by_model, problem=result.problem)}


def reconcile(state: ReflectionState, runtime: Run) -> ReflectionState:
    """Compare it with the memories that are nearest to it."""
    context, draft = runtime.context, _draft(state)
    message = context.messages.get(state["lines"][0][0])
    alike = nearest(context, message, draft)
    trust = trust_of(context, message, draft["quote"])
    plan = known.plan(draft["text"], trust, alike, context.name_in(message))
    ends = ended_by(context, message, draft["quote"]) if plan.action is known.Action.ADD else []
    return {"draft": {**draft, "action": plan.action, "target_id": plan.target_id, "ends": ends}}


def validate(state: ReflectionState, runtime: Run) -> ReflectionState:
    """Drop it unless the person still stands by these very words."""
    draft = _draft(state)
    if is_evidence(runtime.context, state["lines"][0][0], draft["quote"]):
        return {}
    return {"draft": {**draft, "action": "drop", "problem": "no longer what the person said"}}


def commit(state: ReflectionState, runtime: Run) -> ReflectionState:
    """Keep it, in one transaction, and go on to the next line."""
    done = dict(state.get("done", {}))
    message = runtime.context.messages.get(state["lines"][0][0])
    outcome = keep(runtime.context, message, _draft(state), batch_id=state["batch_id"])
    done[outcome] = done.get(outcome, 0) + 1
    return {"lines": state["lines"][1:], "draft": None, "done": done}


def _draft(state: ReflectionState) -> Draft:
    draft = state["draft"]
    assert draft is not None
    return draft


def after_segment(state: ReflectionState) -> Literal["select", "__end__"]:
    """End when there is no further piece."""
    return "select" if state["piece"] else "__end__"


def next_line(state: ReflectionState) -> Literal["extract", "segment"]:
    """Go on with the next line, or with the next piece."""
    return "extract" if state["lines"] else "segment"


def build_reflection_graph(
    checkpointer: BaseCheckpointSaver[Any] | None = None,
) -> CompiledStateGraph[ReflectionState, ReflectionContext, ReflectionState, ReflectionState]:
    """The graph; with a checkpointer it goes on where it ended."""
    graph = StateGraph(ReflectionState, context_schema=ReflectionContext)
    graph.add_node("segment", segment)
    graph.add_node("select", select)
    graph.add_node("extract", extract)
    graph.add_node("reconcile", reconcile)
    graph.add_node("validate", validate)
    graph.add_node("commit", commit)
    graph.add_edge(START, "segment")
    graph.add_conditional_edges("segment", after_segment)
    graph.add_conditional_edges("select", next_line)
    graph.add_edge("extract", "reconcile")
    graph.add_edge("reconcile", "validate")
    graph.add_edge("validate", "commit")
    graph.add_conditional_edges("commit", next_line)
    return graph.compile(checkpointer=checkpointer)
