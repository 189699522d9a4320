"""What can go wrong with a model, in words for the person who waits for it."""

from personas.errors import SetupError, UserError


class ModelError(SetupError):
    """The model could not be loaded, or failed while it worked."""


class PromptTooLongError(UserError):
    """The message does not fit the model's context, even with no history and no memories."""


class OutputCutError(ModelError):
    """Structured output ran into its token limit, so it is not whole."""


class PreemptedError(ModelError):
    """Somebody more important needs the model; try again later."""
