"""What can go wrong with the store, in words for the person whose store it is."""

from personas.errors import SetupError, UserError


class DataFolderError(SetupError):
    """The data folder cannot be used: read-only, full, or the file in it is not a Keepsake store."""


class NewerSchemaError(SetupError):
    """The store was written by a newer version of Keepsake."""


class UndoConflictError(UserError):
    """What is to be undone has been changed again since."""
