"""CHARX: a zip file with `card.json` at its root. Read in memory, never unpacked to disk."""

import io
import zipfile
import zlib
from collections.abc import Mapping

from personas.cards import limits
from personas.cards.errors import CardError

CARD = "card.json"
ENTRY = b"PK\1\2"
"""Begins each entry of the list of files; counted before the list is read."""
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The packings that Python unpacks piece by piece, so that a bound on the size holds."""
INSIDE = ("embeded://", "embedded://")
"""How a card points into its own zip file; the specification spells it with one d."""


def is_zip(data: bytes) -> bool:
    """Whether this is a zip file, also one behind a picture."""
    return zipfile.is_zipfile(io.BytesIO(data))


class Charx:
    """An open CHARX file."""

    def __init__(self, data: bytes) -> None:
        if data.count(ENTRY) > limits.ZIP_ENTRIES:
            raise CardError("This CHARX file holds too many files.")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError) as error:
            raise CardError("This CHARX file is damaged.") from error

    def card(self) -> bytes:
        """The card's JSON."""
        if (text := self._read(CARD, limits.JSON)) is None:
            raise CardError(f"This zip file holds no {CARD}, so it is no CHARX file.")
        return text

    def picture(self, data: Mapping[str, object]) -> bytes | None:
        """The main icon that the card's data names, where it lies inside the file."""
        assets = data.get("assets")
        icons = [item for item in assets if _is_icon(item)] if isinstance(assets, list) else []
        for icon in sorted(icons, key=lambda item: item.get("name") != "main"):
            uri = str(icon.get("uri", ""))
            for head in INSIDE:
                if uri.startswith(head) and (found := self._read(uri.removeprefix(head), limits.PICTURE)):
                    return found
        return None

    def _read(self, name: str, most: int) -> bytes | None:
        """A file inside; None where it is missing. What the zip says of its size is not believed."""
        try:
            info = self._zip.getinfo(name)
        except KeyError:
            return None
        if info.compress_type not in PLAIN:
            raise CardError(f"{name} in this CHARX file is packed in a way that is not supported.")
        try:
            with self._zip.open(info) as file:
                content = file.read(most + 1)
        except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError) as error:
            raise CardError(f"{name} in this CHARX file cannot be read.") from error
        if len(content) > most:
            raise CardError(f"{name} in this CHARX file is too large.")
        return content


def _is_icon(item: object) -> bool:
    return isinstance(item, dict) and item.get("type") == "icon"
