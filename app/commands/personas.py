"""`keepsake personas`."""

from pathlib import Path

import click

from app.commands.options import data_option, json_option, print_json, services


@click.command()
@json_option
@data_option
def personas(*, as_json: bool, data: Path | None) -> None:
    """List the personas."""
    with services(data) as built:
        found = built.personas.list()
    if as_json:
        rows = [
            {
                "id": one.id,
                "name": one.name,
                "tagline": one.tagline,
                "remembers": one.remembers,
                "guard": one.guard,
            }
            for one in found
        ]
        print_json(rows)
        return
    for one in found:
        click.echo(f"{one.id:<16} {one.name}" + (f" — {one.tagline}" if one.tagline else ""))
