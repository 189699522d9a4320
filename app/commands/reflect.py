"""`keepsake reflect`."""

from pathlib import Path

import click

from app.commands.options import data_option, model_option, services


@click.command()
@model_option
@data_option
def reflect(*, model: str | None, data: Path | None) -> None:
    """Make memories of the conversations that wait for it, the one under way included."""
    with services(data, model=model) as built:
        for step in built.reflection.run_now():
            click.echo(step.words)
