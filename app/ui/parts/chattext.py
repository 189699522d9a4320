"""The text of a message as HTML: paragraphs, lists, code, bold and italic, and nothing else.

Everything is escaped first; marks are read afterwards, so no message can bring a tag, a link or a script.
"""

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

PARAGRAPH, HEADING = Markup("<p>{}</p>"), Markup("<p><strong>{}</strong></p>")
BULLETS, NUMBERS = Markup("<ul>{}</ul>"), Markup("<ol>{}</ol>")

_FENCE = re.compile(r"```[^\n]*\n(.*?)(?:\n```|\Z)", re.DOTALL)
_BULLET = re.compile(r"\s*[-*•]\s+(.*)")
_NUMBER = re.compile(r"\s*\d{1,3}[.)]\s+(.*)")
_HEADING = re.compile(r"#{1,6}\s+(.*)")
_CODE = re.compile(r"`([^`\n]+)`")
_STRONG = re.compile(r"\*\*(?=\S)([^*\n]+?)(?<=\S)\*\*")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")


def plain_text(text: str) -> Markup:
    """The text as it was typed, with its line breaks."""
    return Markup("<br>").join(escape(line) for line in text.split("\n"))


def chat_text(text: str) -> Markup:
    """A companion's reply, with the few marks that language models like to use."""
    out: list[Markup] = []
    end = 0
    for fence in _FENCE.finditer(text):
        out.extend(_blocks(text[end : fence.start()]))
        out.append(Markup("<pre><code>{}</code></pre>").format(fence.group(1)))
        end = fence.end()
    out.extend(_blocks(text[end:]))
    return Markup("").join(out)


def _blocks(text: str) -> Iterator[Markup]:
    """Paragraphs and lists; a list ends where its marks end."""
    lines: list[str] = []
    kind = "p"
    for line in [*text.split("\n"), ""]:
        mark, content = _kind(line)
        if lines and (mark != kind or mark == "h"):
            yield _block(kind, lines)
            lines = []
        if content.strip():
            lines.append(content)
        kind = mark


def _kind(line: str) -> tuple[str, str]:
    for tag, pattern in (("ul", _BULLET), ("ol", _NUMBER), ("h", _HEADING)):
        match = pattern.fullmatch(line)
        if match:
            return tag, match.group(1)
    return ("p", line) if line.strip() else ("", "")


def _block(kind: str, lines: list[str]) -> Markup:
    if kind in {"ul", "ol"}:
        items = Markup("").join(Markup("<li>{}</li>").format(_inline(line)) for line in lines)
        return (BULLETS if kind == "ul" else NUMBERS).format(items)
    content = Markup("<br>").join(_inline(line) for line in lines)
    return (HEADING if kind == "h" else PARAGRAPH).format(content)


def _inline(line: str) -> Markup:
    """Code, bold and italic in one line; code holds no other mark, nor do marks reach across it."""
    parts = _CODE.split(line)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else _marked(part)
        for number, part in enumerate(parts)
    )


def _marked(text: str) -> Markup:
    """Bold and italic; the text is escaped before marks are looked for."""
    html = _STRONG.sub(r"<strong>\1</strong>", str(escape(text)))
    return Markup(_EMPHASIS.sub(r"<em>\1</em>", html))  # noqa: S704 - escaped above
