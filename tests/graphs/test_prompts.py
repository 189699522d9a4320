import re
from importlib import resources

import pytest

import graphs.prompts
from graphs.prompts import PromptVariableError, render

NAMES = sorted(
    file.name.removesuffix(".txt")
    for file in resources.files(graphs.prompts).iterdir()
    if file.name.endswith(".txt")
)


@pytest.mark.parametrize("name", NAMES)
def test_each_prompt_is_filled_in_completely(name: str) -> None:
    text = (resources.files(graphs.prompts) / f"{name}.txt").read_text(encoding="utf-8")
    variables = {variable: f"<{variable}>" for variable in re.findall(r"\$(\w+)", text)}
    rendered = render(name, **variables)
    assert "$" not in rendered
    assert all(value in rendered for value in variables.values())
    assert rendered == rendered.rstrip()


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("turn_")])
def test_a_missing_variable_is_named(name: str) -> None:
    with pytest.raises(PromptVariableError, match=name):
        render(name)


def test_a_prompt_that_does_not_exist_is_named() -> None:
    with pytest.raises(PromptVariableError, match="no_such"):
        render("no_such")
