import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from storage.collection_names import SAFE, collection_name, is_of_embedder
from storage.errors import DataFolderError
from storage.index import IndexCheck, Vector, VectorIndex

DIMENSION = 32
FINE = IndexCheck(missing=(), extra=(), searchable=True)


def unit_vectors(n: int, seed: int = 0) -> Vector:
    rows = np.random.default_rng(seed).normal(size=(n, DIMENSION)).astype(np.float32)
    normed: Vector = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return normed


def names(n: int) -> list[str]:
    return [f"m{i:05}" for i in range(n)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def index(folder: Path) -> Iterator[VectorIndex]:
    opened = VectorIndex(folder, "minilm", DIMENSION)
    yield opened
    opened.close()


def reopened(index: VectorIndex, folder: Path, key: str = "minilm") -> VectorIndex:
    index.close()
    return VectorIndex(folder, key, DIMENSION)


def test_the_nearest_come_first_with_their_cosines(index: VectorIndex) -> None:
    vectors = unit_vectors(50)
    index.upsert("mira", names(50), vectors)
    found = index.query("mira", vectors[7], 5)
    truth = np.argsort(-(vectors @ vectors[7]))[:5]
    assert [memory_id for memory_id, _ in found] == [names(50)[i] for i in truth]
    assert np.allclose([cosine for _, cosine in found], (vectors @ vectors[7])[truth], atol=1e-5)


def test_no_more_is_found_than_there_is(index: VectorIndex) -> None:
    assert index.query("mira", unit_vectors(1)[0], 5) == []
    index.upsert("mira", names(2), unit_vectors(2))
    assert len(index.query("mira", unit_vectors(1)[0], 5)) == 2
    assert index.query("mira", unit_vectors(1)[0], 0) == []


def test_personas_do_not_see_each_other(index: VectorIndex) -> None:
    index.upsert("mira", ["a"], unit_vectors(1))
    index.upsert("ada", ["b"], unit_vectors(1))
    assert [found for found, _ in index.query("ada", unit_vectors(1)[0], 5)] == ["b"]
    index.reset("ada")
    assert (index.count("mira"), index.count("ada")) == (1, 0)


def test_setting_again_replaces(index: VectorIndex) -> None:
    first, second = unit_vectors(2)
    index.upsert("mira", ["a"], first[None])
    index.upsert("mira", ["a"], second[None])
    assert index.count("mira") == 1
    assert np.allclose(index.vectors("mira", ["a", "gone"])["a"], second)


def test_cosines_are_told_of_what_is_there_also_after_a_restart(index: VectorIndex, folder: Path) -> None:
    first, second = unit_vectors(2)
    index.upsert("mira", ["a", "b"], np.stack([first, second]))
    own, other = pytest.approx(1.0, abs=1e-3), pytest.approx(float(first @ second), abs=1e-3)
    assert index.cosines("mira", first, ["a", "gone", "b"]) == {"a": own, "b": other}
    again = reopened(index, folder)
    assert again.cosines("mira", first, ["a", "gone", "b"]) == {"a": own, "b": other}
    again.upsert("mira", ["a"], second[None])
    again.remove("mira", ["b"])
    assert again.cosines("mira", second, ["a", "b"]) == {"a": own}
    again.close()


def test_what_is_removed_is_not_found(index: VectorIndex) -> None:
    index.upsert("mira", names(3), unit_vectors(3))
    index.remove("mira", ["m00001", "gone"])
    assert index.check("mira", ["m00000", "m00002"]) == FINE
    assert "m00001" not in dict(index.query("mira", unit_vectors(3)[1], 3))


@pytest.mark.parametrize(
    "vectors",
    [np.ones((1, DIMENSION + 1)), np.full((1, DIMENSION), np.nan), np.ones((2, DIMENSION))],
)
def test_what_is_no_vector_is_refused_and_the_index_kept(index: VectorIndex, vectors: Vector) -> None:
    index.upsert("mira", ["a"], unit_vectors(1))
    with pytest.raises(ValueError, match="shape"):
        index.upsert("mira", ["b"], vectors)
    assert index.count("mira") == 1


def test_a_zero_vector_is_kept_and_found_by_nobody_in_particular(index: VectorIndex) -> None:
    index.upsert("mira", ["empty"], np.zeros((1, DIMENSION), np.float32))
    assert index.query("mira", np.zeros(DIMENSION, np.float32), 3) == []
    assert index.check("mira", ["empty"]) == FINE


def test_everything_is_there_after_a_restart(index: VectorIndex, folder: Path) -> None:
    index.upsert("mira", names(1500), unit_vectors(1500))
    index.rebuild_queued()
    again = reopened(index, folder)
    assert not again.needs_rebuild
    assert again.check("mira", names(1500)) == FINE
    again.close()


def test_a_closed_index_finds_nothing_takes_nothing_and_makes_no_file(
    index: VectorIndex, folder: Path
) -> None:
    index.upsert("mira", ["a"], unit_vectors(1))
    index.close()
    shutil.rmtree(folder)
    assert index.query("mira", unit_vectors(1)[0], 3) == []
    assert index.vectors("mira", ["a"]) == {}
    with pytest.raises(DataFolderError, match="closed"):
        index.upsert("mira", ["b"], unit_vectors(1))
    assert not folder.exists()


def test_a_check_names_what_is_missing_and_what_is_too_much(index: VectorIndex) -> None:
    index.upsert("mira", ["a", "b"], unit_vectors(2))
    found = index.check("mira", ["b", "c"])
    assert (found.missing, found.extra, found.searchable, found.ok) == (("c",), ("a",), True, False)


def test_the_same_words_said_twice_pass_the_check(index: VectorIndex) -> None:
    index.upsert("mira", names(40), np.repeat(unit_vectors(1), 40, axis=0))
    assert index.check("mira", names(40)) == FINE


def test_a_new_index_asks_to_be_filled_until_that_is_under_way(index: VectorIndex, folder: Path) -> None:
    assert index.needs_rebuild
    again = reopened(index, folder)
    assert again.needs_rebuild
    again.rebuild_queued()
    assert not again.needs_rebuild
    last = reopened(again, folder)
    assert not last.needs_rebuild
    last.close()


def lose_vectors(store: Path) -> None:
    for path in store.iterdir():
        if path.is_dir():
            shutil.rmtree(path)


def test_lost_vector_files_are_noticed_though_chroma_still_counts(index: VectorIndex, folder: Path) -> None:
    index.upsert("mira", names(2100), unit_vectors(2100))
    index.close()
    lose_vectors(folder / "store-1")
    again = VectorIndex(folder, "minilm", DIMENSION)
    assert again.count("mira") == 2100
    found = again.check("mira", names(2100))
    assert not found.searchable
    assert found.missing == ()
    again.reset("mira")
    again.upsert("mira", names(2100), unit_vectors(2100))
    assert again.check("mira", names(2100)) == FINE
    again.close()


def overwrite(path: Path) -> None:
    path.write_bytes(b"\xff" * 4096)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize("harm", [overwrite, cut])
def test_a_corrupt_index_begins_empty_and_asks_to_be_filled(
    index: VectorIndex, folder: Path, harm: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    index.upsert("mira", names(1500), unit_vectors(1500))
    index.rebuild_queued()
    index.close()
    harm(folder / "store-1" / "chroma.sqlite3")
    again = VectorIndex(folder, "minilm", DIMENSION)
    assert again.query("mira", unit_vectors(1)[0], 3) == []
    assert again.needs_rebuild
    assert "built anew" in caplog.text
    again.upsert("mira", names(3), unit_vectors(3))
    assert again.check("mira", names(3)) == FINE
    assert sorted(path.name for path in folder.iterdir()) == ["rebuild", "store-2"]
    again.close()


def test_vector_files_that_cannot_be_read_begin_empty_in_mid_use(
    index: VectorIndex, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    index.upsert("mira", names(1500), unit_vectors(1500))
    index.rebuild_queued()
    index.close()
    for path in (folder / "store-1").glob("*/index_metadata.pickle"):
        overwrite(path)
    assert not (folder / "rebuild").exists()
    again = VectorIndex(folder, "minilm", DIMENSION)
    assert again.query("mira", unit_vectors(1)[0], 3) == []
    assert again.needs_rebuild
    assert "built anew" in caplog.text
    again.close()


def test_a_folder_that_cannot_be_written_finds_nothing_and_says_so_to_writers(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    index = VectorIndex(tmp_path / "file" / "index", "minilm", DIMENSION)
    assert index.query("mira", unit_vectors(1)[0], 3) == []
    with pytest.raises(DataFolderError, match="words alone"):
        index.upsert("mira", ["a"], unit_vectors(1))


def test_a_folder_that_was_broken_and_then_deleted_can_be_used_again_at_once(
    index: VectorIndex, folder: Path
) -> None:
    index.upsert("mira", ["a"], unit_vectors(1))
    index.close()
    overwrite(folder / "store-1" / "chroma.sqlite3")
    broken = VectorIndex(folder, "minilm", DIMENSION)
    assert broken.count("mira") == 0
    broken.close()
    shutil.rmtree(folder)
    again = VectorIndex(folder, "minilm", DIMENSION)
    again.upsert("mira", ["a"], unit_vectors(1))
    assert again.check("mira", ["a"]) == FINE
    again.close()


def test_another_embedder_begins_empty_and_leaves_nothing_of_the_last_one(
    index: VectorIndex, folder: Path
) -> None:
    index.upsert("mira", names(3), unit_vectors(3))
    index.rebuild_queued()
    other = reopened(index, folder, key="e5")
    assert other.needs_rebuild
    assert other.count("mira") == 0
    back = reopened(other, folder)
    assert back.count("mira") == 0
    back.close()


def test_removed_vectors_leave_the_disk_when_the_index_is_written_anew(
    index: VectorIndex, folder: Path
) -> None:
    vectors = unit_vectors(1200)
    index.upsert("mira", names(1200), vectors)
    index.upsert("ada", ["x"], vectors[:1])
    index.rebuild_queued()
    index.remove("mira", ["m00005"])
    assert on_disk(folder, vectors[5])
    index.rewrite()
    assert not on_disk(folder, vectors[5])
    assert on_disk(folder, vectors[6])
    assert index.check("mira", [name for name in names(1200) if name != "m00005"]) == FINE
    assert index.check("ada", ["x"]) == FINE
    assert not index.needs_rebuild
    again = reopened(index, folder)
    assert again.count("mira") == 1199
    again.close()


def test_what_was_erased_is_known_until_the_files_are_new_even_across_a_restart(
    index: VectorIndex, folder: Path
) -> None:
    index.upsert("mira", names(3), unit_vectors(3))
    index.remove("mira", ["m00000"])
    assert not index.holds_erased
    index.remove("mira", [], erased=True)
    assert not index.holds_erased
    index.remove("mira", ["m00001"], erased=True)
    again = reopened(index, folder)
    assert again.holds_erased
    assert again.rewrite()
    assert not again.holds_erased
    again.close()


def test_writing_anew_gives_way_and_leaves_the_old_files_in_use(index: VectorIndex, folder: Path) -> None:
    vectors = unit_vectors(2500)
    index.upsert("mira", names(2500), vectors)
    index.rebuild_queued()
    index.remove("mira", ["m00005"], erased=True)
    asked = iter([False, True])
    assert not index.rewrite(give_way=lambda: next(asked))
    assert index.holds_erased
    assert index.count("mira") == 2499
    assert [path.name for path in folder.glob("store-*")] == ["store-1"]
    assert index.rewrite()
    assert not on_disk(folder, vectors[5])
    assert index.check("mira", [name for name in names(2500) if name != "m00005"]) == FINE


def test_files_half_written_when_the_program_was_killed_are_not_taken_for_the_index(
    index: VectorIndex, folder: Path
) -> None:
    index.upsert("mira", names(3), unit_vectors(3))
    index.rebuild_queued()
    half = folder / "store-2"
    index.close()
    shutil.copytree(folder / "store-1", half)
    (half / "unfinished").touch()
    overwrite(half / "chroma.sqlite3")
    again = VectorIndex(folder, "minilm", DIMENSION)
    assert again.check("mira", names(3)) == FINE
    assert not again.needs_rebuild
    assert not half.exists()
    again.close()


def test_an_index_that_breaks_while_it_is_written_anew_begins_empty(index: VectorIndex, folder: Path) -> None:
    index.upsert("mira", names(1200), unit_vectors(1200))
    index.close()
    index.rebuild_queued()
    lose_vectors(folder / "store-1")
    again = VectorIndex(folder, "minilm", DIMENSION)
    again.rewrite()
    assert again.needs_rebuild
    again.upsert("mira", names(3), unit_vectors(3))
    assert again.check("mira", names(3)) == FINE
    again.close()


def test_a_full_disk_does_not_cost_the_index(
    index: VectorIndex, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.upsert("mira", names(1200), unit_vectors(1200))
    index.rebuild_queued()
    index.close()
    store = folder / "store-1" / "chroma.sqlite3"
    whole = store.read_bytes()
    overwrite(store)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 100, 0))
    full = VectorIndex(folder, "minilm", DIMENSION)
    assert full.query("mira", unit_vectors(1)[0], 3) == []
    with pytest.raises(DataFolderError, match="space on the disk"):
        full.upsert("mira", ["a"], unit_vectors(1))
    store.write_bytes(whole)
    assert full.check("mira", names(1200)) == FINE
    full.close()


def test_dropping_all_leaves_nothing_on_the_disk(index: VectorIndex, folder: Path) -> None:
    vectors = unit_vectors(1200)
    index.upsert("mira", names(1200), vectors)
    index.drop_all()
    assert not on_disk(folder, vectors[5])
    assert index.count("mira") == 0
    assert index.needs_rebuild


def on_disk(folder: Path, vector: Vector) -> bool:
    """Whether its first numbers stand in some file, give or take what normalising changes."""
    return any(_holds(path.read_bytes(), vector[:4]) for path in folder.rglob("*") if path.is_file())


def _holds(data: bytes, start: Vector) -> bool:
    for shift in range(4):
        numbers = np.frombuffer(
            data, np.float32, count=max(len(data) - shift, 0) // 4, offset=min(shift, len(data))
        )
        windows = [numbers[i : max(numbers.size - len(start) + 1 + i, 0)] for i in range(len(start))]
        with np.errstate(all="ignore"):  # most bytes are no numbers
            near = [np.abs(window - number) < 1e-5 for window, number in zip(windows, start, strict=True)]
        if np.logical_and.reduce(near).any():
            return True
    return False


def test_threads_ask_while_others_write_and_the_files_are_renewed(index: VectorIndex) -> None:
    vectors = unit_vectors(400)

    def write(n: int) -> None:
        for start in range(n * 100, n * 100 + 100, 10):
            index.upsert("mira", names(400)[start : start + 10], vectors[start : start + 10])

    def ask(n: int) -> None:
        for i in range(40):
            index.query("mira", vectors[(n * 40 + i) % 400], 5)

    with ThreadPoolExecutor(9) as pool:
        work = [pool.submit(write, n) for n in range(4)]
        work += [pool.submit(ask, n) for n in range(4)]
        assert pool.submit(index.rewrite).result()
        for each in work:
            each.result()
    assert index.check("mira", names(400)) == FINE


@pytest.mark.parametrize(
    "persona_id", ["mira", "m", "a--b", "-mira-", "Ünïcode", "a/b", "..", "x" * 300, "日本", "a b"]
)
def test_every_persona_has_a_name_that_chroma_takes(persona_id: str) -> None:
    name = collection_name(persona_id, "minilm")
    assert SAFE.fullmatch(name)
    assert 3 <= len(name) <= 512
    assert is_of_embedder(name, "minilm")
    assert not is_of_embedder(name, "lm")


def test_personas_with_like_names_have_collections_of_their_own() -> None:
    ids = ["a b", "a-b", "a/b", "a--b", "a.b"]
    assert len({collection_name(persona_id, "e5") for persona_id in ids}) == len(ids)
