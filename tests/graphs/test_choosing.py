import pytest

from graphs.memory.choosing import SHOWN, TALK, choose
from graphs.memory.ranking import Scored
from storage.records import Granularity, Memory, Role, Source, Trust
from tests.graphs.memories import memory


def scored(one: Memory, cosine: float = 0.6, bm25: float = 0.0) -> Scored:
    return Scored(one, 1.0, {"cosine": cosine, "bm25": bm25})


def test_at_most_five_are_shown_and_each_other_has_a_reason() -> None:
    found = [scored(memory(f"Fact {number}", f"m{number}")) for number in range(8)]
    choices = choose(found)
    assert [bool(choice.left_out) for choice in choices] == [False] * SHOWN + [True] * 3
    assert [choice.rank for choice in choices] == list(range(8))


def test_what_has_little_to_do_with_it_is_left_out() -> None:
    [near, far] = choose(
        [
            scored(memory("Ana lives in Porto", "a")),
            scored(memory("The ferry leaves at seven", "b"), cosine=0.05),
        ]
    )
    assert not near.left_out
    assert far.left_out


def test_a_telling_word_is_enough_where_there_is_no_meaning() -> None:
    assert not choose([scored(memory(), cosine=0.0, bm25=9.0)])[0].left_out


def test_a_shared_word_helps_what_is_near_but_not_what_is_far() -> None:
    assert not choose([scored(memory(), cosine=0.2, bm25=0.01)])[0].left_out
    assert choose([scored(memory(), cosine=0.2)])[0].left_out
    assert choose([scored(memory(), cosine=0.05, bm25=9.0)])[0].left_out


def test_papers_and_notes_of_somebody_known_need_not_be_as_near() -> None:
    told = scored(memory("I learn pottery with Berit.", "told"))

    def left_out(text: str, cosine: float, trust: Trust = Trust.IMPORTED) -> bool:
        return bool(choose([told, scored(memory(text, "note", trust=trust), cosine)])[1].left_out)

    assert not left_out("Kiln manual: ten hours at the low mark.", 0.2)
    assert not left_out("Note from Berit: ten hours at the low mark.", 0.2)
    assert left_out("Note from Per: ten hours at the low mark.", 0.2)
    assert left_out("Note from Berit: ten hours at the low mark.", 0.2, Trust.INFERRED)
    assert left_out("Kiln manual: ten hours at the low mark.", 0.1)


def test_what_was_said_in_the_time_asked_about_need_not_be_as_near() -> None:
    def of_then(cosine: float) -> Scored:
        return Scored(memory(), 1.0, {"cosine": cosine, "bm25": 0.0, "period": 2.1})

    assert not choose([of_then(0.2)])[0].left_out
    assert choose([of_then(0.05)])[0].left_out


def test_the_companions_own_words_are_shown_only_where_they_are_asked_for() -> None:
    own = memory("Cats like boxes and wardrobes", speaker=Role.ASSISTANT, trust=Trust.INFERRED)
    assert choose([scored(own)])[0].left_out
    assert not choose([scored(own)], own_words=True)[0].left_out
    imported = memory("I keep bees near the fjord", speaker=Role.ASSISTANT, trust=Trust.IMPORTED)
    assert not choose([scored(imported)])[0].left_out


def test_a_promise_is_shown_where_it_matters() -> None:
    promise = memory(
        "I'll ask about the exam",
        granularity=Granularity.TOPIC,
        speaker=Role.ASSISTANT,
        trust=Trust.INFERRED,
    )
    assert not choose([scored(promise)])[0].left_out
    assert choose([scored(promise, cosine=0.05)])[0].left_out


def test_a_summary_takes_no_place_unless_its_talk_is_asked_about() -> None:
    summary = memory("Talk on Sunday: Ana lives in Porto.", granularity=Granularity.SESSION)
    others = [scored(memory(f"Fact {number}", f"m{number}")) for number in range(SHOWN)]
    choices = choose([scored(summary), *others])
    assert [bool(choice.left_out) for choice in choices] == [True] + [False] * SHOWN
    assert not choose([Scored(summary, 1.0, {TALK: 1.0}), *others])[0].left_out


@pytest.mark.parametrize("text", ["Where does my sister live?", "Thanks, that helps.", "Hello"])
def test_what_tells_nothing_is_left_out(text: str) -> None:
    assert choose([scored(memory(text))])[0].left_out


def test_a_question_with_something_told_is_kept() -> None:
    assert not choose([scored(memory("She slept in the wardrobe. Is that normal?"))])[0].left_out


def test_the_same_words_are_shown_once() -> None:
    turn = memory("I live in Porto", "a", sources=(Source("x"),))
    topic = memory(
        "Lives in Porto.", "b", granularity=Granularity.TOPIC, sources=(Source("x", "I live in Porto"),)
    )
    again = memory("i live in porto", "c", sources=(Source("y"),))
    assert [bool(choice.left_out) for choice in choose([scored(turn), scored(topic), scored(again)])] == [
        False,
        True,
        True,
    ]


def test_two_facts_from_one_message_may_both_be_shown() -> None:
    first = memory(
        "Lives in Porto.", "a", granularity=Granularity.TOPIC, sources=(Source("x", "I live in Porto"),)
    )
    second = memory(
        "Has a dog.", "b", granularity=Granularity.TOPIC, sources=(Source("x", "and my dog is called Rex"),)
    )
    assert not any(choice.left_out for choice in choose([scored(first), scored(second)]))
