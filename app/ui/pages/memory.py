"""The memory page: what a persona remembers, to look through, to correct and to let go."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import gradio as gr

from app.services.views import Done
from app.ui.parts import notice
from app.ui.parts.ask import Ask, where_of
from app.ui.parts.curve import curve_marks
from app.ui.parts.memory_filter import filter_of, is_narrowed, page_of
from app.ui.parts.page import Page
from app.ui.parts.personas import pictures
from app.ui.parts.render import query, render
from app.ui.parts.told import Updates, told
from app.ui.words import Memories
from personas.errors import NotFoundError
from personas.model import Persona

if TYPE_CHECKING:
    from app.wiring import Services

CURVE_WIDTH = 320
CHANGES = ("newer", "both")
DEEDS = ("pin", "unpin", "fade", "revive", "confirm", "allow", "forget")


class MemoryPage(Page):
    """Memories of one persona."""

    name = "memory"
    notice_acts = ("undo",)

    def __init__(self, services: "Services", now: Callable[[], datetime]) -> None:
        super().__init__(services)
        self.now = now

    def build(self, demo: gr.Blocks) -> None:
        """Place the parts and wire them."""
        self.frame()
        with gr.Column(elem_id="memory"):
            with gr.Column(elem_id="list"):
                self.filters = self.part("filters", ["filter", "persona"])
                self.counts = self.part("counts", ["add"])
                self.waiting = self.part("waiting", CHANGES)
                self.listing = self.part("listing", ["open", "turn", "meaning"])
                self.lessons = self.part("lessons", ["relearn", "unlearn"])
            self.detail = self.part("detail", [*DEEDS, "edit", "undo", "close"])
        self.arriving(demo)
        self.on(self.filters, "filter", self.find, trigger_mode="always_last")
        self.on(self.filters, "persona", self.choose)
        self.on(self.listing, "turn", self.find)
        self.on(self.listing, "meaning", self.meaning)
        self.on(self.listing, "open", self.open)
        self.on(self.counts, "add", self.add)
        for act in DEEDS:
            self.on(self.detail, act, self.change)
        for act in CHANGES:
            self.on(self.waiting, act, self.decide)
        self.on(self.detail, "edit", self.edit)
        self.on(self.lessons, "relearn", self.relearn)
        self.on(self.lessons, "unlearn", self.unlearn)
        self.on(self.detail, "close", self.close)
        for part in (self.detail, self.notice):
            self.on(part, "undo", self.undo)

    @told
    def arrive(self, where: str) -> Updates:
        """Show the list and the memory of the address."""
        place = where_of(where)
        persona = self.persona_of(place)
        if place.get("m"):
            persona = self.owner(place["m"]) or persona
        return self.whole(persona, place) | {self.detail: self.detail_html(place)}

    @told
    def choose(self, event: gr.EventData) -> Updates:
        """Show another persona's memories."""
        persona = self.services.personas.get(Ask.of(event).get("personaId"))
        return self.whole(persona, {}, address="") | {self.detail: ""}

    @told
    def find(self, event: gr.EventData) -> Updates:
        """List what the filters ask for."""
        return self.list_updates(Ask.of(event).where)

    @told
    def meaning(self, event: gr.EventData) -> Updates:
        """List what a chat would recall at the words that were searched for."""
        where = Ask.of(event).where
        found = self.services.memories.recall(self.persona_of(where).id, where.get("q", ""), limit=20)
        return {self.listing: self.lines_html(where, found, meant=True)}

    @told
    def open(self, event: gr.EventData) -> Updates:
        """Show one memory."""
        return {self.detail: self.detail_html(Ask.of(event).where)}

    @told
    def close(self, event: gr.EventData) -> Updates:
        """Close the memory shown."""
        return self.list_updates(Ask.of(event).where) | {self.detail: ""}

    @told
    def add(self, event: gr.EventData) -> Updates:
        """Remember what the person writes down, and show it."""
        ask = Ask.of(event)
        memory = self.services.memories.add(self.persona_of(ask.where).id, ask.get("text"))
        where = {"p": memory.persona_id, "m": memory.id}
        return self.changed(where, notice.said(Memories.added)) | self.head(address=query(m=memory.id))

    @told
    def edit(self, event: gr.EventData) -> Updates:
        """Correct a memory."""
        ask = Ask.of(event)
        return self.changed(
            ask.where, notice.done(self.services.memories.edit(ask.get("id"), ask.get("text")))
        )

    @told
    def change(self, event: gr.EventData) -> Updates:
        """Pin, unpin, let fade, bring back, confirm, let in or forget a memory."""
        ask = Ask.of(event)
        deed: Callable[[str], Done] = getattr(self.services.memories, ask.get("act"))
        return self.changed(ask.where, notice.done(deed(ask.get("id"))))

    @told
    def decide(self, event: gr.EventData) -> Updates:
        """Decide whether an older memory is still so."""
        ask = Ask.of(event)
        deed: Callable[[str], Done] = getattr(self.services.changes, ask.get("act"))
        return self.changed(ask.where, notice.done(deed(ask.get("id"))))

    @told
    def relearn(self, event: gr.EventData) -> Updates:
        """Say differently what a lesson is about."""
        ask = Ask.of(event)
        done = self.services.memories.lessons.edit(ask.get("id"), ask.get("text"))
        return self.lesson_updates(ask.where) | {self.notice: notice.done(done)}

    @told
    def unlearn(self, event: gr.EventData) -> Updates:
        """Let a lesson go."""
        ask = Ask.of(event)
        done = self.services.memories.lessons.delete(ask.get("id"))
        return self.lesson_updates(ask.where) | {self.notice: notice.done(done)}

    @told
    def undo(self, event: gr.EventData) -> Updates:
        """Take a change back."""
        ask = Ask.of(event)
        return self.changed(ask.where, notice.done(self.services.memories.undo(ask.get("batch"))))

    def whole(self, persona: Persona, where: Mapping[str, str], address: str | None = None) -> Updates:
        """The page for a persona, without the memory shown."""
        personas = self.services.personas.list()
        filters = render(
            "memory/filters.html",
            persona=persona,
            personas=personas,
            pictures=pictures(self.services, personas),
            where=where,
        )
        top = self.head(persona=persona.id, address=address)
        return top | {self.filters: filters} | self.list_updates({**where, "p": persona.id})

    def changed(self, where: Mapping[str, str], message: str) -> Updates:
        """The list and the memory shown after a change."""
        return self.list_updates(where) | {self.detail: self.detail_html(where), self.notice: message}

    def list_updates(self, where: Mapping[str, str]) -> Updates:
        """The counts and the list."""
        persona = self.persona_of(where)
        page = self.services.memories.search(persona.id, filter_of(where, self.now()))
        counts = render("memory/counts.html", page=page, persona=persona)
        waiting = render("memory/waiting.html", changes=self.services.changes.waiting(persona.id))
        listing = self.lines_html(where, page.lines, total=page.total)
        updates: Updates = {self.counts: counts, self.waiting: waiting, self.listing: listing}
        return updates | self.lesson_updates(where)

    def lesson_updates(self, where: Mapping[str, str]) -> Updates:
        """What was learned."""
        lessons = self.services.memories.lessons.list(self.persona_of(where).id)
        return {self.lessons: render("memory/lessons.html", lessons=lessons)}

    def lines_html(
        self, where: Mapping[str, str], lines: object, *, total: int = 0, meant: bool = False
    ) -> str:
        """The list."""
        wanted = filter_of(where, self.now())
        return render(
            "memory/listing.html",
            lines=lines,
            total=total,
            first=wanted.offset + 1,
            number=page_of(where),
            chosen=where.get("m", ""),
            narrowed=is_narrowed(where),
            query_words=bool(where.get("q")),
            meant=meant,
            persona=self.persona_of(where),
        )

    def detail_html(self, where: Mapping[str, str]) -> str:
        """The memory of the address; nothing where there is none any more."""
        try:
            detail = self.services.memories.open(where["m"]) if where.get("m") else None
        except NotFoundError:
            detail = None
        if detail is None:
            return ""
        persona = self.services.personas.get(detail.memory.persona_id)
        marks = curve_marks(detail.curve, self.now(), CURVE_WIDTH)
        return render("memory/detail.html", detail=detail, persona=persona, marks=marks)

    def owner(self, memory_id: str) -> Persona | None:
        """Whose memory it is."""
        try:
            return self.services.personas.get(self.services.memories.open(memory_id).memory.persona_id)
        except NotFoundError:
            return None
