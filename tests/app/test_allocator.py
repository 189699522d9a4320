"""Memory that is free goes back to the system."""

import sys
from pathlib import Path

import pytest

from app import allocator


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts Linux's pages")
def test_what_has_been_freed_is_given_back() -> None:
    if allocator._glibc() is None:
        pytest.skip("another C library")
    pieces = [bytes(1_000) for _ in range(100_000)]
    held = pieces[::500]  # small pieces between the free ones keep a heap from shrinking by itself
    del pieces
    before = resident()
    allocator.give_back()
    assert resident() < before
    assert len(held) == 200


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocator, "_glibc", lambda: None)
    allocator.be_sparing()
    assert not allocator.give_back()


def resident() -> int:
    """Pages of this process in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
