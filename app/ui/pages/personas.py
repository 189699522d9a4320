"""The personas page: who one can talk with, and who they are."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from app.ui.parts import notice
from app.ui.parts.ask import Ask, where_of
from app.ui.parts.live import file_button, hidden_file
from app.ui.parts.page import Page
from app.ui.parts.personas import pictures
from app.ui.parts.render import query, render
from app.ui.parts.told import Updates, told
from app.ui.words import Personas
from personas.model import Persona
from personas.validation import LIMITS
from storage.memories import MemoryFilter

TEXTS = tuple(LIMITS)


class PersonasPage(Page):
    """Make, change and delete personas."""

    name = "personas"

    def build(self, demo: gr.Blocks) -> None:
        """Place the parts and wire them."""
        self.frame()
        with gr.Column(elem_id="personas"):
            with gr.Column(elem_id="folk"):
                self.list = self.part("folk-list", ["new", "open"])
                self.card = file_button(Personas.import_card, [".png", ".json", ".charx"])
            with gr.Column(elem_id="form-side"):
                self.form = self.part("persona", ["save", "duplicate", "delete", "export"])
                self.picture = file_button(Personas.upload, ["image"], "own-picture")
                self.file = self.also(hidden_file("card-file"))
        self.arriving(demo)
        self.on(self.list, "open", self.open)
        self.on(self.list, "new", self.new)
        for act in ("save", "duplicate", "delete"):
            self.on(self.form, act, getattr(self, act))
        self.saving(self.form, "export", self.write_card, self.file)
        self.wire(self.card.upload, self.take_card, inputs=[self.card])
        shown = "(file) => [file, ks.where()]"
        self.wire(self.picture.upload, self.take_picture, inputs=[self.picture, self.where], js=shown)

    @told
    def arrive(self, where: str) -> Updates:
        """Show the persona of the address, else the chosen one."""
        return self.whole(self.shown(where_of(where)))

    @told
    def open(self, event: gr.EventData) -> Updates:
        """Show a persona of the list."""
        return self.whole(self.services.personas.get(Ask.of(event).get("id")))

    @told
    def new(self, event: gr.EventData) -> Updates:
        """Make a persona of that name."""
        persona = self.services.personas.create(Ask.of(event).get("text"))
        return self.whole(persona, Personas.created.format(name=persona.name))

    @told
    def save(self, event: gr.EventData) -> Updates:
        """Keep what was changed."""
        ask = Ask.of(event)
        persona = self.services.personas.get(ask.get("id"))
        return self.whole(
            self.services.personas.save(replace(persona, **changes(ask.fields))), Personas.saved
        )

    @told
    def duplicate(self, event: gr.EventData) -> Updates:
        """Make a copy."""
        copy = self.services.personas.duplicate(Ask.of(event).get("id"))
        return self.whole(copy, Personas.duplicated.format(name=copy.name))

    @told
    def delete(self, event: gr.EventData) -> Updates:
        """Delete a persona with all that was said and remembered."""
        sentence = self.services.personas.delete(Ask.of(event).get("id"))
        return self.whole(self.services.personas.choose(None), sentence)

    @told
    def take_card(self, file: str | None) -> Updates:
        """Make a persona of a character card."""
        if not file:
            return {}
        persona, warnings = self.services.personas.import_card(Path(file))
        return self.whole(persona, " ".join([Personas.imported.format(name=persona.name), *warnings]))

    @told
    def take_picture(self, file: str | None, where: str) -> Updates:
        """Give the persona shown a picture of one's own."""
        if not file:
            return {}
        persona = self.shown(where_of(where))
        return self.whole(self.services.personas.set_avatar(persona.id, Path(file)), Personas.saved)

    @told
    def write_card(self, event: gr.EventData) -> Updates:
        """Give a persona as a card to download."""
        persona_id = Ask.of(event).get("id")
        file = self.services.paths.temp / f"{persona_id}.png"
        return {self.file: str(self.services.personas.export_card(persona_id, file))}

    def shown(self, where: Mapping[str, str]) -> Persona:
        """The persona that the address names, else the chosen one."""
        return self.services.personas.find(where.get("e", "")) or self.persona_of(where)

    def whole(self, persona: Persona, message: str = "") -> Updates:
        """The page for a persona, with a message where something was done."""
        personas = self.services.personas.list()
        faces = pictures(self.services, personas)
        updates: Updates = {
            **self.head(address=query(e=persona.id)),
            self.list: render("personas/list.html", personas=personas, pictures=faces, chosen=persona.id),
            self.form: self.form_html(persona, faces[persona.id], several=len(personas) > 1),
        }
        return updates | ({self.notice: notice.said(message)} if message else {})

    def form_html(self, persona: Persona, picture: Path | None, *, several: bool) -> str:
        """Everything about a persona, to change."""
        return render(
            "personas/form.html",
            persona=persona,
            picture=picture,
            limits=LIMITS,
            warning=self.services.personas.warning(persona),
            several=several,
            memories=self.services.memories.search(persona.id, MemoryFilter(limit=0)).total,
            choices=self.choices(persona, picture),
        )

    def choices(self, persona: Persona, picture: Path | None) -> list[tuple[str, Path | None]]:
        """The pictures to choose from: none, the bundled ones, and one's own where there is one."""
        bundled = self.services.personas.bundled_pictures()
        known = {path.name for path in bundled}
        own = [(persona.avatar, picture)] if picture and persona.avatar not in known else []
        return [*own, *((path.name, path) for path in bundled), ("", None)]


def changes(fields: Mapping[str, str]) -> dict[str, Any]:
    """The form's fields as those of a persona."""
    chosen = (*TEXTS, "avatar", "reply_length", "remembers", "guard")
    texts = {name: fields[name] for name in chosen if name in fields}
    return texts | ({"temperature": float(fields["temperature"])} if "temperature" in fields else {})
