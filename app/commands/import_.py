"""`keepsake import`."""

from pathlib import Path

import click

from app.commands.options import chosen, data_option, persona_option, services


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--mine", is_flag=True, help="These are your own words: trust them as if you had said them here."
)
@persona_option
@data_option
def import_(file: Path, *, mine: bool, persona: str | None, data: Path | None) -> None:
    """Take in a transcript (lines of role, text, time), or what keepsake export wrote."""
    with services(data) as built:
        report = built.transfer.import_file(file, chosen(built, persona).id, mine=mine)
    click.echo(report.sentence)
