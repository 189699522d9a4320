"""Clicks as the browser sends them."""

import asyncio
from typing import TypeVar

import gradio as gr

from app.ui.parts.page import Page

P = TypeVar("P", bound=Page)


def placed(page: P) -> P:
    """The page with its parts. Within a loop, since Gradio would leave one behind otherwise."""

    async def place() -> None:
        with gr.Blocks(analytics_enabled=False) as demo:
            page.build(demo)

    asyncio.run(place())
    return page


def click(act: str, where: str = "", **fields: str) -> gr.EventData:
    """One click or form, made at this address."""
    return gr.EventData(None, {"act": act, "where": where, **fields})
