"""What can be wrong with a card."""

from personas.errors import UserError

USUAL = "Cards are PNG pictures with a character inside, JSON files, or CHARX files. Nothing was imported."


class CardError(UserError):
    """The file holds no character that can be read."""

    def __init__(self, message: str, hint: str = USUAL) -> None:
        super().__init__(message, hint)
