"""`keepsake export`."""

import sys
from pathlib import Path

import click

from app.commands.options import chosen, data_option, persona_option, services


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write to this file."
)
@persona_option
@data_option
def export(*, out: Path | None, persona: str | None, data: Path | None) -> None:
    """Write everything said and remembered as lines of JSON; of all personas if none is named."""
    with services(data) as built:
        persona_id = chosen(built, persona).id if persona else None
        if out is None:
            built.transfer.export(persona_id, sys.stdout)
        else:
            click.echo(built.transfer.export_file(persona_id, out))
