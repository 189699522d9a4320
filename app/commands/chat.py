"""`keepsake chat`."""

from pathlib import Path

import click

from app.commands.options import chosen, data_option, model_option, persona_option, services


@click.command()
@click.option("--once", metavar="TEXT", help="Say this, print the reply and end.")
@model_option
@persona_option
@data_option
def chat(*, once: str | None, model: str | None, persona: str | None, data: Path | None) -> int:
    """Talk in the terminal. Ctrl+C stops a reply; a second one ends."""
    from app.commands.talk import say_once, talk

    with services(data, model=model) as built:
        who = chosen(built, persona)
        return say_once(built, who, once) if once is not None else talk(built, who)
