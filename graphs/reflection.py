"""Reflection: what a person said in one session becomes memories.

`segment → select → extract → reconcile → validate → commit`, then back for the next line, or the next piece;
at the end `promise → sum_up`.

- segment: the next piece of the session, up to a long pause
- select: the lines of the person's own messages that may be worth a memory, by rule
- extract: one line, rewritten by a model that may write, else as it was said
- reconcile: compared with what is remembered already; what it ends where no rule can tell, a model chooses
- validate: still what the person said, word for word, and not taken back since
- commit: one transaction, with all that it ends (graphs/changing.py)
- promise: what the companion said it would do, kept as its own promise and never as a fact about the person
- sum_up: the few lines that matter most, as the summary of the session

A line that fails is passed over, its message noted as failed (storage/coverage.py), and tried again with the
session. Of facts about the person only their own stored messages are read. What was recalled into a prompt,
the persona, instructions and all that the companion said can therefore not become one here. A line that is
a memory's source already is passed over, so that nothing is kept twice after a crash.
"""

from typing import Annotated, Any, Literal, TypedDict

from langgraph.channels import UntrackedValue
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from graphs.choosing_ended import ended_by
from graphs.errors import ModelError, PreemptedError
from graphs.evidence import is_evidence, lines_to_do, said_before, trust_of
from graphs.failing import FAIL, is_last_attempt, line_by_line, passed_over
from graphs.keeping import Draft, keep, nearest
from graphs.memory import reconcile as known
from graphs.memory.claims import is_elliptical
from graphs.memory.riders import is_of_the_world
from graphs.memory.segments import first_piece, remaining
from graphs.memory.selection import is_own
from graphs.promising import keep_promises
from graphs.reflection_context import ReflectionContext
from graphs.rewriting import Answers, Rewritten, Task, asked_at_once, key_of, quoted, rewritten, writes
from graphs.summing_up import summed_up
from storage.records import Message


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
    answers: Annotated[Answers | None, UntrackedValue]
    """What a model has answered to the lines that come next; never in a checkpoint either."""
    done: dict[str, int]
    """How many lines ended in which way."""
    failed: list[str]
    """Ids of messages with a line that could not be dealt with."""
    error: str
    """Why, of the newest of them."""


Run = Runtime[ReflectionContext]


def segment(state: ReflectionState, runtime: Run) -> ReflectionState:
    """Take the next piece of what the person said; the one before it is done."""
    context, failed = runtime.context, state.get("failed", [])
    context.coverage.note_read(
        [message_id for message_id in state.get("piece", []) if message_id not in failed], context.clock.now()
    )
    own = [message for message in context.sessions.messages(state["session_id"]) if is_own(message)]
    piece = first_piece(remaining(own, state.get("after", "")))
    ids = [message.id for message in piece]
    return {"piece": ids, "after": ids[-1] if ids else state.get("after", "")}


def select(state: ReflectionState, runtime: Run) -> ReflectionState:
    """Choose its lines, without those that have been dealt with and those that were taken back."""
    lines = lines_to_do(runtime.context, state["piece"])
    return {"lines": [(line.message_id, line.start, line.end) for line in lines]}


@line_by_line
def extract(state: ReflectionState, runtime: Run) -> ReflectionState:
    """Say what one line says, in a model's words or in the person's."""
    context = runtime.context
    if context.stop.is_set():
        raise PreemptedError("Making memories was stopped; those that were made are kept.")
    message_id, start, end = state["lines"][0]
    message = context.messages.get(message_id)
    line = message.text[start:end]
    answers = _answered(context, state)
    result = _in_words(context, _task(context, state, message, start, line), state, answers)
    draft = Draft(text=result.text, quote=line, by_model=result.by_model, problem=result.problem)
    return {"draft": draft, "answers": answers}


@line_by_line
def reconcile(state: ReflectionState, runtime: Run) -> ReflectionState:
    """Compare it with the memories that are nearest to it."""
    context, draft = runtime.context, _draft(state)
    message = context.messages.get(state["lines"][0][0])
    alike = nearest(context, message, draft)
    trust = trust_of(context, message, draft["quote"])
    plan = known.plan(draft["text"], trust, alike, context.name_in(message))
    ends = ended_by(context, message, draft["quote"]) if plan.action is known.Action.ADD else []
    return {"draft": {**draft, "action": plan.action, "target_id": plan.target_id, "ends": ends}}


@line_by_line
def validate(state: ReflectionState, runtime: Run) -> ReflectionState:
    """Drop it unless the person still stands by these very words."""
    draft = _draft(state)
    if is_evidence(runtime.context, state["lines"][0][0], draft["quote"]):
        return {}
    return {"draft": {**draft, "action": "drop", "problem": "no longer what the person said"}}


def commit(state: ReflectionState, runtime: Run) -> ReflectionState:
    """Keep it, in one transaction, and go on to the next line."""
    if _draft(state).get("action") == FAIL:
        return passed_over(state, runtime.context)
    done = dict(state.get("done", {}))
    message = runtime.context.messages.get(state["lines"][0][0])
    outcome = keep(runtime.context, message, _draft(state), batch_id=state["batch_id"])
    done[outcome] = done.get(outcome, 0) + 1
    return {"lines": state["lines"][1:], "draft": None, "done": done}


def promise(state: ReflectionState, runtime: Run) -> ReflectionState:
    """Keep what the companion promised, as its own promise."""
    made = keep_promises(runtime.context, state["session_id"], batch_id=state["batch_id"])
    return {"done": {**state.get("done", {}), "promised": made}} if made else {}


def sum_up(state: ReflectionState, runtime: Run) -> ReflectionState:
    """Keep the session's summary, or bring it up to date."""
    changed = summed_up(runtime.context, state["session_id"], batch_id=state["batch_id"])
    return {"done": {**state.get("done", {}), "summed up": 1}} if changed else {}


def _in_words(context: ReflectionContext, task: Task, state: ReflectionState, answers: Answers) -> Rewritten:
    """A line by a model that may write, else as it was said; so too where nobody would try once more."""
    if not context.model or not writes(context.model) or _stays_as_said(task.line):
        return quoted(task.line, task.said)
    try:
        return rewritten(task, model=context.model, stop=context.stop, answers=answers)
    except PreemptedError:
        raise
    except ModelError as error:
        if not is_last_attempt(context, state["session_id"]):
            raise
        return Rewritten(quoted(task.line, task.said).text, problem=error.message)


def _stays_as_said(line: str) -> bool:
    """Whether a line is nothing that a model could put as a statement about the person."""
    return is_elliptical(line) or is_of_the_world(line)


def _answered(context: ReflectionContext, state: ReflectionState) -> Answers:
    """The model's answers to this line and the next ones, asked at once where it can."""
    model, answers = context.model, state.get("answers") or {}
    if not model or not writes(model) or model.info.at_once == 1:
        return {}
    tasks = []
    for message_id, start, end in state["lines"][: model.info.at_once]:
        message = context.messages.get(message_id)
        tasks.append(_task(context, state, message, start, message.text[start:end]))
    if _stays_as_said(tasks[0].line) or key_of(tasks[0].prompt()) in answers:
        return answers
    wanting = [task for task in tasks if not _stays_as_said(task.line)]
    return asked_at_once(model, wanting, stop=context.stop)


def _task(
    context: ReflectionContext, state: ReflectionState, message: Message, start: int, line: str
) -> Task:
    return Task(
        line=line,
        said=message.created.astimezone(context.zone),
        before=said_before(context, state["piece"], message, start),
        person=context.name_in(message),
    )


def _draft(state: ReflectionState) -> Draft:
    draft = state["draft"]
    assert draft is not None
    return draft


def after_segment(state: ReflectionState) -> Literal["select", "promise"]:
    """Come to the end when there is no further piece."""
    return "select" if state["piece"] else "promise"


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
    graph.add_node("promise", promise)
    graph.add_node("sum_up", sum_up)
    graph.add_edge(START, "segment")
    graph.add_conditional_edges("segment", after_segment)
    graph.add_conditional_edges("select", next_line)
    graph.add_edge("extract", "reconcile")
    graph.add_edge("reconcile", "validate")
    graph.add_edge("validate", "commit")
    graph.add_conditional_edges("commit", next_line)
    graph.add_edge("promise", "sum_up")
    graph.add_edge("sum_up", END)
    return graph.compile(checkpointer=checkpointer)
