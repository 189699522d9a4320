"""What every page has: the top bar, the line for messages, and one way of wiring callbacks."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import gradio as gr
from gradio.components import Component

from app.ui.parts.live import event, live
from app.ui.parts.render import render
from app.ui.parts.told import Updates, told
from personas.model import Persona

if TYPE_CHECKING:
    from app.wiring import Services

C = TypeVar("C", bound=Component)

LOOK_AGAIN = 1.5
"""Seconds between two looks at a model that is loading or a download under way."""


class Page:
    """The frame of a page. A subclass has `build`, `arrive` and its callbacks."""

    name = ""
    """Of the page, as in its address."""
    notice_acts: Sequence[str] = ()
    """What the message line can trigger: `undo`, where the page wires it."""

    def __init__(self, services: "Services") -> None:
        self.services = services
        self.parts: list[Component] = []
        """What callbacks may change: all that was placed before they were wired."""

    def frame(self) -> None:
        """Place what every page has; called first in `build`."""
        self.where = gr.Textbox(visible=False)
        self.top = self.part(
            "top", value=render("top.html", page=self.name, model=None, address=None, persona="")
        )
        self.notice = self.part("notice", self.notice_acts)
        self.timer = self.also(gr.Timer(LOOK_AGAIN, active=False))

    def part(self, name: str, acts: Sequence[str] = (), value: str = "") -> gr.HTML:
        """Place a live part."""
        return self.also(live(name, acts, value))

    def also(self, component: C) -> C:
        """Let callbacks change this as well."""
        self.parts.append(component)
        return component

    def head(self, *, address: str | None = None, persona: str = "", busy: bool = False) -> Updates:
        """The top bar with the model's state, looked at again while that changes by itself.

        The browser keeps the persona and, where one is given, the address.
        """
        model = self.services.models.current()
        top = render("top.html", page=self.name, model=model, address=address, persona=persona)
        return {self.top: top, self.timer: gr.Timer(active=busy or model.state == "loading")}

    @told
    def look(self) -> Updates:
        """Look again at what changes by itself."""
        return self.head()

    def persona_of(self, where: Mapping[str, str]) -> Persona:
        """The persona that the browser has chosen, or the first."""
        chosen = where.get("p", "")
        return (self.services.personas.find(chosen) if chosen else None) or self.services.personas.choose(
            None
        )

    def on(self, part: gr.HTML, act: str, callback: Callable[..., Any], **options: Any) -> Any:
        """Connect an event of a live part."""
        return self.wire(event(part, act), callback, **options)

    def wire(self, listen: Callable[..., Any], callback: Callable[..., Any], **options: Any) -> Any:
        """Connect any event; its outputs come out without Gradio's overlays."""
        return listen(
            callback,
            outputs=self.parts,
            show_progress="hidden",
            api_visibility="private",
            concurrency_limit=None,
            **options,
        )

    def saving(self, part: gr.HTML, act: str, callback: Callable[..., Any], file: gr.DownloadButton) -> None:
        """Connect an event whose callback makes a file: the browser saves it as soon as it is there."""
        made = self.on(part, act, callback)
        made.success(None, js=f"() => ks.press('#{file.elem_id}')")

    def arriving(self, demo: gr.Blocks) -> Any:
        """Fill the page when it is opened or reloaded; `arrive` is given the address."""
        self.wire(self.timer.tick, self.look)
        return self.wire(demo.load, self.arrive, inputs=[self.where], js="() => ks.where()")

    def build(self, demo: gr.Blocks) -> None:
        """Place the parts and wire them."""
        raise NotImplementedError

    def arrive(self, where: str) -> Any:
        """Fill the page for an address's query."""
        raise NotImplementedError
