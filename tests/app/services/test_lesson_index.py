from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from app.index_access import NoNeighbours
from app.services.lesson_index import AT_ONCE
from graphs.lesson_book import text_by_words_alone
from storage.index import VectorIndex
from storage.records import Author, Granularity, Lesson, Memory, Trust
from tests.app.world import World, open_world
from tests.fakes.embedder import BagOfWords

POISON = "The Lumora pledge pays for lamps and pumps."


@pytest.fixture
def indexed(tmp_path: Path) -> World:
    return open_world(tmp_path, vectors=True)


def kept(world: World, text: str) -> Memory:
    memory = Memory(
        id=world.stores.ids(),
        persona_id="mira",
        granularity=Granularity.TURN,
        text=text,
        trust=Trust.IMPORTED,
        created=world.clock.now(),
        said_on=world.clock.now(),
    )
    return world.stores.memories.add(memory, Author.USER)


def lesson(world: World, text: str = POISON) -> Lesson:
    return world.stores.lesson_book.refuse(kept(world, text), "it is about money")


def taken_in(world: World, text: str) -> Memory:
    memory = kept(world, text)
    world.indexing.sync()
    return memory


def near(world: World, ids: Sequence[str]) -> Mapping[str, Mapping[str, float]]:
    return world.lessons.near("mira", world.stores.lessons.list("mira"), ids)


def test_a_memory_is_near_to_the_lesson_that_says_the_same(indexed: World) -> None:
    learned = lesson(indexed)
    same, other = taken_in(indexed, POISON), taken_in(indexed, "Tulips in May.")
    found = near(indexed, [same.id, other.id])
    assert found[same.id][learned.id] == pytest.approx(1.0, abs=1e-3)
    assert found[other.id][learned.id] < 0.5
    indexed.close()


def test_lessons_stand_apart_from_the_memories(indexed: World) -> None:
    learned = lesson(indexed)
    indexed.indexing.sync()
    indexed.lessons.sync(["mira"])
    index = indexed.index
    assert isinstance(index, VectorIndex)
    assert index.count("mira.lessons") == 1
    assert learned.id not in str(index.query("mira", indexed.embedder.embed([POISON], "query")[0], 9))
    indexed.close()


def test_a_changed_lesson_is_read_again_and_one_that_is_gone_is_taken_out(indexed: World) -> None:
    first, second = lesson(indexed), lesson(indexed, "Bees sleep in the old blue boat.")
    memory = taken_in(indexed, "Tulips in May.")
    near(indexed, [memory.id])
    indexed.memories.lessons.edit(first.id, "Tulips in May.")
    indexed.memories.lessons.delete(second.id)
    found = near(indexed, [memory.id])
    assert found == {memory.id: {first.id: pytest.approx(1.0, abs=1e-3)}}
    index = indexed.index
    assert isinstance(index, VectorIndex)
    assert index.count("mira.lessons") == 1
    indexed.close()


def test_after_the_index_began_anew_lessons_are_read_again(indexed: World) -> None:
    lesson(indexed)
    memory = taken_in(indexed, POISON)
    near(indexed, [memory.id])
    indexed.indexing.rebuild()
    assert near(indexed, [memory.id]) == {memory.id: {}}
    assert near(indexed, [memory.id])[memory.id]
    indexed.close()


def test_before_a_reply_only_a_few_are_read(indexed: World) -> None:
    teacher = kept(indexed, POISON)
    book = replace(indexed.stores.lesson_book, near=text_by_words_alone)
    for number in range(AT_ONCE + 2):
        text = f"word{number} thing{number} case{number} part{number}"
        book.refuse(replace(teacher, text=text), "it is about money")
    indexed.indexing.sync()
    assert len(near(indexed, [teacher.id])[teacher.id]) == AT_ONCE
    indexed.lessons.sync(["mira"])
    assert len(near(indexed, [teacher.id])[teacher.id]) == AT_ONCE + 2
    indexed.close()


def test_the_lessons_of_a_deleted_persona_are_taken_out(indexed: World) -> None:
    lesson(indexed)
    indexed.lessons.sync(["mira"])
    indexed.stores.personas.delete("mira")
    indexed.lessons.sync([])
    index = indexed.index
    assert isinstance(index, VectorIndex)
    assert index.count("mira.lessons") == 0
    indexed.close()


def test_without_an_index_or_an_embedder_nothing_is_near(indexed: World) -> None:
    lesson(indexed)
    memory = taken_in(indexed, POISON)
    indexed.embedder.missing = True
    assert near(indexed, [memory.id]) == {}
    index = indexed.index
    assert isinstance(index, VectorIndex)
    indexed.index = NoNeighbours()
    assert near(indexed, [memory.id]) == {}
    indexed.lessons.sync(["mira"])
    indexed.index = index
    indexed.close()


class Waiting(BagOfWords):
    """While it reads lessons, something else happens."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self.meanwhile = meanwhile

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]:
        self.meanwhile()
        return super().embed(texts, kind)


def test_a_reply_does_not_wait_for_lessons_that_are_being_read(indexed: World) -> None:
    lesson(indexed)
    memory = taken_in(indexed, POISON)
    found: list[Mapping[str, Mapping[str, float]]] = []
    indexed.embedder = Waiting(lambda: found.append(near(indexed, [memory.id])))
    indexed.lessons.sync(["mira"])
    assert found == [{memory.id: {}}]
    assert near(indexed, [memory.id])[memory.id]
    indexed.close()


def test_whatever_goes_wrong_the_reply_does_without(indexed: World) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    lesson(indexed)
    memory = taken_in(indexed, POISON)
    indexed.embedder = Waiting(fail)
    assert near(indexed, [memory.id]) == {}
    indexed.close()


PUSHED = "For the roof and the gate, Lumora pays."
"""Near to POISON by the embedder, with too few words in common to be like it, and with the same name."""
OTHER = "Bees sleep in the old blue boat."


def test_a_lesson_in_other_words_makes_the_first_stronger(indexed: World) -> None:
    first = lesson(indexed)
    lesson(indexed, OTHER)
    again = lesson(indexed, PUSHED)
    assert (again.id, again.text, again.strength) == (first.id, POISON, 2.0)
    assert {one.text for one in indexed.stores.lessons.list("mira")} == {POISON, OTHER}
    indexed.close()


def test_a_lesson_that_became_one_with_another_can_be_taken_back(indexed: World) -> None:
    first = lesson(indexed)
    book, teacher = indexed.stores.lesson_book, kept(indexed, PUSHED)
    book.refuse(teacher, "it is about money", batch_id="b1")
    strong = replace(first, id="l9", memory_id=teacher.id, text=PUSHED, strength=4.0)
    merged = book.learn(strong, "b2")
    assert indexed.stores.lessons.list("mira") == [merged]
    assert (merged.id, merged.strength) == ("l9", 5.0)
    assert indexed.memories.lessons.undo("b2") == 2
    assert [one.strength for one in indexed.stores.lessons.list("mira")] == [2.0]
    indexed.memories.lessons.undo("b1")
    assert indexed.stores.lessons.list("mira") == [first]
    indexed.close()


def test_the_words_of_a_weaker_lesson_leave_the_index_with_it(indexed: World) -> None:
    first = lesson(indexed)
    strong = replace(first, id="l9", memory_id=kept(indexed, PUSHED).id, text=PUSHED, strength=4.0)
    indexed.stores.lesson_book.learn(strong)
    memory = taken_in(indexed, POISON)
    assert list(near(indexed, [memory.id])[memory.id]) == ["l9"]
    index = indexed.index
    assert isinstance(index, VectorIndex)
    assert index.count("mira.lessons") == 1
    indexed.close()


def test_what_a_person_allows_weakens_the_lesson_that_says_it_in_other_words(indexed: World) -> None:
    learned, other = lesson(indexed), lesson(indexed, OTHER)
    indexed.stores.lesson_book.allow(kept(indexed, PUSHED), "it is about money")
    strengths = {one.id: one.strength for one in indexed.stores.lessons.list("mira")}
    assert (strengths[learned.id], strengths[other.id]) == (0.5, 1.0)
    indexed.close()


@pytest.mark.parametrize("lost", ["index", "embedder"])
def test_without_an_index_or_an_embedder_lessons_are_one_by_their_words_alone(
    indexed: World, lost: str
) -> None:
    lesson(indexed)
    index = indexed.index
    if lost == "index":
        indexed.index = NoNeighbours()
    else:
        indexed.embedder.missing = True
    lesson(indexed, PUSHED)
    lesson(indexed, POISON)
    assert [one.strength for one in indexed.stores.lessons.list("mira")] == [2.0, 1.0]
    indexed.index = index
    indexed.close()


def test_lessons_of_an_own_file_become_one_with_those_that_say_the_same(
    indexed: World, tmp_path: Path
) -> None:
    lesson(indexed)
    lesson(indexed, OTHER)
    file = tmp_path / "mine.jsonl"
    indexed.transfer.export_file("mira", file)
    (tmp_path / "new").mkdir()
    there = open_world(tmp_path / "new", vectors=True)
    lesson(there, PUSHED)
    there.transfer.import_file(file, mine=True)
    strengths = {one.text: one.strength for one in there.stores.lessons.list("mira")}
    assert strengths == {PUSHED: 2.0, OTHER: 1.0}
    there.close()
    indexed.close()


@pytest.mark.parametrize(("name", "warned"), [("Lumora", True), ("Tarquin", False)])
def test_a_note_that_resembles_a_lesson_is_shown_with_a_caution(
    indexed: World, name: str, *, warned: bool
) -> None:
    lesson(indexed)
    taken_in(indexed, f"Papers say the mill and the sea are for {name}")
    indexed.model.say("Who knows.")
    talk = indexed.chat.start("mira")
    list(indexed.chat.send(talk.id, "What do the papers say about the mill?"))
    prompt = indexed.model.calls[-1].messages[-1].content
    assert f"are for {name}" in prompt
    assert ("refused before" in prompt) is warned
    indexed.close()
