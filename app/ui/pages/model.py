"""The model page: which language model answers, and how to get a better one."""

from collections.abc import Iterator

import gradio as gr

from app.services.model_views import FetchProgress
from app.ui.parts import notice
from app.ui.parts.ask import Ask
from app.ui.parts.live import live
from app.ui.parts.page import Page
from app.ui.parts.render import render
from app.ui.parts.told import Updates, told
from app.ui.words import Finding, Model, Running
from personas.errors import KeepsakeError


class ModelPage(Page):
    """Choose, fetch and switch off models."""

    name = "model"

    def build(self, demo: gr.Blocks) -> None:
        """Place the parts and wire them."""
        self.frame()
        with gr.Column(elem_id="scrolled"):
            live("intro", value=render("lead.html", text=Model.intro))
            self.current = self.part("current", ["try", "untry"])
            self.catalogue = self.part("catalogue", ["fetch", "cancel", "use"])
            self.others = self.part("others", ["use"])
            self.running = self.part("running", ["run"])
            self.finding = self.part("finding", ["fetch", "cancel", "use", "pause", "go"])
            self.finder_file = self.part("finder-file", ["use"])
        self.arriving(demo)
        self.on(self.running, "run", self.run_with)
        self.on(self.current, "try", self.try_out)
        self.on(self.current, "untry", self.stop_trying)
        self.on(self.catalogue, "fetch", self.fetch)
        self.on(self.catalogue, "cancel", self.cancel)
        for part in (self.catalogue, self.others):
            self.on(part, "use", self.use)
        self.on(self.finding, "fetch", self.fetch_finder)
        self.on(self.finding, "cancel", self.cancel_finder)
        self.on(self.finding, "pause", self.pause)
        self.on(self.finding, "go", self.go_on)
        for part in (self.finding, self.finder_file):
            self.on(part, "use", self.use_finder)

    @told
    def arrive(self, where: str) -> Updates:  # noqa: ARG002 - this page is the same everywhere
        """Show how things are."""
        return self.status() | {
            self.others: self.others_html(),
            self.running: self.running_html(),
            self.finder_file: self.finder_file_html(),
        }

    @told
    def look(self) -> Updates:
        """Look again while something is going on."""
        return self.status()

    @told
    def fetch(self, event: gr.EventData) -> Iterator[Updates]:
        """Fetch a model, saying how far it is."""
        here = False
        try:
            for progress in self.services.models.fetch(Ask.of(event).get("name")):
                here = progress.finished
                yield {self.catalogue: self.catalogue_html(progress)}
        except KeepsakeError:
            yield self.status()
            raise
        yield self.status() | ({self.notice: notice.said(Model.fetched)} if here else {})

    @told
    def try_out(self) -> Iterator[Updates]:
        """Measure how quick the model is on this machine."""
        yield {self.current: self.current_html(trying=True)}
        try:
            pace = self.services.models.try_out()
        except KeepsakeError:
            yield self.status()
            raise
        yield self.status() | ({} if pace else {self.notice: notice.said(Model.try_stopped)})

    @told
    def stop_trying(self) -> Updates:
        """End the try."""
        self.services.models.stop_trying()
        return {}

    def current_html(self, *, trying: bool = False) -> str:
        """The model that answers."""
        return render("model/current.html", model=self.services.models.current(), trying=trying)

    @told
    def cancel(self) -> Updates:
        """Stop fetching; what is there is kept."""
        self.services.models.cancel_fetch()
        return self.status() | {self.notice: notice.said(Model.cancelled)}

    @told
    def use(self, event: gr.EventData) -> Updates:
        """Let another model answer, once it has been looked at."""
        ask = Ask.of(event)
        state = self.services.models.use(ask.get("target"), **server_fields(ask))
        message = Model.off if state.state == "none" else Model.used.format(name=state.name)
        return self.status() | {self.others: self.others_html(), self.notice: notice.said(message)}

    @told
    def run_with(self, event: gr.EventData) -> Updates:
        """Run models differently from now on."""
        ask = Ask.of(event)
        wanted: dict[str, object] = {
            "thinking": ask.get("thinking") == "yes",
            "context_tokens": ask.get("context_tokens"),
        }
        if "gpu_layers" in ask.fields:
            wanted["gpu_layers"] = ask.get("gpu_layers") or -1
        self.services.models.run_with(**wanted)
        return self.status() | {self.running: self.running_html(), self.notice: notice.said(Running.saved)}

    @told
    def fetch_finder(self, event: gr.EventData) -> Iterator[Updates]:
        """Fetch a search model, saying how far it is."""
        here = False
        try:
            for progress in self.services.search_models.fetch(Ask.of(event).get("name")):
                here = progress.finished
                yield {self.finding: self.finding_html(progress)}
        except KeepsakeError:
            yield self.status()
            raise
        yield self.status() | ({self.notice: notice.said(Model.fetched)} if here else {})

    @told
    def cancel_finder(self) -> Updates:
        """Stop fetching; what is there is kept."""
        self.services.search_models.cancel_fetch()
        return self.status() | {self.notice: notice.said(Model.cancelled)}

    @told
    def use_finder(self, event: gr.EventData) -> Updates:
        """Let another model find memories, once it has been tried and has read them."""
        ask = Ask.of(event)
        prefixes = {name: ask.get(name) for name in ("query_prefix", "passage_prefix") if name in ask.fields}
        self.services.search_models.use(ask.get("target"), **prefixes, **server_fields(ask))
        message = Finding.used.format(name=self.services.search_models.wanted_title)
        return self.status() | {
            self.finder_file: self.finder_file_html(),
            self.notice: notice.said(message),
        }

    @told
    def pause(self) -> Updates:
        """Stop reading memories with the chosen search model for now."""
        self.services.search_models.pause()
        return self.status() | {self.notice: notice.said(Finding.stopped)}

    @told
    def go_on(self) -> Updates:
        """Go on reading them."""
        self.services.search_models.go_on()
        return self.status() | {self.notice: notice.said(Finding.goes_on)}

    def status(self) -> Updates:
        """Everything that changes by itself; looked at again as long as it does."""
        fetching = self.services.models.fetching()
        finder, finder_fetching = self.services.search_models.state(), self.services.search_models.fetching()
        busy = fetching or finder_fetching or (finder.moving and not finder.paused)
        return {
            **self.head(busy=bool(busy)),
            self.current: self.current_html(),
            self.catalogue: self.catalogue_html(fetching),
            self.finding: self.finding_html(finder_fetching),
        }

    def finding_html(self, progress: FetchProgress | None) -> str:
        """Which model finds memories, and those that can be had."""
        models = self.services.search_models
        return render("model/finding.html", state=models.state(), lines=models.catalogue(), progress=progress)

    def finder_file_html(self) -> str:
        """A search model on this machine, or a server."""
        wanted = self.services.preferences.current().embedder
        kind, _, value = wanted.source.partition(":")
        return render(
            "model/finder_file.html",
            wanted=wanted,
            file=value if kind == "file" else "",
            server=value if kind == "server" else "",
        )

    def catalogue_html(self, progress: FetchProgress | None) -> str:
        """The models to fetch, with how far a download is."""
        return render("model/catalogue.html", lines=self.services.models.catalogue(), progress=progress)

    def running_html(self) -> str:
        """How models run here."""
        return render("model/running.html", view=self.services.models.running())

    def others_html(self) -> str:
        """A file, a server, or none."""
        model = self.services.models.current()
        kind, _, value = model.target.partition(":")
        return render(
            "model/others.html",
            model=model,
            file=value if kind == "file" else "",
            server=value if kind == "server" else "",
            server_model=self.services.preferences.current().model.server_model,
        )


def server_fields(ask: Ask) -> dict[str, str]:
    """What else a server needs to know, where one was named."""
    return {name: ask.get(name) for name in ("server_model", "api_key") if name in ask.fields}
