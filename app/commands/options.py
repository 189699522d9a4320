"""Options that several commands have, and what they open."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from app.paths import Paths, data_folder

if TYPE_CHECKING:
    from app.wiring import Services
    from personas.model import Persona

F = TypeVar("F", bound=Callable[..., Any])
_logs: list[Path] = []


def data_option(command: F) -> F:
    """`--data DIR`."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="The data folder, instead of KEEPSAKE_HOME or the usual one.",
    )(command)


def persona_option(command: F) -> F:
    """`--persona NAME`."""
    return click.option(
        "--persona", metavar="NAME", help="Which persona, by id or name; the first one if not given."
    )(command)


def json_option(command: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def model_option(command: F) -> F:
    """`--model PATH|URL|none`."""
    return click.option(
        "--model", metavar="PATH|URL|none", help="Use this language model this time, or none."
    )(command)


def open_folder(data: Path | None) -> Paths:
    """The data folder, made if need be, with its log."""
    from app import logs

    paths = Paths(data_folder(data, os.environ)).create()
    logs.set_up(paths.log)
    _logs[:] = [paths.log]
    return paths


def known_log() -> Path | None:
    """The log file of the folder that was opened, if one was."""
    return _logs[0] if _logs else None


@contextmanager
def services(data: Path | None, *, model: str | None = None) -> "Iterator[Services]":
    """Everything that a command may call, closed afterwards."""
    from app.settings import load_settings
    from app.wiring import build_services

    paths = open_folder(data)
    built = build_services(paths, load_settings(paths.settings), model=model)
    try:
        yield built
    finally:
        built.close()


def chosen(built: "Services", persona: str | None) -> "Persona":
    """The persona named, or the first one."""
    return built.personas.choose(persona)


def print_json(value: object) -> None:
    """Print as JSON that a person can read as well."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
