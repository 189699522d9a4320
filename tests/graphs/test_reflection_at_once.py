"""Lines that a model puts into words at the same time: the same memories as one after another."""

from collections.abc import Callable
from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from graphs.errors import ModelError, OutputCutError, PreemptedError, PromptTooLongError
from storage.records import SessionState
from tests.fakes.writer import Writer
from tests.graphs.sitting import Sitting
from tests.storage.store import open_store

LINES = (
    "My sister Ana lives in Porto.",
    "I work at the museum on weekdays. I adopted a grey cat called Biscuit yesterday.",
    "She sleeps in the wardrobe of my bedroom.",
    "I play the fiddle in a band called Harbour.",
    "My brother Tom moved to Lyon in March.",
    "I am allergic to walnuts and hazelnuts.",
    "I bake sourdough bread every Sunday morning.",
    "My neighbour Ida keeps twelve hives behind the barn.",
)


def write(note: str) -> str:
    """Some of it does not hold, and one is cut."""
    if "walnuts" in note:
        return "Ida is allergic to peanuts."
    if "fiddle" in note:
        raise OutputCutError("The answer ran into its length limit before it was whole.")
    return note


def reflected(folder: Path, write: Callable[[str], str], at_once: int) -> tuple[list[str], list[int]]:
    """What is remembered then, and how many lines were asked for together."""
    store = open_store(folder)
    sitting, writer = Sitting(store), Writer(write, at_once=at_once)
    sitting.model = writer
    outcome = sitting.reflect(sitting.tell(*LINES))
    assert outcome.session.state is SessionState.REFLECTED
    texts = list(sitting.texts())
    store.database.close()
    return texts, writer.batches


def test_the_same_is_remembered_as_one_after_another(tmp_path: Path) -> None:
    one, none = reflected(tmp_path / "one", write, 1)
    many, batches = reflected(tmp_path / "many", write, 6)
    assert one == many
    assert len(one) >= 7
    assert none == []
    assert batches[0] == 6
    assert len(batches) <= 3


@pytest.mark.parametrize("error", [ModelError("It broke."), PromptTooLongError("Too long.")])
def test_lines_that_fail_together_are_asked_one_by_one(tmp_path: Path, error: Exception) -> None:
    class Alone(Writer):
        def structured_many(self, *_: object, **__: object) -> list[dict[str, object] | None]:
            raise error

    store = open_store(tmp_path / "alone")
    sitting = Sitting(store)
    sitting.model = Alone(write, at_once=6)
    sitting.reflect(sitting.tell(*LINES))
    assert list(sitting.texts()) == reflected(tmp_path / "one", write, 1)[0]
    store.database.close()


def test_who_gives_way_goes_on_and_keeps_nothing_twice(tmp_path: Path) -> None:
    told: list[str] = []

    def interrupted(note: str) -> str:
        told.append(note)
        if len(told) == 3:
            raise PreemptedError("Somebody waits.")
        return write(note)

    store = open_store(tmp_path / "again")
    sitting = Sitting(store, checkpointer=InMemorySaver())
    sitting.model = Writer(interrupted, at_once=6)
    session = sitting.tell(*LINES)
    assert sitting.reflect(session).gave_way
    assert sitting.texts() == []
    assert not sitting.reflect(session).gave_way
    assert list(sitting.texts()) == reflected(tmp_path / "one", write, 1)[0]
    store.database.close()


def test_no_answer_is_in_a_checkpoint(tmp_path: Path) -> None:
    store, saver = open_store(tmp_path / "kept"), InMemorySaver()
    sitting = Sitting(store, checkpointer=saver)
    seen: list[str] = []

    def watched(note: str) -> str:
        seen.append(repr(list(saver.list(None))))
        return note

    sitting.model = Writer(watched, at_once=2)
    sitting.reflect(sitting.tell(*LINES))
    assert len(seen) > 4
    assert not [kept for kept in seen if "Porto" in kept]
    store.database.close()
