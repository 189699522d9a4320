"""Write the pages of the docs that are made from the code: `python -m scripts.write_docs`."""

import ast
import inspect
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from pydantic import BaseModel

DOCS = Path(__file__).parent.parent / "docs"
MADE = "<!-- Made from the code by `make docs`; changes by hand are lost. -->\n\n"
SETTINGS_HEAD = """\
Kept as JSON in `settings.json` of the data folder; what is not in it has its default.
For example: `{"reflection": {"idle_minutes": 30}}`. A key that does not exist is refused by name.
"""


def main() -> None:
    """Write every such page."""
    for name, made in PAGES.items():
        (DOCS / name).write_text(made(), encoding="utf-8")


def commands() -> str:
    """The command line, as its own help tells it."""
    from app.main import cli

    parts = [f"{MADE}# Commands\n"]
    for path, command in walk("keepsake", cli):
        context = click.Context(
            command, info_name=path, terminal_width=96, help_option_names=["-h", "--help"]
        )
        parts.append(f"## `{path}`\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def settings() -> str:
    """Every setting with its default."""
    from app.settings import Settings

    parts = [
        f"{MADE}# Settings\n",
        SETTINGS_HEAD,
    ]
    for name, field in Settings.model_fields.items():
        section = field.annotation
        assert isinstance(section, type)
        assert issubclass(section, BaseModel)
        parts.append(
            f"## `{name}`\n\n{inspect.getdoc(section)}\n\n| key | default | meaning |\n| --- | --- | --- |"
        )
        parts.append("\n".join(rows(section)) + "\n")
    return "\n".join(parts)


def graphs() -> str:
    """The state machines, drawn by LangGraph itself."""
    from graphs.reflection import build_reflection_graph
    from graphs.turn import build_turn_graph

    drawings = {
        "A turn": build_turn_graph().get_graph().draw_mermaid(),
        "Reflection": build_reflection_graph().get_graph().draw_mermaid(),
    }
    return f"{MADE}# State machines\n" + "".join(
        f"\n## {title}\n\n```mermaid\n{drawing.strip()}\n```\n" for title, drawing in drawings.items()
    )


def walk(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """A command and all below it, by their full names."""
    yield path, command
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from walk(f"{path} {name}", child)


def rows(section: type[BaseModel]) -> Iterator[str]:
    """A table row for each setting of a section; its meaning is the text below it in the code."""
    tree = ast.parse(inspect.getsource(section)).body[0]
    assert isinstance(tree, ast.ClassDef)
    meanings = {}
    for item, after in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            said = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            meanings[item.target.id] = str(after.value.value) if said else ""  # type: ignore[attr-defined]
    for name, field in section.model_fields.items():
        default = json.dumps(field.get_default(call_default_factory=True), default=str)
        yield f"| `{name}` | `{default}` | {' '.join(meanings.get(name, '').split())} |"


PAGES: dict[str, Callable[[], str]] = {"commands.md": commands, "settings.md": settings, "graphs.md": graphs}

if __name__ == "__main__":
    main()
