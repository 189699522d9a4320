"""Views into HTML, through templates that escape whatever they are given."""

from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from app.ui import words
from app.ui.parts.chattext import chat_text, plain_text
from app.ui.parts.curve import curve_path
from app.ui.words import Common


def file_url(path: Path) -> str:
    """The address under which Gradio serves a file."""
    return f"/gradio_api/file={quote(str(path.resolve()))}"


def exact(moment: datetime) -> str:
    """`3 May 2025, 18:01`, in the machine's local time."""
    local = moment.astimezone()
    return f"{local.day} {local:%B %Y, %H:%M}"


def dated(when: str) -> str:
    """A `when` of the views with its day: those of today are only a time."""
    return Common.today.format(time=when) if ":" in when else when


def query(**values: str) -> str:
    """A query string of the values that are not empty."""
    return urlencode({key: value for key, value in values.items() if value})


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("app.ui"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(w=words, query=query, file_url=file_url)
    environment.filters.update(
        chat_text=chat_text, exact=exact, dated=dated, plain_text=plain_text, curve_path=curve_path
    )
    return environment


def render(template: str, **values: object) -> str:
    """The HTML of one template; every text in `values` is escaped."""
    return _environment().get_template(template).render(**values)
