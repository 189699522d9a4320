"""Nothing that somebody or a model wrote becomes more than a few plain marks."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.parts.chattext import chat_text, plain_text

MARKS = {"p", "br", "ul", "ol", "li", "pre", "code", "strong", "em"}


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "[here](javascript:alert(1))",
        "**<b onclick=x>**",
        "`</code><script>`",
        "```\n</code></pre><script>alert(1)</script>\n```",
        "- <svg/onload=alert(1)>",
        "# <iframe src=//x>",
    ],
)
def test_no_tag_or_link_comes_from_a_message(text: str) -> None:
    assert set(re.findall(r"</?(\w+)", chat_text(text))) <= MARKS
    assert "href" not in chat_text(text)
    assert set(re.findall(r"</?(\w+)", plain_text(text))) <= {"br"}


@given(st.text(alphabet="<>&\"'`*#- 1.\nab/=", max_size=60))
def test_whatever_is_written_only_the_known_marks_come_out(text: str) -> None:
    html = str(chat_text(text))
    assert set(re.findall(r"<[^>]*>", html)) <= {f"<{mark}>" for mark in MARKS} | {
        f"</{mark}>" for mark in MARKS
    }


@given(st.text(alphabet="<>&\"'`*#- 1.\nab/=", max_size=60))
def test_every_mark_that_opens_also_closes_in_order(text: str) -> None:
    open_marks: list[str] = []
    for slash, mark in re.findall(r"<(/?)(\w+)>", str(chat_text(text))):
        if slash:
            assert open_marks.pop() == mark
        elif mark != "br":
            open_marks.append(mark)
    assert not open_marks


def test_paragraphs_lists_and_code_are_told_apart() -> None:
    html = chat_text("Two things:\n\n1. **Bread**, *fresh*\n2. Milk\n\nDone.\nReally.\n```py\nx = 1 < 2\n```")
    assert html == (
        "<p>Two things:</p><ol><li><strong>Bread</strong>, <em>fresh</em></li><li>Milk</li></ol>"
        "<p>Done.<br>Really.</p><pre><code>x = 1 &lt; 2</code></pre>"
    )


def test_a_persons_line_breaks_are_kept() -> None:
    assert plain_text("a\n\nb & c") == "a<br><br>b &amp; c"
