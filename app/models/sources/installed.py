"""A model file inside an installed package, found without importing it."""

import importlib.util
from pathlib import Path


def find(package: str, file: str) -> Path | None:
    """The file's path, or None where the package or the file is not there."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(next(iter(spec.submodule_search_locations))) / file
    return path if path.is_file() else None
