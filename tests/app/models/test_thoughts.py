"""Thoughts are told apart from the reply, in pieces of any size."""

import pytest

from app.models.thoughts import FORMS, ThoughtFilter, can_choose, opened_by, thinks, without

HARMONY = (
    "<|channel|>analysis<|message|>Let me see.<|end|>"
    "<|start|>assistant<|channel|>final<|message|>Hello there."
)


def parted(text: str, size: int, filter_: ThoughtFilter | None = None) -> tuple[str, str]:
    """What was thought and what was said of a text that comes in pieces of this size."""
    filter_ = filter_ or ThoughtFilter()
    thought = said = ""
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    for kind, piece in [*(told for one in pieces for told in filter_.feed(one)), *filter_.end()]:
        if kind == "unsaid":
            thought, said = thought + said, ""
        elif kind == "thought":
            thought += piece
        else:
            said += piece
    return thought, said


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.opening)
def test_every_familys_thoughts_are_told_apart(form: object, size: int) -> None:
    opening, closing = form.opening, form.closing  # type: ignore[attr-defined]
    text = f"\n{opening}One < two.{closing}\n\nHello <b>there</b> [1]."
    assert parted(text, size) == ("One < two.", "Hello <b>there</b> [1].")


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_what_leads_to_the_reply_is_left_out(size: int) -> None:
    assert parted(HARMONY, size) == ("Let me see.", "Hello there.")
    assert parted("<|channel|>final<|message|>Hello.", size) == ("", "Hello.")
    granite = "<think>Hm.</think><response>\nHello.</response>"
    assert parted(granite, size) == ("Hm.", "Hello.")


@pytest.mark.parametrize("size", [1, 1000])
def test_a_thought_that_the_prompt_opened_needs_no_beginning(size: int) -> None:
    form = opened_by("<|im_start|>assistant\n<think>\n")
    assert parted("I wonder.\n</think>\n\nHello.", size, ThoughtFilter(form)) == ("I wonder.\n", "Hello.")


@pytest.mark.parametrize("size", [1, 1000])
def test_later_on_the_same_words_are_what_is_said(size: int) -> None:
    said = "They write <think>so</think> in their files."
    assert parted(said, size) == ("", said)


@pytest.mark.parametrize("size", [1, 1000])
def test_an_end_without_a_beginning_takes_back_what_was_said(size: int) -> None:
    text = "I wonder what to say.\n</think>\n\nHello. </think> is a mark."
    assert parted(text, size, ThoughtFilter(strays=True)) == (
        "I wonder what to say.\n",
        "Hello. </think> is a mark.",
    )


def test_two_thoughts_in_a_row_are_both_thoughts() -> None:
    assert parted("<think>A</think>\n<think>B</think> C", 1) == ("AB", "C")


def test_half_a_mark_at_the_end_is_text() -> None:
    assert parted("<thi", 1) == ("", "<thi")
    assert parted("<think>A</thi", 1) == ("A</thi", "")


def test_a_thought_can_be_left_out_from_the_start() -> None:
    assert without("<|im_start|>assistant\n<think>\n", "") == "</think>\n\n"
    assert without("<|im_start|>assistant\n", "") == ""
    assert without("<|start|>assistant", "<|channel|>") == "<|channel|>final<|message|>"


def test_a_template_tells_whether_its_model_thinks() -> None:
    hybrid = "{% if enable_thinking %}<think>{% endif %}"
    assert can_choose(hybrid)
    assert not thinks(hybrid, wanted=False)
    assert thinks(hybrid, wanted=True)
    opens = "{{ content }}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n<think>\\n' }}{% endif %}"
    assert thinks(opens, wanted=False)
    assert not thinks(
        "{{ content.split('</think>')[-1] }}{% if add_generation_prompt %}bot{% endif %}", wanted=True
    )
    harmony = "<|channel|>{% if add_generation_prompt %}<|start|>assistant{% endif %}"
    assert thinks(harmony, wanted=False)
    assert not thinks("<|im_start|>assistant", wanted=True)
