"""The folders: this file alone knows where things lie."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from personas.errors import SetupError

OWNER_ONLY = 0o700


@dataclass(frozen=True, slots=True)
class Paths:
    """Where everything lies under one data folder."""

    root: Path

    @property
    def database(self) -> Path:
        """The only truth."""
        return self.root / "keepsake.db"

    @property
    def checkpoints(self) -> Path:
        """How far each turn got: ids and small values."""
        return self.root / "checkpoints.db"

    @property
    def index(self) -> Path:
        """Vectors and ids; may be deleted at any time."""
        return self.root / "index"

    @property
    def backups(self) -> Path:
        """Copies of the database."""
        return self.root / "backups"

    @property
    def models(self) -> Path:
        """Language models and the embedding model."""
        return self.root / "models"

    @property
    def states(self) -> Path:
        """What models have read of conversations; may be deleted at any time."""
        return self.root / "states"

    @property
    def avatars(self) -> Path:
        """Pictures that the person chose for personas."""
        return self.root / "avatars"

    @property
    def logs(self) -> Path:
        """What happened, without anybody's words."""
        return self.root / "logs"

    @property
    def log(self) -> Path:
        """The newest log file."""
        return self.logs / "keepsake.log"

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.root / "settings.json"

    @property
    def lock(self) -> Path:
        """Held by the one process that owns the index."""
        return self.root / "instance.lock"

    @property
    def temp(self) -> Path:
        """Uploads on their way in, cleared at each start."""
        return self.root / "temp"

    def create(self) -> "Paths":
        """Make the folders, readable by their owner alone."""
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=OWNER_ONLY)
            for folder in (self.backups, self.models, self.avatars, self.logs, self.temp):
                folder.mkdir(exist_ok=True, mode=OWNER_ONLY)
        except OSError as error:
            raise SetupError(
                f"The data folder {self.root} cannot be used: {(error.strerror or str(error)).lower()}.",
                "Give it write access, or choose another with --data DIR.",
            ) from error
        return self


def data_folder(chosen: Path | None, environment: Mapping[str, str]) -> Path:
    """The data folder: `--data`, else KEEPSAKE_HOME, else the usual place of the system."""
    if chosen is not None:
        return chosen.expanduser().absolute()
    if home := environment.get("KEEPSAKE_HOME", "").strip():
        return Path(home).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("keepsake", appauthor=False, roaming=os.name == "nt"))
