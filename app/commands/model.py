"""`keepsake model …`."""

from dataclasses import asdict
from pathlib import Path

import click

from app.commands.options import data_option, json_option, print_json, services
from app.commands.progress import show_progress
from app.commands.search_model import search
from app.services.model_views import CatalogueLine


def _marks(line: CatalogueLine) -> str:
    known = (("in use", line.in_use), ("installed", line.installed), ("recommended", line.recommended))
    return "".join(f", {word}" for word, so in known if so)


@click.group()
def model() -> None:
    """See, fetch and choose language models, and the search model."""


model.add_command(search)


@model.command("list")
@json_option
@data_option
def list_(*, as_json: bool, data: Path | None) -> None:
    """List the models that can be had, and the one in use."""
    with services(data) as built:
        lines, current = built.models.catalogue(), built.models.current()
    if as_json:
        print_json({"current": asdict(current), "models": [asdict(line) for line in lines]})
        return
    for line in lines:
        marks = [
            word
            for word, so in (
                ("in use", line.in_use),
                ("installed", line.installed),
                ("recommended", line.recommended),
            )
            if so
        ]
        click.echo(
            f"{line.name:<28} {line.size_words:>8}  {line.title} ({line.licence}) {', '.join(marks)}".rstrip()
        )
    click.echo(f"Now: {current.words}")


@model.command()
@click.argument("name")
@data_option
def get(name: str, *, data: Path | None) -> None:
    """Fetch a model of the list; "default" is the one recommended for this machine."""
    with services(data) as built:
        show_progress(built.models.fetch(name))
        click.echo(built.models.current().words)


@model.command()
@click.argument("target", metavar="NAME|PATH|URL|none")
@data_option
def use(target: str, *, data: Path | None) -> None:
    """Answer with this model from now on."""
    with services(data) as built:
        click.echo(built.models.use(target).words)
