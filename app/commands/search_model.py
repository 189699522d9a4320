"""`keepsake model search …`."""

from dataclasses import asdict
from pathlib import Path

import click

from app.commands.options import data_option, json_option, print_json, services
from app.commands.progress import show_progress
from app.services.model_views import SearchModelLine


@click.group("search")
def search() -> None:
    """See, fetch and choose the model that finds memories by meaning."""


@search.command("list")
@json_option
@data_option
def list_(*, as_json: bool, data: Path | None) -> None:
    """List the search models that can be had, and what they were measured to bring."""
    with services(data) as built:
        lines, state = built.search_models.catalogue(), built.search_models.state()
    if as_json:
        print_json({"current": asdict(state), "models": [asdict(line) for line in lines]})
        return
    for line in lines:
        click.echo(f"{line.name:<26} {line.size_words:>7}  {line.languages} ({line.licence}){_marks(line)}")
        click.echo(f"{'':<35} {line.measured}")
    click.echo(f"Now: {state.words}")


@search.command()
@click.argument("name")
@data_option
def get(name: str, *, data: Path | None) -> None:
    """Fetch a search model of the list."""
    with services(data) as built:
        show_progress(built.search_models.fetch(name))
        click.echo(f"Fetched. Choose it with keepsake model search use {name}.")


@search.command()
@click.argument("target", metavar="NAME|PATH|URL")
@click.option("--query-prefix", default="", help="For a file or a server: what goes before a question.")
@click.option("--passage-prefix", default="", help="For a file or a server: what goes before a text.")
@click.option("--server-model", default="", help="Which of a server's models.")
@data_option
def use(target: str, *, query_prefix: str, passage_prefix: str, server_model: str, data: Path | None) -> None:
    """Let this model find memories, once it has read them all.

    It reads them while Keepsake runs (from its next start on, if it runs now), or at once with
    `keepsake reindex`.
    """
    with services(data) as built:
        state = built.search_models.use(
            target, query_prefix=query_prefix, passage_prefix=passage_prefix, server_model=server_model
        )
        click.echo(state.words)


def _marks(line: SearchModelLine) -> str:
    known = (("in use", line.in_use), ("chosen", line.wanted), ("installed", line.installed))
    marks = [word for word, so in known if so]
    return f", {marks[0]}" if marks else ""
