"""Talking in the terminal."""

import contextlib
import signal
import sys
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from app.services.views import Failed, MessageView, TurnEvent
from app.ui.words import Chat
from graphs.events import Phase, Thought, Token, Unsaid

if TYPE_CHECKING:
    from app.wiring import Services
    from personas.model import Persona

FAILED = 1
INTERRUPTED = 130
PHASES = {
    "loading": "waking the model",
    "waiting": "waiting for its turn",
    "checking": "checking what you did not tell",
    "reading": "reading",
}


def say_once(built: "Services", persona: "Persona", text: str) -> int:
    """One message and its reply, in a conversation of its own."""
    conversation = built.chat.start(persona.id)
    with _stopping(lambda: built.chat.stop(conversation.id)) as interrupted:
        failed = _print_reply(built.chat.send(conversation.id, text))
    if failed is not None:
        click.echo(f"{failed.message} {failed.hint}".strip(), err=True)
    return INTERRUPTED if interrupted else FAILED if failed else 0


def talk(built: "Services", persona: "Persona") -> int:
    """A conversation until the person ends it."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - gives input() its history and editing

    conversation = built.chat.start(persona.id)
    click.echo(f"{persona.name} — {built.models.current().words}")
    click.echo("Ctrl+C stops a reply; Ctrl+D or a second Ctrl+C ends.\n")
    for message in built.chat.open(conversation.id):
        click.echo(f"{persona.name}: {message.text}\n")
    reads_from = ""
    while True:
        try:
            text = input("You: ").strip()
        except (EOFError, KeyboardInterrupt):
            click.echo()
            return 0
        if not text:
            continue
        click.echo(f"\n{persona.name}: ", nl=False)
        with _stopping(lambda: built.chat.stop(conversation.id)):
            failed = _print_reply(built.chat.send(conversation.id, text))
        if failed is not None:
            click.echo(f"{failed.message} {failed.hint}".strip(), err=True)
        reads_from = tell_what_is_read(built.chat.open(conversation.id, limit=1), reads_from)
        click.echo()


def tell_what_is_read(newest: Sequence[MessageView], before: str) -> str:
    """Say it where the last reply was given less of the talk than the one before; from which message on."""
    now = newest[-1].reads_from if newest else before
    if now and now != before:
        click.echo(f"({Chat.reads_from})", err=True)
    return now


def _print_reply(events: Iterator[TurnEvent]) -> Failed | None:
    failed: Failed | None = None
    status, thought = _Status(), ""
    for event in events:
        if isinstance(event, Phase):
            status.show(f"{PHASES.get(event.name, event.name)} {event.share:.0%}")
        elif isinstance(event, Thought):
            thought += event.text
            status.show(f"thinking, {len(thought.split())} words so far")
        elif isinstance(event, Unsaid):
            click.echo("\n\n(So far it was thinking.)\n")
        elif isinstance(event, Token):
            status.clear()
            click.echo(event.text, nl=False)
        elif isinstance(event, Failed):
            failed = event
    status.clear()
    click.echo()
    return failed


class _Status:
    """A line on a terminal's standard error that is wiped before the reply begins."""

    def __init__(self) -> None:
        self._on = sys.stderr.isatty() and sys.stdout.isatty()
        self._shown = False

    def show(self, text: str) -> None:
        if self._on:
            click.echo(f"\0337[{text}]\0338", nl=False, err=True)
            self._shown = True

    def clear(self) -> None:
        if self._shown:
            click.echo("\033[K", nl=False, err=True)
            self._shown = False


@contextlib.contextmanager
def _stopping(stop: Any) -> Iterator[list[bool]]:
    """The first Ctrl+C stops the reply; the next one ends the program."""
    came: list[bool] = []

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if came:
            raise KeyboardInterrupt
        came.append(True)
        stop()

    before = signal.signal(signal.SIGINT, on_signal)
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, before)
