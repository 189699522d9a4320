"""Pages over a real store, without a model and without a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.paths import Paths
from app.settings import Settings
from app.wiring import Services, build_services


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    built = build_services(Paths(tmp_path / "data").create(), Settings(), model="none")
    yield built
    built.close()
