"""The errors that a person may meet, and how each one reads.

KeepsakeError
├── UserError      the person can put it right: wrong input, a name that is taken
├── SetupError     the machine or the installation must change: disk, port, file, model
└── InternalError  our mistake: please report it

Every error says what happened (`message`, which also says what was kept where that matters)
and what to do (`hint`). The command line prints both and exits with 1; a page shows both.
"""


class KeepsakeError(Exception):
    """The base: `message` says what happened, `hint` says what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UserError(KeepsakeError):
    """The person who typed it can put it right."""


class NotFoundError(UserError):
    """What was asked for does not exist (any more)."""


class SetupError(KeepsakeError):
    """Something about the machine or the installation stands in the way."""


class InternalError(KeepsakeError):
    """A mistake of ours."""
