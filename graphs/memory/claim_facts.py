"""What is read out of a statement, before it is a memory's claim."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from storage.records import ClaimKind

SELF: Final = "self"
WORLD: Final = "world"
ANY: Final = "any"
"""The attribute of an end that names a thing and not what it was to the person."""
DOES: Final = "does"
"""What no other attribute fits."""
OF_DATE: Final = "date of "


@dataclass(frozen=True, slots=True)
class Fact:
    """A claim that has not been tied to a memory yet."""

    subject: str
    attribute: str
    value: str
    kind: ClaimKind
    first: date | None = None
    last: date | None = None
