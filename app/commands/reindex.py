"""`keepsake reindex`."""

from pathlib import Path

import click

from app.commands.options import data_option, services


@click.command()
@data_option
def reindex(*, data: Path | None) -> None:
    """Build the search by meaning anew from the store; with another model, if one was chosen."""
    with services(data) as built:
        total = built.search_models.finish() if built.finding.moving.progress() else built.index.rebuild()
    click.echo(f"{total:,} memories can be found by meaning.")
