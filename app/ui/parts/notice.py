"""The message that follows an action, or says what went wrong."""

import itertools

from app.services.views import Done
from app.ui.parts.render import render
from personas.errors import KeepsakeError

_numbers = itertools.count()


def done(outcome: Done) -> str:
    """What was done, with the way back where there is one."""
    return render(
        "notice.html",
        text=outcome.sentence,
        hint="",
        batch=outcome.batch_id,
        warn=False,
        number=next(_numbers),
    )


def said(text: str) -> str:
    """A plain message."""
    return render("notice.html", text=text, hint="", batch="", warn=False, number=next(_numbers))


def warning(error: KeepsakeError) -> str:
    """What happened and what to do."""
    return render(
        "notice.html", text=error.message, hint=error.hint, batch="", warn=True, number=next(_numbers)
    )
