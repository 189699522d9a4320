"""Clicks as the browser sends them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import gradio as gr

from app.ui.parts.page import Page

P = TypeVar("P", bound=Page)


def placed(page: P) -> P:
    """The page with its parts.

    Within a loop, since Gradio would leave one behind otherwise; and in a thread of its own, since
    this one's may be running for the browser of another test.
    """

    async def place() -> None:
        with gr.Blocks(analytics_enabled=False) as demo:
            page.build(demo)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, place()).result()
    return page


def click(act: str, where: str = "", **fields: str) -> gr.EventData:
    """One click or form, made at this address."""
    return gr.EventData(None, {"act": act, "where": where, **fields})
