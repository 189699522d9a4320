"""Replies under way: each runs in a thread of its own to its end, whether or not anybody still listens."""

import logging
import threading
from collections.abc import Callable, Iterator

from app.services.views import Failed, TurnEvent
from graphs.events import Finished
from personas.errors import KeepsakeError, UserError

Emit = Callable[[TurnEvent], None]
Work = Callable[[threading.Event, Emit], None]
"""Does the turn: told when to stop, it tells what happens, and ends when all is stored."""

ENDING_SECONDS = 10.0
"""How long the next turn waits for one whose reply is there to store the rest."""
log = logging.getLogger(__name__)


class LiveTurn:
    """One reply under way, and everything that it has told so far."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self._events: list[TurnEvent] = []
        self._over = False
        self._news = threading.Condition()
        self.ending = False
        """Whether the reply is there, and only what follows it is still being stored."""

    def tell(self, event: TurnEvent) -> None:
        """Let every follower know."""
        with self._news:
            self.ending = self.ending or isinstance(event, Finished | Failed)
            self._events.append(event)
            self._news.notify_all()

    def end(self) -> None:
        """Nothing more will be told."""
        with self._news:
            self._over = True
            self._news.notify_all()

    def follow(self) -> Iterator[TurnEvent]:
        """Everything from the beginning, then what comes, until the end."""
        seen = 0
        while True:
            with self._news:
                self._news.wait_for(lambda: self._over or len(self._events) > seen)  # noqa: B023
                fresh = self._events[seen:]
                over = self._over
            yield from fresh
            seen += len(fresh)
            if over and seen == len(self._events):
                return


class LiveTurns:
    """The replies under way, at most one a conversation."""

    def __init__(self) -> None:
        self._turns: dict[str, tuple[LiveTurn, threading.Thread]] = {}
        self._lock = threading.Lock()
        self._closed = False

    def begin(self, conversation_id: str, prepare: Callable[[], Work]) -> LiveTurn:
        """Reserve the conversation, prepare in the caller's thread, then work in another.

        Raises UserError while a reply is under way there; what `prepare` raises is passed on.
        """
        turn = LiveTurn()
        thread = threading.Thread(target=lambda: None)
        self._see_out(conversation_id)
        with self._lock:
            if self._closed:
                raise UserError("Keepsake is closing.", "Start it again, then go on.")
            if conversation_id in self._turns:
                raise UserError("The last reply is still being written.", "Wait for it, or stop it first.")
            self._turns[conversation_id] = (turn, thread)
        try:
            work = prepare()
            thread = threading.Thread(
                target=self._run,
                args=(conversation_id, turn, work),
                name=f"turn-{conversation_id}",
                daemon=True,
            )
            with self._lock:
                self._turns[conversation_id] = (turn, thread)
            thread.start()
        except BaseException:
            self._forget(conversation_id)
            raise
        return turn

    def _see_out(self, conversation_id: str) -> None:
        """Wait for a turn whose reply is there already; nobody should have to ask twice for that."""
        with self._lock:
            found = self._turns.get(conversation_id)
        if found and found[0].ending and found[1].is_alive():
            found[1].join(ENDING_SECONDS)

    def find(self, conversation_id: str) -> LiveTurn | None:
        """The reply under way there, if there is one."""
        with self._lock:
            found = self._turns.get(conversation_id)
        return found[0] if found else None

    def stop(self, conversation_id: str) -> None:
        """Ask the reply under way there to end; what is there of it is kept."""
        if turn := self.find(conversation_id):
            turn.stop.set()

    @property
    def any(self) -> bool:
        """Whether a reply is under way anywhere."""
        with self._lock:
            return bool(self._turns)

    def close(self, timeout: float) -> None:
        """Stop all of them, and wait until each has stored what it has."""
        with self._lock:
            self._closed = True
            turns = list(self._turns.values())
        for turn, _ in turns:
            turn.stop.set()
        for _, thread in turns:
            if thread.is_alive():
                thread.join(timeout)

    def _run(self, conversation_id: str, turn: LiveTurn, work: Work) -> None:
        try:
            work(turn.stop, turn.tell)
        except KeepsakeError as error:
            log.warning("a turn failed: %s", type(error).__name__)
            turn.tell(Failed(error.message, error.hint))
        except Exception as error:
            log.exception("a turn failed unexpectedly")
            turn.tell(
                Failed(
                    f"The reply failed for a reason that Keepsake did not foresee ({type(error).__name__}).",
                    "Your message is kept; try again. The log file says more.",
                )
            )
        finally:
            self._forget(conversation_id)
            turn.end()

    def _forget(self, conversation_id: str) -> None:
        with self._lock:
            self._turns.pop(conversation_id, None)


def outcome(events: Iterator[TurnEvent]) -> Finished | Failed | None:
    """Follow a reply to its end and say how it ended."""
    last: Finished | Failed | None = None
    for event in events:
        if isinstance(event, Finished | Failed):
            last = event
    return last
