import pytest

from graphs.memory.asking import asked_attributes


@pytest.mark.parametrize(
    ("text", "attribute"),
    [
        ("Where do I live?", "home"),
        ("Do you remember where I am living now?", "home"),
        ("Which city do I live in?", "home"),
        ("What's my address?", "home"),
        ("Where do I work?", "work"),
        ("Who do I work for these days?", "work"),
        ("What do I do for a living?", "job"),
        ("Do you remember my job?", "work"),
        ("What do I study?", "studies"),
        ("Am I allergic to something?", "allergy"),
        ("Is there anything I should not eat?", "allergy"),
        ("Is there a food I have to avoid?", "diet"),
        ("Am I a vegetarian?", "diet"),
        ("What's my name?", "name"),
        ("How old am I?", "age"),
        ("Am I single?", "relationship"),
        ("Do I still smoke?", "smoking"),
    ],
)
def test_a_fact_is_asked_for_by_name(text: str, attribute: str) -> None:
    assert attribute in asked_attributes(text)


@pytest.mark.parametrize(
    "text",
    [
        "I live in Lyon.",
        "Where does my sister live?",
        "Where did I live before?",
        "Where was I working when we met?",
        "What did I eat yesterday?",
        "What should we talk about?",
        "Tell me a story about a lighthouse.",
        "",
    ],
)
def test_other_messages_ask_for_none(text: str) -> None:
    assert asked_attributes(text) == frozenset()
