"""Every word that the pages show, a page a file."""

from app.ui.words.chat import Chat, Progress, Why
from app.ui.words.common import Common, Keys
from app.ui.words.memory import Memories
from app.ui.words.model import Finding, Model, Running
from app.ui.words.personas import Personas
from app.ui.words.settings import Settings

__all__ = [
    "Chat",
    "Common",
    "Finding",
    "Keys",
    "Memories",
    "Model",
    "Personas",
    "Progress",
    "Running",
    "Settings",
    "Why",
]
