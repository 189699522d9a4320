"""HTML parts whose buttons and forms reach Python as events.

A part's HTML is made by a template and names its events in `data-act`; assets/keepsake.js passes them on.
"""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import gradio as gr
from gradio.events import EventListener


def live(name: str, acts: Sequence[str] = (), value: str = "", classes: Sequence[str] = ()) -> gr.HTML:
    """A part with the element id `name` that can trigger the named events."""
    return gr.HTML(
        value,
        elem_id=name,
        elem_classes=list(classes),
        js_on_load=f"ks.bind(element, trigger, {json.dumps(list(acts))}, watch)" if acts else None,
        apply_default_css=False,
        padding=False,
    )


def event(part: gr.HTML, act: str) -> Callable[..., Any]:
    """What listens to an event of a part, whatever its name."""
    return partial(EventListener(event_name=act).listener, part)


def file_button(label: str, types: Sequence[str], hidden: str = "") -> gr.UploadButton:
    """A button that asks for a file; Gradio checks the type and keeps it in the temporary folder.

    A hidden one, named by its id, is pressed by another.
    """
    return gr.UploadButton(
        label,
        file_types=list(types),
        elem_id=hidden or None,
        elem_classes="hidden-part" if hidden else "file-button",
    )


def hidden_file(name: str) -> gr.DownloadButton:
    """Holds a file that the browser is about to save."""
    return gr.DownloadButton(name, elem_id=name, elem_classes="hidden-part")
