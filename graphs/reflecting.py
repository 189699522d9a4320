"""Runs reflection over one session, to its end or until somebody more important needs the model."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph

from graphs.errors import PreemptedError
from graphs.failing import in_words
from graphs.reflection import ReflectionState
from graphs.reflection_context import ReflectionContext
from graphs.rewriting import writes
from personas.errors import KeepsakeError
from storage.errors import DataFolderError
from storage.records import Session, SessionState

ReflectionGraph = CompiledStateGraph[ReflectionState, ReflectionContext, ReflectionState, ReflectionState]

STEPS = 1_000_000
"""LangGraph's own limit is meant for loops without an end; this one ends with the session."""
NEEDS_DRAFT = frozenset({"extract", "reconcile", "validate", "commit"})
"""Nodes that make or need the draft, which no checkpoint keeps; its line is then begun again."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reflected:
    """What came of a session."""

    session: Session
    """As it is now; as it was where reflection had to give way."""
    done: Mapping[str, int]
    """Lines that were `added`, `merged`, `known`, `replaced`, `put right`, `put in words`, `dropped` or
    `failed`; how many promises were `promised`, and whether the talk was `summed up`."""
    gave_way: bool = False
    """Whether somebody more important needed the model, so that the rest of the session waits."""

    @property
    def new_memories(self) -> int:
        """How many memories there are now that were not there before."""
        return sum(self.done.get(outcome, 0) for outcome in ("added", "replaced", "promised"))


def reflect(graph: ReflectionGraph, context: ReflectionContext, session_id: str) -> Reflected:
    """Reflect on one closed session, going on where an earlier run ended.

    Each step is on the disk before the next begins, so that what a kill cuts in two is still one batch.
    Gives way quietly: the session then stays due. A failure is noted with the session and tried again later.

    Raises NotFoundError where there is no such session, DataFolderError where nothing can be stored.
    """
    context.sessions.get(session_id)
    config: RunnableConfig = {"configurable": {"thread_id": thread_of(session_id)}, "recursion_limit": STEPS}
    try:
        start = _start(graph, config, context, session_id)
        durability: Literal["sync"] | None = "sync" if graph.checkpointer else None
        result = graph.invoke(start, config, context=context, durability=durability)
    except PreemptedError:
        return Reflected(context.sessions.get(session_id), {}, gave_way=True)
    except DataFolderError:
        raise
    except Exception as error:  # noqa: BLE001 (one session must not keep the others waiting)
        _forget_thread(graph, session_id)
        return Reflected(_failed(context, session_id, error), {})
    _forget_thread(graph, session_id)
    done = result.get("done", {})
    if result.get("failed"):
        return Reflected(context.sessions.mark(session_id, SessionState.FAILED, error=result["error"]), done)
    model = context.model.info.name if context.model and writes(context.model) else ""
    session = context.sessions.mark(session_id, SessionState.REFLECTED, reflected_by=model)
    return Reflected(session, done)


def thread_of(session_id: str) -> str:
    """The checkpointer's name for a session's reflection."""
    return f"reflection-{session_id}"


def _start(
    graph: ReflectionGraph, config: RunnableConfig, context: ReflectionContext, session_id: str
) -> Any:
    """None, which means to go on, where a checkpoint is left; else the first state.

    A step that had ended when the next was not begun is among the tasks of the snapshot, not in its `next`.
    """
    waiting = graph.get_state(config) if graph.checkpointer else None
    if waiting is None or not waiting.tasks:
        return ReflectionState(session_id=session_id, batch_id=context.ids(), after="", done={}, draft=None)
    if waiting.tasks[0].name in NEEDS_DRAFT:
        graph.update_state(config, {}, as_node="select")
    return None


def _failed(context: ReflectionContext, session_id: str, error: Exception) -> Session:
    level = logging.WARNING if isinstance(error, KeepsakeError) else logging.ERROR
    log.log(level, "reflection failed", exc_info=error)
    return context.sessions.mark(session_id, SessionState.FAILED, error=in_words(error))


def _forget_thread(graph: ReflectionGraph, session_id: str) -> None:
    """What is done needs no checkpoint."""
    saver = graph.checkpointer
    if saver and not isinstance(saver, bool):
        saver.delete_thread(thread_of(session_id))
