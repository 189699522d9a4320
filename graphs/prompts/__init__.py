"""Prompts: text files with named variables (`$name`), filled in by `render`."""

from functools import cache
from importlib import resources
from string import Template

from personas.errors import InternalError


class PromptVariableError(InternalError):
    """A prompt was asked for without one of its variables, or does not exist."""


def render(name: str, **variables: str) -> str:
    """The prompt `name`.txt with its variables filled in; no blank lines at its end.

    Raises PromptVariableError.
    """
    try:
        return _template(name).substitute(variables)
    except KeyError as error:
        raise PromptVariableError(f"The prompt {name} needs {error.args[0]}.") from error


@cache
def _template(name: str) -> Template:
    try:
        text = (resources.files(__name__) / f"{name}.txt").read_text(encoding="utf-8")
    except OSError as error:
        raise PromptVariableError(f"There is no prompt named {name}.") from error
    return Template(text.rstrip())
