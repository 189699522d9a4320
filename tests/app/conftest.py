from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.world import World, open_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = open_world(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def indexed_world(tmp_path: Path) -> Iterator[World]:
    opened = open_world(tmp_path, vectors=True)
    yield opened
    opened.close()
