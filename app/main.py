"""`keepsake`: reads the command line, and makes sure that nobody ever sees a traceback."""

import logging
import os
import sys
from collections.abc import Sequence

import click

from app.commands import chat, doctor, export, import_, memories, model, personas, reflect, reindex, run
from app.commands.options import known_log
from personas.errors import KeepsakeError

FAILED = 1
INTERRUPTED = 130

log = logging.getLogger(__name__)


class DefaultToRun(click.Group):
    """A group in which `run` may be left out."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `run` before options that are not the group's own."""
        own = {"--help", "-h", "--version"}
        if not args or (args[0].startswith("-") and args[0] not in own):
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(cls=DefaultToRun, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="keepsake", prog_name="keepsake")
def cli() -> None:
    """A companion that lives on your own machine and remembers you truthfully.

    Without a command, keepsake starts and opens its pages in the browser.
    """


for command in (
    run.run,
    chat.chat,
    personas.personas,
    memories.memories,
    import_.import_,
    export.export,
    reflect.reflect,
    reindex.reindex,
    model.model,
    doctor.doctor,
):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and end the process with its exit code."""
    sys.exit(run_command(sys.argv[1:] if arguments is None else list(arguments)))


def run_command(arguments: list[str]) -> int:
    """Run a command and give its exit code: 0, 1 for an error told in a line, 2 for wrong usage."""
    try:
        return int(cli.main(arguments, prog_name="keepsake", standalone_mode=False) or 0)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort
        return _failed(error)


def _failed(error: Exception) -> int:
    if isinstance(error, BrokenPipeError):  # whoever read our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    if isinstance(error, KeepsakeError):
        log.warning("ended with %s", type(error).__name__)
        return _say(str(error))
    log.error("an unforeseen error", exc_info=error)
    return _say(f"Something went wrong on our side ({type(error).__name__}). {_where_to_look()}")


def _say(text: str) -> int:
    click.echo(" ".join(text.split()), err=True)
    return FAILED


def _where_to_look() -> str:
    file = known_log()
    return f"What was stored before is kept; see {file} for more." if file else "Nothing was changed."
