import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personas.model import Persona
from storage.records import Author, MemoryState
from storage.words import MOST_WORDS
from tests.storage.store import Store


def found(store: Store, query: str, limit: int = 10) -> list[str]:
    ids = [memory_id for memory_id, _ in store.words.search("mira", query, limit)]
    return [memory.text for memory in store.memories.get_many(ids)]


@pytest.fixture
def shelf(store: Store) -> Store:
    for text in (
        "Ana moved to Porto last spring",
        "I am allergic to walnuts",
        "My sister paints",
        "What a day it was",
        "Crème brûlée is my favourite",
        "The dentist is on Monday",
    ):
        store.remember(text)
    return store


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("Where did Ana move?", "Ana moved to Porto last spring"),
        ("walnut allergies", "I am allergic to walnuts"),
        ("who is painting", "My sister paints"),
        ("CREME BRULEE", "Crème brûlée is my favourite"),
        ("bru\u0302le\u0301e", "Crème brûlée is my favourite"),
        ("when's the dentist's appointment", "The dentist is on Monday"),
    ],
)
def test_words_are_found_in_any_form(shelf: Store, query: str, text: str) -> None:
    assert found(shelf, query)[:1] == [text]


def test_more_and_rarer_words_come_first(shelf: Store) -> None:
    shelf.remember("Ana likes Porto and walnuts")
    scores = [score for _, score in shelf.words.search("mira", "Ana Porto walnuts", 10)]
    assert found(shelf, "Ana Porto walnuts")[0] == "Ana likes Porto and walnuts"
    assert scores == sorted(scores, reverse=True)


def test_words_that_say_little_are_dropped_unless_there_are_no_others(shelf: Store) -> None:
    assert found(shelf, "what about the walnuts") == ["I am allergic to walnuts"]
    assert "What a day it was" in found(shelf, "what was it")


def test_only_active_memories_of_the_persona_are_found(shelf: Store) -> None:
    shelf.personas.add(Persona("ada", "Ada"))
    shelf.remember("walnuts are fine", persona_id="ada")
    (mine,) = [memory for memory, _ in shelf.words.search("mira", "walnuts", 10)]
    for state in MemoryState:
        shelf.memories.change(mine, Author.USER, "edit", state=state)
        assert bool(found(shelf, "walnuts")) == (state is MemoryState.ACTIVE)


def test_a_persona_among_many_others_memories_finds_its_own(store: Store) -> None:
    store.personas.add(Persona("ada", "Ada"))
    for n in range(300):
        store.remember(f"walnuts {n}", persona_id="ada")
    store.remember("walnuts, and much else that makes this a long and so a poor match for them")
    assert len(found(store, "walnuts", limit=5)) == 1


def test_an_edited_memory_is_found_by_its_new_words_only(shelf: Store) -> None:
    ((memory_id, _),) = shelf.words.search("mira", "walnuts", 10)
    shelf.memories.change(memory_id, Author.USER, "edit", text="I am allergic to peanuts")
    assert found(shelf, "walnuts") == []
    assert found(shelf, "peanut") == ["I am allergic to peanuts"]


def test_of_a_long_text_the_rare_words_are_looked_for(shelf: Store) -> None:
    for n in range(MOST_WORDS + 10):
        shelf.remember(f"common{n} things")
        shelf.remember(f"common{n} things again")
    long = " ".join(f"common{n}" for n in range(MOST_WORDS + 10)) + " walnuts"
    assert "I am allergic to walnuts" in found(shelf, long, limit=100)


@pytest.mark.parametrize("query", ["", "   ", "?!", '"', "_", "🌱", "\0"])
def test_no_words_find_nothing(shelf: Store, query: str) -> None:
    assert found(shelf, query) == []


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            ["AND", "OR", "NOT", "NEAR(", ")", '"', "*", "^", ":", "-", "text", "'", ";", "{", "+"]
        )
    ).map(" ".join)
)
def test_nothing_that_is_typed_is_syntax(store: Store, query: str) -> None:
    store.words.search("mira", query, 5)
    store.conversations.list("mira", query)


def test_what_shares_three_words_in_a_row_is_found(shelf: Store) -> None:
    def sharing(text: str) -> list[str]:
        ids = shelf.words.sharing_phrases("mira", text, 5)
        return [memory.text for memory in shelf.memories.get_many(ids)]

    assert sharing("They say Ana moved to Lisbon") == ["Ana moved to Porto last spring"]
    assert sharing("Ana moved") == []
    assert sharing('a "NEAR( walnut* thing') == []
    assert sharing("the dentist is " + "on and on " * 200) == ["The dentist is on Monday"]
