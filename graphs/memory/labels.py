"""A reply's own name before it ("Mira: …"), which small models like to write: left out."""

import re
from typing import Final

LONGEST: Final = 80


class LabelFilter:
    """Passes a reply on, without the name and colon that it may begin with."""

    def __init__(self, name: str) -> None:
        self._label = re.compile(rf"\s*(?:\*\*)?{re.escape(name)}(?:\*\*)?\s*:(?:\*\*)?\s*", re.IGNORECASE)
        self._whole = f"**{name}** :** "
        self._held: str | None = ""

    def feed(self, piece: str) -> str:
        """The next piece of text that may be shown."""
        if self._held is None:
            return piece
        self._held += piece
        label = self._label.match(self._held)
        if label and label.end() < len(self._held):
            return self._release(label.end())
        if label or self._may_begin_so():
            return ""
        return self._release(0)

    def end(self) -> str:
        """What was held back and is no name after all."""
        label = self._label.match(self._held or "")
        return self._release(label.end() if label else 0)

    def _may_begin_so(self) -> bool:
        bare = re.sub(r"[\s*:]", "", self._held or "").casefold()
        name = re.sub(r"[\s*:]", "", self._whole).casefold()
        return name.startswith(bare) and len(self._held or "") < LONGEST

    def _release(self, start: int) -> str:
        text, self._held = (self._held or "")[start:], None
        return text
