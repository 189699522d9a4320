"""How large a card and its parts may be, in bytes unless said otherwise."""

FILE = 50_000_000
JSON = 4_000_000
PICTURE = 20_000_000
ZIP_ENTRIES = 5_000
"""Files inside a CHARX."""
DEPTH = 64
"""Levels of nesting in a card's JSON."""
