from collections.abc import Callable
from pathlib import Path

import pytest

from app.models.states import States


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "a.gguf"
    path.write_bytes(b"weights")
    return path


def writes(text: bytes) -> Callable[[Path], bool]:
    def save(path: Path) -> bool:
        path.write_bytes(text)
        return True

    return save


def files(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.iterdir())


@pytest.fixture
def states(tmp_path: Path, model: Path) -> States:
    return States(tmp_path / "states", model, most_bytes=1_000)


def test_the_state_that_shares_most_is_found(states: States) -> None:
    states.keep([1, 2, 3, 4], writes(b"one"))
    states.keep([9, 8, 7], writes(b"other"))
    found = states.best([1, 2, 3, 5, 6])
    assert found is not None
    assert (found[0].path.read_bytes(), list(found[0].tokens), found[1]) == (b"one", [1, 2, 3, 4], 3)
    assert States(found[0].path.parent, found[0].path).best([1, 2]) is None, "another model's states"


def test_a_state_takes_the_place_of_what_it_goes_on_from(states: States, tmp_path: Path) -> None:
    states.keep([1, 2, 3, 4], writes(b"one"))
    states.keep([1, 2, 3, 5, 6, 7], writes(b"two"))
    states.keep([1, 9, 9, 9], writes(b"another talk with the same persona"))
    assert files(tmp_path / "states") == [".npy", ".npy", ".state", ".state"]


def test_the_oldest_go_where_there_is_no_room(states: States, tmp_path: Path) -> None:
    for number in range(6):
        states.keep([number] * 4, writes(bytes(300)))
    assert files(tmp_path / "states") == [".npy"] * 3 + [".state"] * 3
    assert not states.keep([7], writes(bytes(2_000))), "larger than all the room"
    assert files(tmp_path / "states") == [".npy"] * 3 + [".state"] * 3


def test_one_may_have_less_room_than_all(tmp_path: Path, model: Path) -> None:
    states = States(tmp_path / "states", model, most_bytes=1_000, largest=400)
    assert not states.keep([1, 2, 3], writes(bytes(500)))
    assert states.keep([1, 2, 3], writes(bytes(300)))


def test_a_state_that_was_cut_short_is_not_used(states: States, tmp_path: Path) -> None:
    states.keep([1, 2, 3], writes(b"whole"))
    next((tmp_path / "states").glob("*.state")).write_bytes(b"who")
    assert states.best([1, 2, 3]) is None
    assert not files(tmp_path / "states")


def test_a_state_that_could_not_be_written_leaves_nothing(states: States, tmp_path: Path) -> None:
    assert not states.keep([1, 2, 3], lambda _path: False)
    assert not files(tmp_path / "states")
    (tmp_path / "states").rmdir()
    (tmp_path / "states").write_text("a file in the way")
    assert not states.keep([1, 2, 3], writes(b"x"))


def test_a_changed_model_file_has_no_states(states: States, model: Path, tmp_path: Path) -> None:
    states.keep([1, 2, 3], writes(b"one"))
    model.write_bytes(b"other weights")
    assert States(tmp_path / "states", model).best([1, 2, 3]) is None


def test_drop_leaves_nothing(states: States, tmp_path: Path) -> None:
    states.drop()
    states.keep([1, 2, 3], writes(b"one"))
    inside = States(tmp_path / "states" / "more", tmp_path / "a.gguf")
    inside.keep([1, 2, 3], writes(b"one"))
    states.drop()
    assert not [path for path in (tmp_path / "states").rglob("*") if path.is_file()]
    assert states.best([1, 2, 3]) is None
    assert inside.best([1, 2, 3]) is None
