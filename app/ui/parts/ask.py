"""What the browser sends with each event."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import gradio as gr


@dataclass(frozen=True, slots=True)
class Ask:
    """One click or form: its fields, and where in the app the person was."""

    fields: Mapping[str, str]
    where: Mapping[str, str]
    """The address's query, with the chosen persona under `p`."""

    @classmethod
    def of(cls, event: gr.EventData) -> "Ask":
        """Read an event of a live part; whatever is not text is left out."""
        data = event._data if isinstance(event._data, dict) else {}  # noqa: SLF001 - the only way to all of it
        fields = {str(key): value for key, value in data.items() if isinstance(value, str)}
        return cls(fields, where_of(fields.pop("where", "")))

    def at(self, **where: str) -> "Ask":
        """The same, asked from another place."""
        return Ask(self.fields, {**self.where, **where})

    def get(self, key: str) -> str:
        """A field, or an empty text."""
        return self.fields.get(key, "")


def where_of(query: str) -> Mapping[str, str]:
    """The parts of an address's query."""
    return dict(parse_qsl(query.removeprefix("?")))
