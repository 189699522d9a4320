"""`keepsake doctor`."""

from dataclasses import asdict
from pathlib import Path

import click

from app.commands.options import data_option, json_option, print_json, services


@click.command()
@json_option
@data_option
def doctor(*, as_json: bool, data: Path | None) -> int:
    """Look whether everything is in order."""
    with services(data) as built:
        checks = built.doctor.report()
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        for check in checks:
            click.echo(f"{'well' if check.ok else 'LOOK':<5} {check.name}: {check.words}")
    return 0 if all(check.ok for check in checks) else 1
