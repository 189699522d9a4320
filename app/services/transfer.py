"""Import and export."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from app.services import exporting, words
from app.services.restoring import Restoration
from app.services.stores import Stores
from app.services.transcripts import take_in
from app.services.transfer_format import Export, read
from app.services.turn_memories import TurnMemories
from app.services.views import ImportReport
from personas.errors import NotFoundError, SetupError


class TransferService:
    """Takes files in and gives everything out again."""

    def __init__(self, stores: Stores, turns: TurnMemories, *, changed: Callable[[], None]) -> None:
        self._stores = stores
        self._turns = turns
        self._changed = changed

    def import_file(self, file: Path, persona_id: str | None = None, *, mine: bool = False) -> ImportReport:
        """Take in a transcript or an export, whole or not at all.

        A transcript goes to the persona named, or to the first; an export to its own, unless one is named.
        Raises FileFormError, which names the line.
        """
        content = read(file)
        with self._stores.database.atomic():
            if isinstance(content, Export):
                report = Restoration(self._stores, content, persona_id, file.name, mine=mine).run()
            else:
                report = take_in(
                    self._stores, self._turns, content, self._or_first(persona_id), file, mine=mine
                )
        self._changed()
        return report

    def export(self, persona_id: str | None, stream: TextIO) -> int:
        """Write everything of one persona, or of all, and say how many lines that were."""
        number = 0
        for line in exporting.lines(self._stores, persona_id):
            stream.write(line)
            number += 1
        return number

    def export_file(self, persona_id: str | None, file: Path) -> str:
        """The same into a file that only its owner can read; a sentence on what was written.

        Raises SetupError. An older file of this name stays until the new one is whole.
        """
        part = file.with_name(f".{file.name}.part")
        try:
            with os.fdopen(
                os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
            ) as out:
                number = self.export(persona_id, out)
            part.replace(file)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise SetupError(
                f"The export could not be written to {file}: {(error.strerror or str(error)).lower()}.",
                "Choose another place with --out.",
            ) from error
        return f"Exported {words.count(number - 1, 'record')} to {file}."

    def _or_first(self, persona_id: str | None) -> str:
        if persona_id is not None:
            return self._stores.personas.get(persona_id).id
        first = next(iter(self._stores.personas.list()), None)
        if first is None:
            raise NotFoundError("There is no persona yet.", "Make one on the Personas page.")
        return first.id
