from graphs.memory.attribution import ENOUGH, usage, used

PORTO = "My dentist Ana lives in Porto"
REX = "My dog is called Rex"


def test_a_reply_with_a_memorys_own_words_rests_on_it() -> None:
    found = usage(
        "She lives in Porto and is called Ana.", ["Where does my dentist live?"], {"a": PORTO, "b": REX}
    )
    assert set(used(found)) == {"a"}


def test_words_of_the_question_prove_nothing() -> None:
    found = usage("Your dentist lives somewhere.", ["Where does my dentist live?"], {"a": PORTO})
    assert found == {"a": 0.0}


def test_words_said_earlier_in_the_talk_prove_nothing() -> None:
    assert used(usage("In Porto, with Ana.", ["Ana is in Porto", "Where is she?"], {"a": PORTO})) == {}


def test_other_forms_of_a_word_count() -> None:
    memory = "We adopted a puppy and it barks"
    assert used(usage("You were adopting a puppy that barked.", ["What happened?"], {"a": memory}))


def test_a_word_that_several_memories_hold_is_shared_between_them() -> None:
    both = usage("In Porto.", ["Where?"], {"a": "Porto sleeps", "b": "Porto wakes"})
    alone = usage("In Porto.", ["Where?"], {"a": "Porto sleeps"})
    assert both["a"] == both["b"] < alone["a"]


def test_a_citation_counts() -> None:
    found = usage("There.", ["Where does my dentist live?"], {"a": PORTO, "b": REX}, ["a"])
    assert set(used(found)) == {"a"}


def test_an_empty_reply_rests_on_nothing() -> None:
    assert used(usage("", ["Where?"], {"a": PORTO})) == {}
    assert usage("In Porto.", [], {}) == {}


def test_usage_lies_between_0_and_1() -> None:
    found = usage(PORTO, [], {"a": PORTO, "b": ""}, ["a", "b"])
    assert found["a"] == 1.0
    assert 0.0 <= found["b"] <= 1.0
    assert ENOUGH <= 1.0
