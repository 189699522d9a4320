import json
import stat
from pathlib import Path

import pytest

from app.settings import ModelSettings, Settings, load_settings, save_settings
from personas.errors import SetupError


def test_a_missing_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "settings.json") == Settings()


def test_what_is_saved_is_read_again_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    settings = Settings(model=ModelSettings(source="file:/models/a.gguf"))
    save_settings(file, settings)
    assert load_settings(file) == settings
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text()) == {"model": {"source": "file:/models/a.gguf"}}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"modle": {}}', ["modle", "{}"]),
        ('{"model": {"treads": 3}}', ["model.treads", "3"]),
        ('{"reflection": {"idle_minutes": "soon"}}', ["reflection.idle_minutes", '"soon"']),
        ('{"model": ', ["line 1"]),
        ("[]", ["mistake"]),
    ],
)
def test_a_broken_file_is_reported_by_key_and_value_and_left_alone(
    tmp_path: Path, text: str, named: list[str]
) -> None:
    file = tmp_path / "settings.json"
    file.write_text(text)
    with pytest.raises(SetupError) as caught:
        load_settings(file)
    assert all(part in caught.value.message for part in named)
    assert file.read_text() == text


def test_a_refused_change_names_its_key() -> None:
    with pytest.raises(SetupError, match=r"model\.threads"):
        Settings().with_changes("model", threads=-1)
