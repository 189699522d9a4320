"""Every visible word is in the catalogue, and every word of the catalogue is visible."""

import re
from pathlib import Path

import pytest

from app.ui import words

UI = Path(words.__file__).parent.parent
TEMPLATES = sorted((UI / "templates").rglob("*.html"))
SIGNS = {"Ctrl"}


def said(template: Path) -> str:
    """The text that a template shows by itself, without marks, expressions and attributes."""
    text = template.read_text(encoding="utf-8")
    text = re.sub(r"{%.*?%}|{{.*?}}", " ", text, flags=re.DOTALL)
    return re.sub(r"<[^>]*>", " ", text)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_templates_hold_no_words_of_their_own(template: Path) -> None:
    assert not re.findall(r"[A-Za-z]{2,}", said(template))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_nothing_is_let_through_unescaped(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert "|safe" not in text.replace(" ", "")
    assert "autoescape" not in text


def test_every_word_is_used() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in [*TEMPLATES, *UI.rglob("*.py")])
    groups = [
        group
        for group in vars(words).values()
        if isinstance(group, type) and group.__module__.startswith(words.__name__)
    ]
    names = [
        f"{group.__name__}.{name}" for group in groups for name in vars(group) if not name.startswith("_")
    ]
    assert len(names) > 100
    assert [name for name in names if not re.search(rf"\b{re.escape(name)}\b", text)] == []


def test_words_are_plain() -> None:
    files = (UI / "words").glob("*.py")
    text = "".join(file.read_text(encoding="utf-8") for file in files).lower()
    for jargon in ("embedding", "vector", "retention", "quarantine ", "assistant", "!", "llm", "prompt"):
        assert jargon not in text
