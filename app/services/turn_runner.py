"""Runs the turn graph to its end, and hands on what it tells."""

import threading
from collections.abc import Callable
from typing import cast

from app.services.live import Emit
from app.services.stores import Stores
from app.services.turn_taking import TurnRequest
from app.services.views import TurnEvent
from graphs.lesson_book import NearLessons, by_words_alone
from graphs.path_cache import PathCache
from graphs.ports import ChatModel
from graphs.retrieval import Retriever
from graphs.turn import TurnContext, TurnState, build_turn_graph


class TurnRunner:
    """A `Turn` through graphs/turn.py."""

    def __init__(
        self,
        *,
        stores: Stores,
        model: Callable[[], ChatModel],
        retriever: Callable[[], Retriever],
        person_name: Callable[[], str],
        near_lessons: NearLessons = by_words_alone,
    ) -> None:
        self._stores = stores
        self._model = model
        self._retriever = retriever
        self._person_name = person_name
        self._near_lessons = near_lessons
        self._graph = build_turn_graph()
        self._kept = PathCache()

    def __call__(self, request: TurnRequest, stop: threading.Event, emit: Emit) -> None:
        """Fill the reply in; a stop makes it shorter, the steps after it are done all the same."""
        context = TurnContext(
            model=self._model(),
            retriever=self._retriever(),
            messages=self._stores.messages,
            memories=self._stores.memories,
            recalls=self._stores.recalls,
            lessons=self._stores.lesson_book,
            persona=self._stores.personas.get(request.persona_id),
            person=self._person_name(),
            clock=self._stores.clock,
            stop=stop,
            near_lessons=self._near_lessons,
            kept=self._kept,
        )
        state = TurnState(message_id=request.message_id, reply_id=request.reply_id)
        for event in self._graph.stream(state, context=context, stream_mode="custom"):
            emit(cast("TurnEvent", event))
