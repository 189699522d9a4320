"""Settings that a person changes while the program runs."""

import threading
from typing import Any

from app.passwords import hashed
from app.paths import Paths
from app.settings import Settings, load_settings, save_settings
from personas.errors import UserError

SHORTEST_PASSWORD = 8


class PreferencesService:
    """The settings in force, and the file that they are kept in."""

    def __init__(self, paths: Paths, settings: Settings) -> None:
        self._paths = paths
        self._settings = settings
        self._lock = threading.Lock()

    def current(self) -> Settings:
        """The settings in force."""
        return self._settings

    @property
    def person_name(self) -> str:
        """What companions call the person; empty for no name."""
        return self._settings.person.name

    def save(self, section: str, **values: Any) -> Settings:
        """Change some values of one section. Raises SetupError where one is refused or cannot be kept."""
        with self._lock:
            on_disk = load_settings(self._paths.settings).with_changes(section, **values)
            changed = self._settings.with_changes(section, **values)
            save_settings(self._paths.settings, on_disk)
            self._settings = changed
            return changed

    def set_person_name(self, name: str) -> Settings:
        """Say what companions call the person."""
        return self.save("person", name=" ".join(name.split()))

    def set_password(self, password: str) -> Settings:
        """Ask for a password from the next start on; none if it is empty. Raises UserError if short."""
        if password and len(password) < SHORTEST_PASSWORD:
            raise UserError(
                f"A password needs {SHORTEST_PASSWORD} characters or more.", "Nothing was changed."
            )
        return self.save("server", password_hash=hashed(password) if password else "")
