"""The personas that come with Keepsake, one data file each, in the order of their file names."""

import tomllib
from pathlib import Path

from personas.model import Persona
from personas.validation import checked

FOLDER = Path(__file__).parent


def bundled() -> list[Persona]:
    """Every bundled persona; the first one greets whoever starts Keepsake for the first time."""
    return [_read(file) for file in sorted(FOLDER.glob("*.toml"))]


def _read(file: Path) -> Persona:
    return checked(Persona(bundled=True, **tomllib.loads(file.read_text(encoding="utf-8"))))
