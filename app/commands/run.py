"""`keepsake run`."""

from pathlib import Path

import click

from app.commands.options import data_option, model_option, open_folder


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen; beyond this machine a password is needed.",
)
@click.option(
    "--port", type=click.IntRange(1, 65535), help="The port; 7860 or the next free one if not given."
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@model_option
@data_option
def run(host: str, port: int | None, *, no_browser: bool, model: str | None, data: Path | None) -> int:
    """Start Keepsake and open its pages in the browser."""
    from app.server import serve

    return serve(open_folder(data), host=host, port=port, browser=not no_browser, model=model)
