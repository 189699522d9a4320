"""Errors in callbacks become a message on the page."""

import functools
import inspect
import logging
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

import gradio as gr

from app.ui.parts.notice import warning
from app.ui.words import Common
from personas.errors import InternalError, KeepsakeError

log = logging.getLogger(__name__)

F = TypeVar("F", bound=Callable[..., Any])

Updates = dict[Any, Any]
"""New values by component; whatever is not named stays as it is."""


def told(callback: F) -> F:
    """Show what went wrong, and what to do, in the notice of the page that `callback` belongs to."""
    if inspect.isgeneratorfunction(callback):

        @functools.wraps(callback)
        def stream(page: Any, *args: Any, **kwargs: Any) -> Iterator[Updates]:
            try:
                for updates in callback(page, *args, **kwargs):
                    yield updates or gr.skip()
            except Exception as error:  # noqa: BLE001 - the last stop before the person
                yield {page.notice: warning(_readable(error))}

        return cast(F, stream)

    @functools.wraps(callback)
    def answer(page: Any, *args: Any, **kwargs: Any) -> Updates:
        try:
            return cast(Updates, callback(page, *args, **kwargs) or gr.skip())
        except Exception as error:  # noqa: BLE001 - the last stop before the person
            return {page.notice: warning(_readable(error))}

    return cast(F, answer)


def _readable(error: Exception) -> KeepsakeError:
    if isinstance(error, KeepsakeError):
        return error
    log.error("A page met an error that nobody expected", exc_info=error)
    return InternalError(Common.mistake, Common.mistake_hint)
