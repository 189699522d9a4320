import stat
from pathlib import Path

import pytest

from app.paths import Paths, data_folder
from personas.errors import SetupError


def test_the_folder_named_comes_before_the_environment(tmp_path: Path) -> None:
    chosen, home = tmp_path / "chosen", tmp_path / "home"
    assert data_folder(chosen, {"KEEPSAKE_HOME": str(home)}) == chosen
    assert data_folder(None, {"KEEPSAKE_HOME": str(home)}) == home
    assert data_folder(None, {}).name == "keepsake"


def test_folders_are_for_their_owner_alone(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "data").create()
    for folder in (paths.root, paths.backups, paths.models, paths.avatars, paths.logs, paths.temp):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="cannot be used"):
        Paths(tmp_path / "file" / "data").create()
