"""Character cards (V1, V2, V3) read from and written to JSON and PNG; CHARX read.

A card is somebody else's file. Its texts are kept as plain text and never trusted as HTML, nothing it
points to is fetched, nothing of it is unpacked to disk, and every size is bounded. What Keepsake does
not use stays in `Persona.extensions` and is given back on export.

Sources: the Character Card specifications V1 and V2 (malfoyslastname) and V3 (kwaroran).
"""

from personas.cards.errors import CardError
from personas.cards.files import Card, read_card, write_json, write_png

__all__ = ["Card", "CardError", "read_card", "write_json", "write_png"]
