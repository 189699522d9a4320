import json
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

from app.services import moving
from app.services.finder import RetiredError
from app.services.finders import NOTE
from app.services.moving import BATCH
from app.settings import load_settings
from graphs.errors import ModelError
from storage.index import VectorIndex
from tests.app.services.finding import Bench, Words
from tests.app.world import World


@pytest.fixture
def models() -> dict[str, Words]:
    return {"bundled": Words("small"), "file:big": Words("big", 80), "file:other": Words("other")}


@pytest.fixture
def bench(world: World, models: dict[str, Words]) -> Iterator[Bench]:
    opened = [Bench(world, models)]
    opened[0].index.open()
    yield opened[0]
    opened[0].finders.close()


def fill(bench: Bench, count: int) -> None:
    for number in range(count):
        bench.add(f"Memory {number} about the fiddle.")
    bench.index.sync()


def stop_after(bench: Bench, batches: int, source: str = "file:big") -> Callable[[], bool]:
    """Gives way once a model has read so many batches."""
    read = bench.models[source].embedded
    before = len(read)
    return lambda: len(read) - before >= batches * BATCH


def test_the_old_one_goes_on_finding_until_the_new_one_has_read_everything(bench: Bench) -> None:
    fill(bench, 40)
    bench.want("file:big")
    bench.moving.work(stop_after(bench, 1))
    progress = bench.moving.progress()
    assert progress is not None
    assert (progress.done, progress.total) == (BATCH, 40)
    assert bench.finders.serving().key == "small"
    assert bench.nearest("Memory 39 about the fiddle.") == "Memory 39 about the fiddle."
    bench.moving.work()
    assert bench.moving.progress() is None
    assert bench.finders.serving().key == "big"
    assert bench.nearest("Memory 39 about the fiddle.") == "Memory 39 about the fiddle."
    assert len(bench.has("file:big")) == 40


def test_the_old_ones_files_go_and_its_memory_is_freed(bench: Bench) -> None:
    fill(bench, 3)
    assert bench.folders() == {"small"}
    bench.want("file:big")
    bench.moving.work()
    assert bench.folders() == {"big"}
    assert bench.loaded() == ["file:big"]
    assert bench.index.state().words == "Everything can be found."


def test_what_changes_meanwhile_is_right_in_the_new_index(bench: Bench) -> None:
    fill(bench, BATCH)
    edited, forgotten = bench.add("The key lies under the pot."), bench.add("The cat is called Biscuit.")
    bench.index.sync()
    bench.want("file:big")
    bench.moving.work(stop_after(bench, 1))
    bench.moving.work(lambda: "The key lies under the pot." in bench.models["file:big"].embedded)
    bench.memories.edit(edited, "The key hangs on the nail.")
    bench.memories.forget(forgotten)
    bench.add("Sindre plays the harp.")
    bench.index.sync()
    bench.moving.work()
    assert bench.finders.serving().key == "big"
    texts = bench.has("file:big")
    assert {"The key hangs on the nail.", "Sindre plays the harp."} <= texts
    assert "The cat is called Biscuit." not in texts
    index = bench.finders.serving().index
    assert isinstance(index, VectorIndex)
    assert index.check("mira", bench.world.stores.memories.ids("mira")).ok
    assert bench.reads_as(edited, "The key hangs on the nail.")


def test_a_change_while_a_text_is_read_is_not_lost(bench: Bench) -> None:
    edited = bench.add("The key lies under the pot.")
    bench.index.sync()
    bench.want("file:big")

    def edit(texts: Sequence[str]) -> None:
        if "The key lies under the pot." in texts:
            bench.memories.edit(edited, "The key hangs on the nail.")

    bench.models["file:big"].before_embedding = edit
    bench.moving.work()
    bench.models["file:big"].before_embedding = lambda _texts: None
    bench.index.sync()
    assert bench.finders.serving().key == "big"
    assert bench.reads_as(edited, "The key hangs on the nail.")


def test_what_still_waits_at_the_change_is_taken_in_by_the_new_one(bench: Bench) -> None:
    fill(bench, 3)
    bench.want("file:big")
    bench.add("Sindre plays the harp.")
    bench.moving.work()
    assert bench.finders.serving().key == "big"
    assert "Sindre plays the harp." not in bench.has("file:big")
    assert bench.index.state().pending == 1
    assert bench.memories.recall("mira", "harp")[0].text == "Sindre plays the harp."
    assert "Sindre plays the harp." in bench.has("file:big")


def test_a_large_import_is_taken_in_by_the_old_one_first(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "AT_ONCE", 2)
    bench.want("file:big")
    for number in range(3):
        bench.add(f"Memory {number} about the fiddle.")
    bench.moving.work()
    assert bench.finders.serving().key == "small"
    bench.index.sync()
    bench.moving.work()
    assert bench.finders.serving().key == "big"
    assert len(bench.has("file:big")) == 3


def test_where_the_old_one_cannot_the_new_one_takes_everything_in(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "AT_ONCE", 2)
    bench.models["bundled"].broken = True
    for number in range(3):
        bench.add(f"Memory {number} about the fiddle.")
    bench.index.sync()
    assert bench.index.state().state == "words only"
    bench.want("file:big")
    bench.moving.work()
    bench.index.sync()
    assert bench.index.state().words == "Everything can be found."
    assert len(bench.has("file:big")) == 3


def test_the_same_model_by_another_name_is_not_read_again(bench: Bench) -> None:
    fill(bench, 3)
    bench.models["file:copy"] = bench.models["bundled"]
    bench.want("file:copy")
    assert bench.moving.progress() is None
    assert bench.finders.serving().note.choice.source == "file:copy"
    again = bench.again()
    assert again.finders.serving().note.choice.source == "file:copy"
    assert again.finders.next() is None
    again.finders.close()


def test_a_restart_in_the_middle_goes_on_with_what_is_missing(bench: Bench) -> None:
    fill(bench, 40)
    bench.want("file:big")
    bench.moving.work(stop_after(bench, 1))
    again = bench.again()
    again.index.open()
    assert again.finders.serving().key == "small"
    assert again.nearest("Memory 7 about the fiddle.") == "Memory 7 about the fiddle."
    again.models["file:big"].embedded.clear()
    again.moving.work()
    assert again.finders.serving().key == "big"
    read = [text for text in again.models["file:big"].embedded if text.startswith("Memory")]
    assert len(read) == 40 - BATCH
    last = again.again()
    last.index.open()
    assert last.finders.serving().key == "big"
    assert last.index.state().words == "Everything can be found."
    assert last.nearest("Memory 7 about the fiddle.") == "Memory 7 about the fiddle."
    last.finders.close()


def test_a_crash_between_the_note_and_the_clearing_up_leaves_the_new_one(bench: Bench) -> None:
    fill(bench, 3)
    bench.want("file:big")
    bench.moving.work()
    (bench.world.paths.index / "small").mkdir()
    again = bench.again()
    again.index.open()
    assert again.finders.serving().key == "big"
    assert again.folders() == {"big"}
    again.finders.close()


def test_changes_made_by_another_program_between_two_runs_reach_the_new_index(bench: Bench) -> None:
    """A command that takes memories in knows of the next index as well."""
    edited = bench.add("The key lies under the pot.")
    fill(bench, 3)
    bench.want("file:big")
    bench.moving.work(lambda: len(bench.models["file:big"].embedded) >= 4)
    command = bench.again()
    command.memories.edit(edited, "The key hangs on the nail.")
    assert command.memories.recall("mira", "nail")
    again = command.again()
    again.index.open()
    again.moving.work()
    assert again.finders.serving().key == "big"
    assert again.reads_as(edited, "The key hangs on the nail.")
    again.finders.close()


def test_it_can_be_stopped_and_gone_on_with(bench: Bench) -> None:
    fill(bench, 40)
    bench.want("file:big")
    bench.models["file:big"].before_embedding = lambda _texts: bench.moving.pause()
    bench.moving.work()
    progress = bench.moving.progress()
    assert progress is not None
    assert (progress.done, progress.paused) == (BATCH, True)
    bench.models["file:big"].before_embedding = lambda _texts: None
    bench.moving.work()
    assert bench.finders.serving().key == "small"
    bench.moving.go_on()
    bench.moving.work()
    assert bench.finders.serving().key == "big"


def test_choosing_the_old_one_again_drops_what_was_read(bench: Bench) -> None:
    fill(bench, 40)
    bench.want("file:big")
    bench.moving.work(stop_after(bench, 1))
    assert bench.folders() == {"small", "big"}
    bench.want("bundled")
    assert bench.moving.progress() is None
    assert bench.folders() == {"small"}
    assert bench.loaded() == ["bundled"]


def test_another_choice_meanwhile_counts_and_two_models_at_most_are_loaded(bench: Bench) -> None:
    fill(bench, 40)
    bench.want("file:big")
    bench.moving.work(stop_after(bench, 1))
    bench.want("file:other")
    assert bench.loaded() == ["bundled"]
    bench.moving.work(stop_after(bench, 1, "file:other"))
    assert bench.folders() == {"small", "other"}
    bench.moving.work()
    assert bench.finders.serving().key == "other"


def test_a_model_that_is_not_to_be_had_changes_nothing(bench: Bench) -> None:
    fill(bench, 3)
    with pytest.raises(ModelError, match="no model file"):
        bench.want("file:gone")
    assert bench.finders.next() is None
    assert load_settings(bench.world.paths.settings).embedder.source == "bundled"


def test_a_new_model_that_fails_says_so_and_the_old_one_stays(bench: Bench) -> None:
    fill(bench, 3)
    bench.want("file:big")
    bench.models["file:big"].broken = True
    bench.moving.work()
    progress = bench.moving.progress()
    assert progress is not None
    assert progress.trouble == "big is damaged. Choose another."
    assert bench.finders.serving().key == "small"
    bench.models["file:big"].broken = False
    bench.moving.work()
    assert bench.finders.serving().key == "big"


def test_a_chosen_model_that_has_gone_leaves_the_bundled_one_and_the_choice(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    fill(bench, 3)
    bench.want("file:big")
    bench.moving.work()
    small = {"bundled": bench.models["bundled"]}
    again = bench.again(**small)
    again.index.open()
    again.index.sync()
    assert again.finders.serving().key == "small"
    assert "There is no model file at file:big." in again.finders.trouble
    assert "not to be had" in caplog.text
    assert again.finders.wanted.source == "file:big"
    assert again.nearest("Memory 1 about the fiddle.") == "Memory 1 about the fiddle."
    assert again.folders() == {"small"}
    back = again.again(**bench.models)
    back.index.open()
    assert back.finders.serving().key == "small"
    back.moving.work()
    assert back.finders.serving().key == "big"
    back.finders.close()


def test_a_model_that_cannot_be_loaded_leaves_the_bundled_one(bench: Bench) -> None:
    fill(bench, 3)
    bench.want("file:big")
    bench.moving.work()
    bench.finders.fall_back(ModelError("big is damaged.", "Choose another."))
    bench.index.open()
    bench.index.sync()
    assert bench.finders.serving().key == "small"
    assert bench.nearest("Memory 1 about the fiddle.") == "Memory 1 about the fiddle."
    assert bench.finders.wanted.source == "file:big"
    assert "big is damaged" in bench.finders.trouble


def test_a_wanted_model_that_has_gone_in_the_middle_leaves_the_old_one(bench: Bench) -> None:
    fill(bench, 40)
    bench.want("file:big")
    bench.moving.work(stop_after(bench, 1))
    again = bench.again(bundled=bench.models["bundled"])
    again.index.open()
    assert again.finders.serving().key == "small"
    assert again.moving.progress() is None
    assert "no model file" in again.finders.trouble
    assert again.folders() == {"small"}
    again.finders.close()


def test_without_a_note_the_wanted_one_is_filled_at_once(bench: Bench) -> None:
    fill(bench, 3)
    bench.want("file:big")
    (bench.world.paths.index / NOTE).write_text("{", encoding="utf-8")
    again = bench.again()
    again.index.open()
    again.index.sync()
    assert again.finders.serving().key == "big"
    assert again.nearest("Memory 1 about the fiddle.") == "Memory 1 about the fiddle."
    again.finders.close()


def test_the_scale_of_the_new_one_is_kept(bench: Bench) -> None:
    fill(bench, 3)
    bench.want("file:big")
    bench.moving.work()
    again = bench.again()
    assert again.finders.serving().level(0.9) == pytest.approx(0.426)
    noted = json.loads((bench.world.paths.index / NOTE).read_text(encoding="utf-8"))
    assert noted["scale"] == {"strangers": 0.1, "kin": 0.9}
    again.finders.close()


def test_another_process_only_asks_and_prepares_nothing(world: World, models: dict[str, Words]) -> None:
    beside = Bench(world, models, owns=False)
    beside.want("file:big")
    assert beside.finders.next() is None
    beside.moving.work()
    assert not world.paths.index.exists()
    beside.finders.close()


def test_a_search_under_way_at_the_change_goes_by_words_and_touches_no_file(bench: Bench) -> None:
    fill(bench, 3)
    before = bench.finders.serving()
    retriever = bench.retriever()
    vector = before.embed(["fiddle"], "query")[0]
    bench.want("file:big")
    bench.moving.work()
    assert before.query("mira", vector, 3) == []
    with pytest.raises(RetiredError):
        before.embed(["fiddle"], "query")
    found = retriever.search("mira", "fiddle", limit=3, now=bench.world.clock.now())
    assert len(found) == 3
    assert bench.folders() == {"big"}
    assert bench.loaded() == ["file:big"]


def test_questions_are_answered_all_through_the_change(bench: Bench) -> None:
    fill(bench, 60)
    over, wrong = threading.Event(), list[str]()
    asked: list[str] = []

    def ask() -> None:
        while not over.is_set():
            number = len(asked) % 60
            wanted = f"Memory {number} about the fiddle."
            found = bench.memories.recall("mira", wanted, limit=1)
            asked.append(wanted)
            if [line.text for line in found] != [wanted]:
                wrong.append(wanted)

    askers = [threading.Thread(target=ask) for _ in range(2)]
    for asker in askers:
        asker.start()
    for source in ("file:big", "file:other", "bundled"):
        bench.want(source)
        bench.moving.work()
    over.set()
    for asker in askers:
        asker.join()
    assert bench.finders.serving().key == "small"
    assert asked
    assert not wrong


def test_who_keeps_no_vectors_has_the_model_of_the_moment(bench: Bench) -> None:
    fill(bench, 3)
    assert (bench.embedder.key, bench.embedder.dimension) == ("small", 48)
    bench.want("file:big")
    bench.moving.work()
    assert (bench.embedder.key, bench.embedder.dimension) == ("big", 80)
    assert bench.embedder.embed(["fiddle"], "query").shape == (1, 80)
