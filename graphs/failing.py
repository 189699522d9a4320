"""A line of which reflection can make nothing is passed over and noted, so that the others are not lost."""

import functools
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from graphs.errors import PreemptedError
from graphs.keeping import Draft
from graphs.reflection_context import ReflectionContext
from personas.errors import InternalError, KeepsakeError
from storage.errors import DataFolderError
from storage.sessions import ATTEMPTS

if TYPE_CHECKING:
    from graphs.reflection import ReflectionState, Run

FAIL: Final = "fail"
"""The action of a draft that came to nothing."""
MOST: Final = 5
"""Failed lines after which the session is left for later: then the model itself does not work."""
Node = TypeVar("Node", bound=Callable[..., Any])
log = logging.getLogger(__name__)


class LinesFailedError(InternalError):
    """So many lines came to nothing that going on is of no use now."""


def line_by_line(node: Node) -> Node:
    """Let a node fail for its line alone; what stops everything still stops everything.

    After a failure the nodes before commit have nothing more to do.
    """

    @functools.wraps(node)
    def guarded(state: "ReflectionState", runtime: "Run") -> "ReflectionState":
        draft = state.get("draft")
        if draft and draft.get("action") == FAIL:
            return {}
        try:
            done: ReflectionState = node(state, runtime)
        except (PreemptedError, DataFolderError):
            raise
        except Exception as error:
            log.warning("a line could not be reflected on", exc_info=error)
            return {"draft": Draft(quote="", action=FAIL, problem=in_words(error))}
        return done

    return cast("Node", guarded)


def passed_over(state: "ReflectionState", context: ReflectionContext) -> "ReflectionState":
    """Note that the line failed, and go on to the next one.

    Raises LinesFailedError where that was one too many.
    """
    draft, message_id = state["draft"], state["lines"][0][0]
    problem = draft["problem"] if draft else ""
    failed = [*state.get("failed", []), message_id]
    context.coverage.note_failed(message_id, context.clock.now(), problem)
    if len(failed) >= MOST:
        raise LinesFailedError(problem)
    done = dict(state.get("done", {}))
    done["failed"] = done.get("failed", 0) + 1
    return {"lines": state["lines"][1:], "draft": None, "done": done, "failed": failed, "error": problem}


def in_words(error: Exception) -> str:
    """A failure in words for a person."""
    if isinstance(error, KeepsakeError):
        return str(error)
    return f"Reflection failed for an unforeseen reason ({type(error).__name__})."


def is_last_attempt(context: ReflectionContext, session_id: str) -> bool:
    """Whether nobody will try again, so that what a model cannot write is better quoted than lost."""
    return context.sessions.get(session_id).attempts + 1 >= ATTEMPTS
