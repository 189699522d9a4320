"""Personas: choosing, making and changing them, their pictures and their cards."""

import builtins
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import assets
from personas.bundled import bundled
from personas.errors import NotFoundError, SetupError, UserError
from personas.model import Persona
from personas.slugs import slug
from personas.validation import checked, warning
from storage.persona_repository import PersonaRepository

PICTURES = Path(assets.__file__).parent / "avatars"
PLAIN_PICTURE = PICTURES / "leaf.png"
"""On the card of a persona without a picture, since a card is one."""


class PersonaService:
    """The personas of this data folder, in order."""

    def __init__(
        self, personas: PersonaRepository, pictures: Path, *, erased: Callable[[], None] = lambda: None
    ) -> None:
        """`erased` is told when somebody's words are gone."""
        self._personas = personas
        self._pictures = pictures
        self._erased = erased

    def bring_bundled(self) -> None:
        """Put the bundled personas into a store that has none."""
        if not self._personas.list():
            for persona in bundled():
                self._personas.add(persona)

    def list(self) -> builtins.list[Persona]:
        """All of them, in order."""
        return self._personas.list()

    def get(self, persona_id: str) -> Persona:
        """The one with this id. Raises NotFoundError."""
        return self._personas.get(persona_id)

    def find(self, name: str) -> Persona | None:
        """The one with this id or, whatever the case of its letters, this name."""
        wanted = name.strip().casefold()
        exact = self._personas.find(name.strip())
        return exact or next((one for one in self.list() if one.name.casefold() == wanted), None)

    def choose(self, name: str | None) -> Persona:
        """The one named, or the first. Raises NotFoundError."""
        everybody = self.list()
        if not everybody:
            raise NotFoundError("There is no persona yet.", "Make one on the Personas page.")
        if not name:
            return everybody[0]
        found = self.find(name)
        if found is None:
            known = ", ".join(one.id for one in everybody)
            raise NotFoundError(f"There is no persona {name}.", f"There are: {known}.")
        return found

    def create(self, name: str, **fields: Any) -> Persona:
        """A new persona. Raises InvalidPersonaError."""
        persona = checked(Persona(id=self._free_id(name), name=name, **fields))
        return self._personas.add(persona)

    def save(self, persona: Persona) -> Persona:
        """Keep a changed persona; it counts from the next reply on. Raises InvalidPersonaError."""
        return self._personas.save(checked(persona))

    def warning(self, persona: Persona) -> str:
        """A word on texts that leave the conversation little room; empty otherwise."""
        return warning(persona)

    def duplicate(self, persona_id: str) -> Persona:
        """A copy under another name, without memories."""
        original = self.get(persona_id)
        taken = {one.name.casefold() for one in self.list()}
        name = next(
            fresh
            for number in range(1, len(taken) + 2)
            if (fresh := _copy_name(original.name, number)).casefold() not in taken
        )
        copy = replace(original, id=self._free_id(name), name=name, bundled=False, version=1)
        return self._personas.add(checked(self._with_own_picture(copy, original)))

    def delete(self, persona_id: str) -> str:
        """Delete a persona with all conversations and memories, for good; a sentence on what went.

        Raises UserError for the last one.
        """
        persona = self.get(persona_id)
        if len(self.list()) == 1:
            raise UserError(f"{persona.name} is the only persona left.", "Make another one first.")
        self._personas.delete(persona_id)
        self._erased()
        if persona.avatar:
            (self._pictures / Path(persona.avatar).name).unlink(missing_ok=True)
        return f"{persona.name} is deleted, with all conversations and memories."

    def set_avatar(self, persona_id: str, image: Path) -> Persona:
        """Give a persona a picture. Raises PictureError."""
        return self._set_picture(self.get(persona_id), _read(image))

    def avatar_path(self, persona: Persona) -> Path | None:
        """The file with the persona's picture, if there is one."""
        name = Path(persona.avatar).name
        places = (self._pictures / name, PICTURES / name) if name else ()
        return next((place for place in places if place.is_file()), None)

    def bundled_pictures(self) -> builtins.list[Path]:
        """The pictures that come with Keepsake, to choose from."""
        return sorted(PICTURES.glob("*.png"))

    def import_card(self, file: Path) -> tuple[Persona, builtins.list[str]]:
        """A persona from a character card, and what the person should know. Raises CardError."""
        from personas.avatars import PictureError
        from personas.cards import read_card

        card = read_card(_read(file))
        persona = self._personas.add(replace(card.persona, id=self._free_id(card.persona.name)))
        notes = list(card.warnings)
        if card.picture is not None:
            try:
                persona = self._set_picture(persona, card.picture)
            except PictureError as error:
                notes.append(f"{error.message} The persona has no picture of its own.")
        return persona, notes

    def export_card(self, persona_id: str, file: Path) -> Path:
        """Write a persona as a card: a picture where the file is named so, else JSON."""
        from personas.avatars import avatar_png
        from personas.cards import write_json, write_png

        persona = self.get(persona_id)
        if file.suffix.lower() == ".png":
            data = write_png(
                persona, avatar_png((self.avatar_path(persona) or PLAIN_PICTURE).read_bytes(), side=512)
            )
        else:
            data = write_json(persona)
        file.write_bytes(data)
        return file

    def _set_picture(self, persona: Persona, data: bytes) -> Persona:
        from personas.avatars import avatar_png

        picture = avatar_png(data)
        name = f"{persona.id}-{persona.version + 1}.png"
        (self._pictures / name).write_bytes(picture)
        saved = self._personas.save(replace(persona, avatar=name))
        if persona.avatar != name and persona.avatar.startswith(f"{persona.id}-"):
            (self._pictures / Path(persona.avatar).name).unlink(missing_ok=True)
        return saved

    def _with_own_picture(self, copy: Persona, original: Persona) -> Persona:
        source = self._pictures / Path(original.avatar).name
        if not original.avatar or not source.is_file():
            return copy
        name = f"{copy.id}-1.png"
        (self._pictures / name).write_bytes(source.read_bytes())
        return replace(copy, avatar=name)

    def _free_id(self, name: str) -> str:
        return slug(name, {one.id for one in self.list()})


def _copy_name(name: str, number: int) -> str:
    return f"{name} (copy)" if number == 1 else f"{name} (copy {number})"


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SetupError(f"{file.name} cannot be read: {(error.strerror or '').lower()}.") from error
