"""Reading ahead: while a person reads or types, the model reads what the next prompt begins with anyway."""

import logging
import threading
from collections.abc import Callable

from app.models.owner import OwnedChatModel
from app.services.stores import Stores
from graphs.history import beginnings
from graphs.lineage import seen
from graphs.memory.composing import Speakers
from graphs.memory.continuing import own
from graphs.ports import Skill
from personas.errors import KeepsakeError

log = logging.getLogger(__name__)


class ReadAhead:
    """One conversation at a time, the one asked for last; gives way to everything else."""

    def __init__(
        self, stores: Stores, model: Callable[[], OwnedChatModel], person_name: Callable[[], str]
    ) -> None:
        self._stores = stores
        self._model = model
        self._person_name = person_name
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._wanted = ""
        self._working = False
        self._closed = False

    def soon(self, conversation_id: str) -> None:
        """Read this conversation next, in a thread of its own; what is read for another one ends."""
        with self._lock:
            if self._closed or (self._working and self._wanted == conversation_id):
                return
            self._wanted = conversation_id
            self._stop.set()
            if not self._working:
                self._working = True
                threading.Thread(target=self._work, name="read-ahead", daemon=True).start()

    def close(self) -> None:
        """End, and begin nothing any more."""
        with self._lock:
            self._closed = True
            self._wanted = ""
            self._stop.set()

    def read(self, conversation_id: str, stop: threading.Event) -> None:
        """Read what the next prompt of a conversation begins with, then what it will once it is cut to fit.

        Raises NotFoundError where there is no such conversation, ModelError.
        """
        model = self._model()
        if model.info.skill is Skill.NONE:
            return
        conversation = self._stores.conversations.get(conversation_id)
        persona = self._stores.personas.get(conversation.persona_id)
        who = Speakers(persona, self._person_name(), conversation.id)
        path = self._stores.messages.path(conversation.id)
        before = own(seen(self._stores.memories, path))
        for later, messages in enumerate(beginnings(model, who, before)):
            model.read_ahead(messages, stop=stop, later=bool(later))

    def _work(self) -> None:
        while True:
            with self._lock:
                wanted, self._wanted = self._wanted, ""
                self._stop = stop = threading.Event()
                if not wanted:
                    self._working = False
                    return
            try:
                self.read(wanted, stop)
            except KeepsakeError as error:  # the next reply reads it then
                log.info("nothing was read ahead: %s", error.message)
