"""Citation marks such as [2]: kept out of the text that a person sees, and counted.

A model that is shown numbered memories sometimes cites them (RMM, arXiv 2503.08026, section 4.2). Text
arrives in pieces, so an opening bracket waits until it is known whether a mark follows.
"""

import re
from typing import Final

MARK: Final = re.compile(r"\s?\[(?:note |memory )?\d{1,2}(?:\s?,\s?\d{1,2})*\]", re.IGNORECASE)
BEGUN: Final = re.compile(
    r"\s?\[(?:n|no|not|note ?|m|me|mem|memo|memor|memory ?)?[\d\s,]{0,12}$|\s$", re.IGNORECASE
)
"""What may yet become a mark."""


class MarkFilter:
    """Passes a reply on without its marks, and remembers which numbers were cited."""

    def __init__(self) -> None:
        self._held = ""
        self.cited: set[int] = set()

    def feed(self, piece: str) -> str:
        """The next piece of text that may be shown."""
        text = MARK.sub(self._note, self._held + piece)
        begun = BEGUN.search(text)
        cut = begun.start() if begun else len(text)
        self._held = text[cut:]
        return text[:cut]

    def end(self) -> str:
        """What was held back and is no mark after all."""
        rest, self._held = self._held, ""
        return rest.rstrip()

    def _note(self, mark: re.Match[str]) -> str:
        self.cited.update(int(number) for number in re.findall(r"\d+", mark[0]))
        return ""
