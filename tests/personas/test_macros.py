from hypothesis import given
from hypothesis import strategies as st

from personas.macros import example_blocks, example_turns, fill


def filled(text: str, seed: str = "") -> str:
    return fill(text, char="Mira", user="Ida", seed=seed)


def test_names_are_filled_in_whatever_their_case() -> None:
    assert filled("{{char}}, {{ CHAR }}, <BOT> and {{User}} or <user>") == "Mira, Mira, Mira and Ida or Ida"


def test_a_name_is_not_read_as_a_macro() -> None:
    assert fill("{{user}}", char="Mira", user="{{char}}") == "{{char}}"


def test_comments_are_left_out() -> None:
    assert filled("a{{// not for you }}b{{comment: nor this}}c{{hidden_key:key}}d") == "abcd"


def test_what_is_no_macro_is_left_alone() -> None:
    text = "{{original}} {{weather:today}} {x} }} {{ <b> {{}}"
    assert filled(text) == text


def test_choices_stay_the_same_for_one_seed() -> None:
    text = "{{random:tea,coffee,a glass\\, of water}} {{roll:d6}}"
    assert filled(text, "chat 1") == filled(text, "chat 1")
    assert len({filled(text, str(seed)) for seed in range(50)}) > 3
    assert {filled("{{pick:a\\,b,c}}", str(seed)) for seed in range(20)} == {"a,b", "c"}


def test_dice_with_nonsense_sides_show_what_was_asked() -> None:
    assert filled("{{roll:d0}} {{roll:many}} {{roll:99999999}}") == "d0 many 99999999"


def test_reverse_turns_round() -> None:
    assert filled("{{reverse:abc}}") == "cba"


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    filled(text)
    example_blocks(text)


def test_start_keeps_examples_apart() -> None:
    assert example_blocks("<START>\na: b\n<start>\n\nc: d\n<START>") == ("a: b", "c: d")
    assert example_blocks("") == ()


def test_dialogue_is_told_apart_by_speaker() -> None:
    block = "{{user}}: Hello\n{{Char}}: Mind the step.\nIt is wet.\n<USER>:Thanks"
    assert example_turns(block) == (
        ("user", "Hello"),
        ("assistant", "Mind the step.\nIt is wet."),
        ("user", "Thanks"),
    )


def test_example_that_is_no_dialogue_has_no_turns() -> None:
    assert example_turns("A storm.\n{{char}}: Mind the step.") == ()
    assert example_turns("") == ()
