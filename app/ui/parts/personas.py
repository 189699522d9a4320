"""Personas with their pictures, as templates want them."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from personas.model import Persona

if TYPE_CHECKING:
    from app.wiring import Services


def pictures(services: "Services", personas: Iterable[Persona]) -> dict[str, Path | None]:
    """Where each persona's picture lies, by persona id; None for one without."""
    return {persona.id: services.personas.avatar_path(persona) for persona in personas}
