"""The settings: one small model a concern, kept as JSON in the data folder."""

import json
import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from personas.errors import SetupError


class Section(BaseModel):
    """A part of the settings. Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelSettings(Section):
    """Which language model answers."""

    source: str = "auto"
    """`auto` (the best that is installed), `starter`, `catalogue:NAME`, `file:PATH`, `server:URL`, `none`."""
    hub: str = "https://huggingface.co"
    """Where the catalogue's hub files are fetched from."""
    threads: Annotated[int, Field(ge=0, le=64)] = 0
    """Processor threads while it replies; 0 means as many as are good."""
    context_tokens: Annotated[int, Field(ge=512, le=131_072)] = 4096
    """How much it reads at most, if it can read as much."""
    gpu_layers: Annotated[int, Field(ge=-1, le=1000)] = -1
    """How many of its layers run on the graphics card, where llama.cpp was built for one; -1 means all."""
    thinking: bool = False
    """Whether a model that can choose thinks before it replies: slower, often better."""
    server_model: str = ""
    """Which of a server's models; empty for its first."""
    api_key: str = ""
    """For a server that wants one."""


class EmbedderSettings(Section):
    """Which model finds memories by meaning."""

    source: str = "bundled"
    """`bundled` (all-MiniLM-L6-v2), `catalogue:NAME`, `file:PATH` of an embedding model in GGUF form, or
    `server:URL` of a server that speaks the OpenAI protocol."""
    query_prefix: Annotated[str, Field(max_length=200)] = ""
    """For a file or a server: what the model's makers want before a question, such as `query: `."""
    passage_prefix: Annotated[str, Field(max_length=200)] = ""
    """For a file or a server: what they want before a text to be found, such as `passage: `."""
    server_model: Annotated[str, Field(max_length=200)] = ""
    """Which of a server's models; found out when it is chosen."""
    api_key: str = ""
    """For a server that wants one."""
    dimension: Annotated[int, Field(ge=0, le=65_536)] = 0
    """Length of a server's vectors; found out when it is chosen."""


class ReflectionSettings(Section):
    """When memories are made of a conversation."""

    idle_minutes: Annotated[int, Field(ge=1, le=1440)] = 20
    """A sitting ends after so long without a word."""
    automatic: bool = True
    """Whether it happens by itself, once a sitting has ended."""


class PersonSettings(Section):
    """Who the person is."""

    name: Annotated[str, Field(max_length=60)] = ""
    """What companions call them; empty for no name."""


class ServerSettings(Section):
    """How the pages are served."""

    password_hash: str = ""
    """Made by `keepsake run` from KEEPSAKE_PASSWORD or by the settings page; empty for none."""


class BackupSettings(Section):
    """How many daily copies of the database are kept."""

    keep: Annotated[int, Field(ge=1, le=365)] = 7
    """The oldest go first."""


class Settings(Section):
    """Everything that can be set."""

    model: ModelSettings = ModelSettings()
    embedder: EmbedderSettings = EmbedderSettings()
    reflection: ReflectionSettings = ReflectionSettings()
    person: PersonSettings = PersonSettings()
    server: ServerSettings = ServerSettings()
    backups: BackupSettings = BackupSettings()

    def with_changes(self, section: str, **values: Any) -> "Settings":
        """The settings with some values of one section changed, checked again."""
        data = self.model_dump()
        data[section] = {**data[section], **values}
        try:
            return Settings.model_validate(data)
        except ValidationError as error:
            raise SetupError(_first_fault(error), "Nothing was changed.") from error


def load_settings(path: Path) -> Settings:
    """Read the settings; a missing file means the defaults, a broken one is reported and left alone."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(
            f"The settings file {path} cannot be read: {error}.", "Mend it or move it away."
        ) from error
    try:
        return Settings.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        raise SetupError(
            f"The settings file {path} is not valid JSON (line {error.lineno}: {error.msg}).",
            "Mend it, or move it away to start with the defaults.",
        ) from error
    except ValidationError as error:
        raise SetupError(
            f"The settings file {path} has a mistake: {_first_fault(error)}", "Correct it or take it out."
        ) from error


def save_settings(path: Path, settings: Settings) -> None:
    """Write what differs from the defaults, whole or not at all, readable by the owner alone."""
    text = json.dumps(settings.model_dump(exclude_defaults=True), indent=2, ensure_ascii=False) + "\n"
    fresh = path.with_suffix(".new")
    try:
        with os.fdopen(
            os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise SetupError(
            f"The settings could not be saved: {(error.strerror or str(error)).lower()}.",
            "The earlier settings are kept; check the disk and the folder's rights.",
        ) from error


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in fault["loc"])
    value = json.dumps(fault["input"], ensure_ascii=False, default=str)[:80]
    if fault["type"] == "extra_forbidden":
        return f"there is no setting {key} (= {value})."
    return f"{key} = {value}: {fault['msg'].lower()}."
