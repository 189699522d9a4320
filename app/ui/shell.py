"""The pages put together."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import gradio as gr

import assets
from app.clock import SystemClock
from app.ui.pages.chat import ChatPage
from app.ui.pages.memory import MemoryPage
from app.ui.pages.model import ModelPage
from app.ui.pages.personas import PersonasPage
from app.ui.pages.settings import SettingsPage
from app.ui.parts.page import Page
from app.ui.theme import theme
from app.ui.words import Common

if TYPE_CHECKING:
    from app.wiring import Services

ASSETS = Path(assets.__file__).parent
SHEETS = ("base.css", "chat.css", "memory.css", "forms.css")


def build(services: "Services") -> gr.Blocks:
    """All pages, each with an address of its own."""
    gr.set_static_paths([ASSETS / "avatars", services.paths.avatars])
    pages: tuple[Page, ...] = (
        ChatPage(services),
        MemoryPage(services, SystemClock().now),
        PersonasPage(services),
        ModelPage(services),
        SettingsPage(services),
    )
    with gr.Blocks(title=Common.app, analytics_enabled=False, delete_cache=(3600, 86400)) as demo:
        for page in pages:
            if page.name:
                _begin(demo, page.name)
            page.build(demo)
    return cast(gr.Blocks, demo)


def _begin(demo: gr.Blocks, name: str) -> None:
    """As `Blocks.route`, but within the block: each time it is left, Gradio builds its server anew."""
    demo.pages.append((name, name, True))
    demo.current_page = name


def launch_options() -> dict[str, Any]:
    """What `gr.mount_gradio_app` (or `launch`) is given: the look, and none of Gradio's extras."""
    return {
        "theme": theme(),
        "head": head(),
        "favicon_path": str(ASSETS / "icons" / "favicon.png"),
        "footer_links": [],
        "run_history": False,
        "enable_monitoring": False,
        "show_error": False,
        "ssr_mode": False,
        "max_file_size": "64mb",
    }


def head() -> str:
    """The style sheet and the script, within the page: nothing else is fetched."""
    sheet = "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in SHEETS)
    script = (ASSETS / "keepsake.js").read_text(encoding="utf-8")
    return (
        '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">'
        '<meta property="og:image" content="">'
        f"<style>{sheet}</style><script>{script}</script>"
    )
