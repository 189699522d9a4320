"""What a model server or the way to it does wrong, as errors that a person can read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from graphs.errors import ModelError, PromptTooLongError

_UNSUPPORTED = {400, 404, 415, 422, 501}


class FormUnsupportedError(Exception):
    """The server does not know `response_format`."""


class NotInFormError(ModelError):
    """The answer does not obey the asked schema."""

    def __init__(self) -> None:
        super().__init__("The answer is not in the asked form.", "Try again.")


@contextmanager
def in_words(base: str, *, form_asked: bool = False) -> Iterator[None]:
    """Turns what httpx raises into ModelError and PromptTooLongError.

    Raises FormUnsupportedError where a form was asked for and that seems to be the reason.
    """
    try:
        yield
    except httpx.HTTPStatusError as error:
        if form_asked and error.response.status_code in _UNSUPPORTED:
            raise FormUnsupportedError from error
        raise _refusal(error.response) from error
    except httpx.TimeoutException as error:
        raise ModelError(f"The server at {base} took too long.", "Is it busy or too slow?") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ModelError(
            f"No model server answers at {base}.", "Start it, or choose another model."
        ) from error
    except ValueError as error:
        raise ModelError(
            f"What answers at {base} is no OpenAI-compatible server.", "Check the address."
        ) from error


def _refusal(response: httpx.Response) -> ModelError | PromptTooLongError:
    code = response.status_code
    try:
        said = message_of(response.json())
    except ValueError:
        said = response.reason_phrase
    if code in {401, 403}:
        return ModelError(
            "The model server wants a key, or another one.", "Set the API key on the model page."
        )
    if code == httpx.codes.BAD_REQUEST and "context" in said.lower():
        return PromptTooLongError("The message is too long for the server's model.", "Shorten the message.")
    return ModelError(
        f"The model server refused ({code}): {said}.", "Check its address and its model's name."
    )


def message_of(body: Any) -> str:
    """What a server says went wrong, from any of the forms in which servers say it."""
    error = body.get("error", body) if isinstance(body, dict) else body
    words = error.get("message", "") if isinstance(error, dict) else error
    return str(words).strip().rstrip(".")[:200] or "it does not say why"
