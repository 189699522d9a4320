"""A download's progress in the terminal."""

import sys
from collections.abc import Iterable

import click

from app.services.model_views import FetchProgress


def show_progress(steps: Iterable[FetchProgress]) -> None:
    """One line that moves in a terminal; elsewhere a line for every tenth."""
    moving = sys.stderr.isatty()
    tenth = -1
    for step in steps:
        if moving:
            click.echo(f"\r\033[K{step.words}", nl=False, err=True)
        elif (here := int(step.share * 10)) != tenth or step.finished:
            tenth = here
            click.echo(step.words, err=True)
    if moving:
        click.echo(err=True)
