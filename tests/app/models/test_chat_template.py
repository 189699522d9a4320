from collections.abc import Sequence

import pytest

from app.models.chat_template import ChatTemplate, Part
from graphs.errors import ModelError
from graphs.ports import ChatMessage
from tests.app.models.conftest import NOON
from tests.fakes.tiny_gguf import CHATML

SYSTEM = ChatMessage("system", "Be kind.")
HELLO = ChatMessage("assistant", "Hello.")
ASKS = ChatMessage("user", "Where does Ana live?")
STRICT = (
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    "{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('must alternate') }}{% endif %}"
    "[{{ m.role }}]{{ m.content }}{% endfor %}"
)


def made(source: str) -> ChatTemplate:
    return ChatTemplate(source, begin="<s>", end="</s>", now=lambda: NOON)


def text(parts: Sequence[Part]) -> str:
    return "".join(part.text for part in parts)


def test_contents_are_told_from_the_template() -> None:
    parts = made(CHATML).render([SYSTEM, ASKS])
    assert [part.text for part in parts if part.written] == ["Be kind.", "Where does Ana live?"]
    assert text(parts) == (
        "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nWhere does Ana live?<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


def test_template_code_in_a_message_is_not_run() -> None:
    parts = made(CHATML).render([ChatMessage("user", "{{ 7 * 7 }}{% raw %}")])
    assert "{{ 7 * 7 }}{% raw %}" in text(parts)


def test_message_that_looks_like_a_placeholder_stays_itself() -> None:
    contents = ["KS0Q0Z", "KS1Q1Z and KS0Q0Z", "three"]
    parts = made(CHATML).render([ChatMessage("user", content) for content in contents])
    assert [part.text for part in parts if part.written] == contents


def test_system_words_join_the_first_message_where_the_template_refuses_them() -> None:
    assert text(made(STRICT).render([SYSTEM, ASKS])) == "[user]Be kind.\n\nWhere does Ana live?"


def test_system_words_stand_before_a_greeting() -> None:
    assert (
        text(made(STRICT).render([SYSTEM, HELLO, ASKS]))
        == "[user]Be kind.[assistant]Hello.[user]" + ASKS.content
    )


def test_system_words_are_not_lost_where_the_template_ignores_them() -> None:
    source = "{% for m in messages if m.role != 'system' %}[{{ m.role }}]{{ m.content }}{% endfor %}"
    assert text(made(source).render([SYSTEM, ASKS])) == "[user]Be kind.\n\nWhere does Ana live?"


def test_turns_of_one_side_are_joined_where_the_template_wants_them_to_alternate() -> None:
    parts = made(STRICT).render([HELLO, ASKS, ASKS])
    assert text(parts).startswith("[user](The conversation begins.)[assistant]Hello.[user]Where")
    assert text(parts).count("Where does Ana live?") == 2


def test_template_sees_begin_token_and_date() -> None:
    source = "{{ bos_token }}{{ strftime_now('%d %b %Y') }} {{ messages[0].content }}"
    assert text(made(source).render([ASKS])) == "<s>12 Mar 2025 Where does Ana live?"


def test_template_cannot_reach_the_program() -> None:
    template = made("{{ ''.__class__.__mro__[1].__subclasses__() }}{{ messages[0].content }}")
    with pytest.raises(ModelError, match="refuses the conversation"):
        template.render([ASKS])


def test_broken_template_is_told() -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        made("{% for m in messages %}{{ m.content }")
