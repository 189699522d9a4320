from pathlib import Path

import pytest
from pydantic import ValidationError

from app.models import catalogue, minilm
from app.models.catalogue import Entry, HubSource, InstalledSource, PackagesSource
from app.models.sources import installed
from personas.errors import NotFoundError

GB = 1_000_000_000


def test_names_and_files_are_unique() -> None:
    entries = catalogue.entries()
    assert len({entry.name for entry in entries}) == len(entries)
    assert len({entry.file_name for entry in entries}) == len(entries)
    assert all(entry.file_name.endswith(".gguf") and entry.licence for entry in entries)


def test_what_no_hub_vouches_for_is_held_to_a_known_hash() -> None:
    for entry in catalogue.entries():
        if any(not isinstance(source, HubSource) for source in entry.sources):
            assert entry.sha256
            assert entry.size_bytes


def test_starter_is_named_for_what_it_is() -> None:
    assert catalogue.get("starter").is_starter
    assert "test model" in catalogue.get("starter").words
    assert not catalogue.get("qwen3-4b").is_starter


def test_counted_requirements_are_expanded() -> None:
    source = PackagesSource(kind="packages", requirements=("part{1..3}==0.2.0", "rest==1"), member="x")
    assert source.expanded() == ["part1==0.2.0", "part2==0.2.0", "part3==0.2.0", "rest==1"]


@pytest.mark.parametrize(
    ("memory", "reachable", "name"),
    [
        (8 * GB, True, "qwen2.5-1.5b"),
        (16 * GB, True, "qwen3-4b"),
        (None, True, "qwen2.5-1.5b"),
        (64 * GB, False, "qwen2.5-coder-1.5b"),
    ],
)
def test_default_follows_memory_and_reach(memory: int | None, reachable: bool, name: str) -> None:
    assert catalogue.default_entry(memory, hub_reachable=reachable).name == name


def test_unknown_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(NotFoundError, match=r"no model called gpt-9.*starter"):
        catalogue.get("gpt-9")


def test_file_name_cannot_leave_the_folder() -> None:
    entry = catalogue.get("starter").model_dump()
    for name in ["../evil.gguf", "a/b.gguf", "", ".hidden"]:
        with pytest.raises(ValidationError):
            Entry.model_validate({**entry, "file_name": name})


def test_fetched_file_is_found(tmp_path: Path) -> None:
    entry = catalogue.get("qwen3-4b")
    assert entry.path(tmp_path) is None
    (tmp_path / entry.file_name).touch()
    assert entry.path(tmp_path) == tmp_path / entry.file_name


def test_best_installed_is_the_largest_that_fits(tmp_path: Path) -> None:
    for name in ["qwen3-4b", "qwen2.5-1.5b"]:
        (tmp_path / catalogue.get(name).file_name).touch()
    best = [catalogue.best_installed(tmp_path, memory) for memory in (None, 8 * GB, 3 * GB)]
    assert [entry and entry.name for entry in best] == ["qwen3-4b", "qwen3-4b", "qwen2.5-1.5b"]


def test_file_in_an_installed_package_is_found_without_importing_it() -> None:
    assert installed.find("gguf", "constants.py") is not None
    assert installed.find("gguf", "no-such-file") is None
    assert installed.find("no_such_package_here", "file") is None


@pytest.mark.skipif(minilm.installed_folder() is None, reason="the starter extra is not installed")
def test_installed_starter_counts_as_there(tmp_path: Path) -> None:
    entry = catalogue.get("starter")
    assert isinstance(entry.sources[0], InstalledSource)
    path = entry.path(tmp_path)
    assert path is not None
    assert path.stat().st_size == entry.size_bytes


def test_installed_file_of_another_size_is_not_taken(tmp_path: Path) -> None:
    assert catalogue.get("starter").model_copy(update={"size_bytes": 1}).path(tmp_path) is None
