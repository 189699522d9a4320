import logging
import stat
from pathlib import Path

from app import logs


def test_errors_are_logged_with_their_places_and_without_their_words(tmp_path: Path) -> None:
    file = tmp_path / "keepsake.log"
    logs.set_up(file)
    try:
        try:
            int("Ida is allergic to walnuts")
        except ValueError:
            logging.getLogger("app.test").exception("a turn failed")
    finally:
        logs.tear_down()
    text = file.read_text()
    assert "a turn failed" in text
    assert "ValueError" in text
    assert "test_logs.py" in text
    assert "walnuts" not in text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    logs.set_up(tmp_path / "missing" / "keepsake.log")
    logging.getLogger("app.test").warning("nobody hears this")
    logs.tear_down()
