"""`keepsake memories …`."""

from pathlib import Path

import click

from app.commands.memory_output import history_rows, memory_rows, print_history, print_lines
from app.commands.options import chosen, data_option, json_option, persona_option, print_json, services


@click.group()
def memories() -> None:
    """Look at memories and correct them."""


@memories.command("list")
@click.option("--all", "everything", is_flag=True, help="Also faded, set aside and outdated ones.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="At most so many.")
@persona_option
@json_option
@data_option
def list_(*, everything: bool, limit: int, persona: str | None, as_json: bool, data: Path | None) -> None:
    """List what is remembered, newest first."""
    from storage.memory_filter import MemoryFilter
    from storage.records import MemoryState

    states = tuple(set(MemoryState) - {MemoryState.FORGOTTEN}) if everything else (MemoryState.ACTIVE,)
    with services(data) as built:
        page = built.memories.search(chosen(built, persona).id, MemoryFilter(states=states, limit=limit))
    print_json(memory_rows(page.lines)) if as_json else print_lines(page.lines, page.words)


@memories.command()
@click.argument("query")
@click.option("--limit", type=click.IntRange(1, 200), default=10, show_default=True, help="At most so many.")
@persona_option
@json_option
@data_option
def search(query: str, *, limit: int, persona: str | None, as_json: bool, data: Path | None) -> None:
    """Find what a chat would recall at these words, best first."""
    with services(data) as built:
        found = built.memories.recall(chosen(built, persona).id, query, limit)
        state = built.index.state()
    if not state.whole:
        click.echo(state.words, err=True)
    print_json(memory_rows(found)) if as_json else print_lines(found, "" if found else "Nothing found.")


@memories.command()
@click.argument("text")
@persona_option
@json_option
@data_option
def add(text: str, *, persona: str | None, as_json: bool, data: Path | None) -> None:
    """Remember a text."""
    with services(data) as built:
        line = built.memories.line(built.memories.add(chosen(built, persona).id, text).id)
    print_json(memory_rows([line])[0]) if as_json else click.echo(f"Remembered as {line.id}.")


@memories.command()
@click.argument("memory_id", metavar="ID")
@click.argument("text")
@data_option
def edit(memory_id: str, text: str, *, data: Path | None) -> None:
    """Correct a memory's text."""
    with services(data) as built:
        click.echo(built.memories.edit(memory_id, text).sentence)


@memories.command()
@click.argument("memory_id", metavar="ID")
@data_option
def forget(memory_id: str, *, data: Path | None) -> None:
    """Forget a memory, with others that rest on the same words."""
    with services(data) as built:
        done = built.memories.forget(memory_id)
    click.echo(f"{done.sentence} To take it back: keepsake memories undo {done.batch_id}")


@memories.command()
@click.argument("batch_id", metavar="CHANGE")
@data_option
def undo(batch_id: str, *, data: Path | None) -> None:
    """Take a change back."""
    with services(data) as built:
        click.echo(built.memories.undo(batch_id).sentence)


@memories.command()
@click.argument("memory_id", metavar="ID")
@json_option
@data_option
def history(memory_id: str, *, as_json: bool, data: Path | None) -> None:
    """Show how a memory came to be what it is, newest change first."""
    with services(data) as built:
        lines = built.memories.history(memory_id)
    print_json(history_rows(lines)) if as_json else print_history(lines)


@memories.command()
@persona_option
@data_option
def relearn(*, persona: str | None, data: Path | None) -> None:
    """Let go of what a persona has learnt about what you need; memories stay as they are."""
    with services(data) as built:
        click.echo(built.learning.reset(chosen(built, persona).id))
