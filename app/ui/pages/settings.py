"""The settings page: the person, when memories are made, the data, and how all is doing."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import gradio as gr

from app.services.views import Check, ReflectionStep
from app.ui.parts import notice
from app.ui.parts.ask import Ask, where_of
from app.ui.parts.live import file_button, hidden_file
from app.ui.parts.page import Page
from app.ui.parts.render import render
from app.ui.parts.told import Updates, told
from app.ui.words import Settings
from personas.errors import KeepsakeError
from personas.model import Persona


class SettingsPage(Page):
    """What can be set, and what can be done with everything at once."""

    name = "settings"

    def build(self, demo: gr.Blocks) -> None:
        """Place the parts and wire them."""
        self.frame()
        self.halting = threading.Event()
        with gr.Column(elem_id="scrolled"):
            self.person = self.part("person", ["name", "habits"])
            self.work = self.part("work", ["reflect", "halt", "reindex"])
            self.learnt = self.part("learnt", ["relearn"])
            self.data = self.part("data", ["export"])
            with gr.Column(elem_classes="taking-in"):
                self.mine = gr.Checkbox(label=Settings.import_mine, elem_classes="quiet-box")
                self.file = file_button(Settings.import_file, [".jsonl"])
            self.made = self.also(hidden_file("export-file"))
            self.about = self.part("about", ["check"])
        self.arriving(demo)
        self.on(self.person, "name", self.save_name)
        self.on(self.person, "habits", self.save_habits)
        self.on(self.work, "reflect", self.reflect)
        self.on(self.work, "halt", self.halt)
        self.on(self.work, "reindex", self.reindex)
        self.on(self.learnt, "relearn", self.relearn)
        self.on(self.about, "check", self.check)
        self.saving(self.data, "export", self.export, self.made)
        given = [self.file, self.mine, self.where]
        whose = "(file, mine) => [file, mine, document.querySelector('#data select').value]"
        self.wire(self.file.upload, self.import_file, inputs=given, js=whose)

    @told
    def arrive(self, where: str) -> Updates:
        """Show how things are."""
        persona = self.persona_of(where_of(where))
        return {
            **self.look(),
            self.person: self.person_html(),
            self.learnt: self.learnt_html(persona),
            self.data: self.data_html(persona),
            self.about: self.about_html(None),
        }

    @told
    def look(self) -> Updates:
        """Look again at what waits, while the search is at work."""
        return self.head(busy=self.services.index.state().busy) | {self.work: self.work_html()}

    @told
    def save_name(self, event: gr.EventData) -> Updates:
        """Keep what personas call the person."""
        self.services.preferences.set_person_name(Ask.of(event).get("name"))
        return {self.person: self.person_html(), self.notice: notice.said(Settings.saved)}

    @told
    def save_habits(self, event: gr.EventData) -> Updates:
        """Keep when memories are made."""
        ask = Ask.of(event)
        automatic = ask.get("automatic") == "yes"
        self.services.preferences.save("reflection", idle_minutes=ask.get("idle"), automatic=automatic)
        return {self.person: self.person_html(), self.notice: notice.said(Settings.saved)}

    @told
    def reflect(self) -> Iterator[Updates]:
        """Make memories of all talks that have none yet, those under way among them."""
        self.halting.clear()
        try:
            for step in self.services.reflection.run_now(self.halting):
                yield {self.work: self.work_html(step)}
        except KeepsakeError:
            yield {self.work: self.work_html()}
            raise
        yield {self.work: self.work_html(), self.notice: notice.said(step.words)}

    @told
    def halt(self) -> Updates:
        """Stop making memories after the talk being read; what was made is kept."""
        self.halting.set()
        return {}

    @told
    def reindex(self) -> Iterator[Updates]:
        """Build the search by meaning anew."""
        yield {self.notice: notice.said(Settings.reindexing)}
        count = self.services.index.rebuild()
        yield {
            self.work: self.work_html(),
            self.notice: notice.said(Settings.reindexed.format(count=f"{count:,}")),
        }

    @told
    def relearn(self, event: gr.EventData) -> Updates:
        """Let go of what a persona has learnt about what the person needs."""
        persona = self.services.personas.get(Ask.of(event).get("id"))
        sentence = self.services.learning.reset(persona.id)
        return {self.learnt: self.learnt_html(persona), self.notice: notice.said(sentence)}

    @told
    def export(self, event: gr.EventData) -> Updates:
        """Write everything, or everything of one persona, into a file to save."""
        persona_id = Ask.of(event).get("id") or None
        day = datetime.now(UTC).astimezone().date()
        file = self.services.paths.temp / f"keepsake-{persona_id or 'all'}-{day}.jsonl"
        self.services.transfer.export_file(persona_id, file)
        return {self.made: str(file)}

    @told
    def import_file(self, file: str | None, mine: object, persona_id: str) -> Updates:
        """Take in an export or a transcript."""
        if not file:
            return {}
        report = self.services.transfer.import_file(Path(file), persona_id or None, mine=bool(mine))
        return {self.work: self.work_html(), self.notice: notice.said(report.sentence)}

    @told
    def check(self) -> Updates:
        """Look how everything is doing."""
        return {self.about: self.about_html(self.services.doctor.report())}

    def person_html(self) -> str:
        """Who the person is and when memories are made."""
        return render("settings/person.html", settings=self.services.preferences.current())

    def learnt_html(self, persona: Persona) -> str:
        """What a persona has learnt about what the person needs."""
        learnt = self.services.learning.state(persona.id)
        return render("settings/learnt.html", persona=persona, learnt=learnt)

    def data_html(self, persona: Persona) -> str:
        """Where everything lies, and the ways in and out."""
        folder, personas = self.services.paths.root, self.services.personas.list()
        return render("settings/data.html", folder=folder, persona=persona, personas=personas)

    def work_html(self, step: ReflectionStep | None = None) -> str:
        """What waits to be done."""
        return render(
            "settings/work.html",
            step=step,
            pending=self.services.sessions_due(),
            index=self.services.index.state(),
        )

    def about_html(self, checks: list[Check] | None) -> str:
        """How everything is doing, and the version."""
        return render("settings/about.html", checks=checks, version=self.services.version)
