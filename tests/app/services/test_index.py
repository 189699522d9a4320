import shutil
import threading
from pathlib import Path

import pytest

from app.index_access import AskedNeighbours
from app.instance import Holder
from personas.errors import SetupError
from storage.index import VectorIndex
from tests.app.world import World, open_world


def test_what_is_new_is_taken_in_before_a_search(indexed_world: World) -> None:
    world = indexed_world
    world.memories.add(world.persona.id, "Sindre plays the fiddle.")
    assert world.indexing.state().pending == 1
    assert world.texts("fiddle") == ["Sindre plays the fiddle."]
    state = world.indexing.state()
    assert (state.state, state.indexed, state.total, state.pending) == ("ready", 1, 1, 0)


def test_a_forgotten_memory_leaves_the_index(indexed_world: World) -> None:
    world = indexed_world
    assert isinstance(world.index, VectorIndex)
    memory = world.memories.add(world.persona.id, "Sindre plays the fiddle.")
    world.indexing.sync()
    assert world.index.count("mira") == 1
    world.memories.forget(memory.id)
    world.indexing.sync()
    assert world.index.count("mira") == 0


def test_vectors_of_what_was_erased_leave_the_files_and_those_of_what_is_forgotten_may_stay(
    indexed_world: World,
) -> None:
    world = indexed_world
    assert isinstance(world.index, VectorIndex)
    kept, forgotten, gone = (
        world.memories.add(world.persona.id, text) for text in ("one", "two", "Sindre plays the fiddle.")
    )
    world.indexing.sync()
    world.memories.forget(forgotten.id)
    world.indexing.sync()
    assert not world.indexing.clean()
    world.stores.memories.erase(gone.id)
    world.indexing.sync()
    assert not world.indexing.clean(lambda: True)
    assert world.index.holds_erased
    assert world.indexing.clean()
    assert not world.indexing.clean()
    assert world.index.check("mira", [kept.id]).ok


def test_what_was_erased_only_just_now_is_not_copied_into_the_new_files(indexed_world: World) -> None:
    world = indexed_world
    assert isinstance(world.index, VectorIndex)
    first, second = (world.memories.add(world.persona.id, text) for text in ("one", "two"))
    world.indexing.sync()
    world.stores.memories.erase(first.id)
    world.indexing.sync()
    world.stores.memories.erase(second.id)
    assert world.indexing.clean()
    assert world.index.count("mira") == 0
    assert not world.index.holds_erased


def test_without_an_index_of_its_own_nothing_is_cleaned(world: World) -> None:
    assert not world.indexing.clean()


def test_an_index_that_was_lost_is_filled_again_from_the_store(tmp_path: Path) -> None:
    world = open_world(tmp_path, vectors=True)
    world.talk("Sindre plays the fiddle.", "Until midnight?")
    world.indexing.sync()
    world.close()
    shutil.rmtree(world.paths.index)
    again = open_world(tmp_path, vectors=True)
    assert isinstance(again.index, VectorIndex)
    again.indexing.open()
    assert again.indexing.state().state == "rebuilding"
    again.indexing.sync()
    assert again.indexing.state().words == "Everything can be found."
    assert again.index.count("mira") == 2
    again.close()


def test_what_the_index_has_too_much_or_too_little_is_put_right(indexed_world: World) -> None:
    world = indexed_world
    assert isinstance(world.index, VectorIndex)
    first = world.memories.add(world.persona.id, "one")
    world.memories.add(world.persona.id, "two")
    world.indexing.sync()
    world.index.remove("mira", [first.id])
    world.index.upsert("mira", ["stranger"], world.embedder.embed(["three"], "passage"))
    world.indexing.open()
    world.indexing.sync()
    assert world.index.check("mira", world.stores.memories.ids("mira")).ok


def test_reindexing_says_how_many_can_be_found(indexed_world: World) -> None:
    indexed_world.talk("one", "two", "three")
    assert indexed_world.indexing.rebuild() == 3


def test_without_an_embedding_model_search_goes_by_words_and_says_so(indexed_world: World) -> None:
    world = indexed_world
    world.embedder.missing = True
    world.memories.add(world.persona.id, "Sindre plays the fiddle.")
    assert world.texts("fiddle") == ["Sindre plays the fiddle."]
    state = world.indexing.state()
    assert (state.state, state.words) == ("words only", "The embedding model is not installed.")
    with pytest.raises(SetupError, match="not installed"):
        world.indexing.rebuild()


def test_a_sync_gives_way_between_batches(indexed_world: World) -> None:
    world = indexed_world
    world.talk(*(f"line {number}" for number in range(100)))
    assert world.indexing.sync(give_way=lambda: world.stores.outbox.size() < 100) == 64
    assert world.stores.outbox.size() == 36


def test_a_search_does_not_wait_for_a_long_sync(indexed_world: World) -> None:
    world = indexed_world
    world.memories.add(world.persona.id, "Sindre plays the fiddle.")
    held, done = threading.Event(), threading.Event()

    def long_sync() -> None:
        with world.indexing._writing:
            held.set()
            done.wait(30)

    thread = threading.Thread(target=long_sync)
    thread.start()
    assert held.wait(10)
    assert world.texts("fiddle") == ["Sindre plays the fiddle."]
    assert world.stores.outbox.size() == 1
    done.set()
    thread.join()


def test_another_process_with_the_index_is_asked_and_never_rebuilt(world: World) -> None:
    asked: list[str] = []

    def post(what: str, question: dict[str, object]) -> object:
        asked.append(what)
        return [["m", 0.5]] if what == "query" else None

    world.index = AskedNeighbours(Holder(1, "run", "http://127.0.0.1:1", "t"), post)  # type: ignore[assignment]
    assert world.indexing.query("mira", world.embedder.embed(["x"], "query")[0], 3) == [("m", 0.5)]
    world.memories.add(world.persona.id, "Sindre plays the fiddle.")
    assert world.indexing.sync() == 0
    assert asked == ["query", "sync"]
    assert world.stores.outbox.size() == 1
    with pytest.raises(SetupError, match="Another Keepsake"):
        world.indexing.rebuild()


def test_a_running_keepsake_that_does_not_answer_leaves_search_to_words(world: World) -> None:
    world.index = AskedNeighbours(Holder(1, "run", "http://127.0.0.1:9", "t"))  # type: ignore[assignment]
    world.memories.add(world.persona.id, "Sindre plays the fiddle.")
    assert world.texts("fiddle") == ["Sindre plays the fiddle."]
