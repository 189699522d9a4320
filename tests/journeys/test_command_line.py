"""By the command line only: a talk from elsewhere, found, corrected, forgotten, taken along."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import logs
from app.main import run_command

TALK = [
    ("user", "I moved to Trondheim in April to study marine biology.", "2026-04-20T18:00:00Z"),
    ("assistant", "How do you like the fjord?", "2026-04-20T18:00:05Z"),
    ("user", "My flatmate Sindre plays the hardanger fiddle until midnight.", "2026-04-20T18:01:00Z"),
]
MUSIC = "who plays music at my place"


@pytest.fixture(autouse=True)
def close_the_log() -> Iterator[None]:
    yield
    logs.tear_down()


def test_a_talk_is_found_by_meaning_corrected_forgotten_and_taken_along(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def keepsake(*arguments: str, data: str = "here") -> str:
        capfd.readouterr()
        assert run_command([*arguments, "--data", str(tmp_path / data)]) == 0
        return capfd.readouterr().out

    def search(text: str, data: str = "here") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(keepsake("memories", "search", text, "--json", data=data))
        return found

    talk, out = tmp_path / "talk.jsonl", tmp_path / "out.jsonl"
    talk.write_text("\n".join(json.dumps({"role": r, "text": t, "time": at}) for r, t, at in TALK))
    keepsake("import", str(talk))
    assert "Sindre" in search(MUSIC)[0]["text"]
    added = json.loads(keepsake("memories", "add", "Ida keeps eleven hives behind the barn.", "--json"))
    keepsake("memories", "edit", added["id"], "Ida keeps twelve hives behind the barn.")
    assert search("how many hives")[0]["text"] == "Ida keeps twelve hives behind the barn."
    assert "eleven" in keepsake("memories", "history", added["id"], "--json")
    keepsake("memories", "forget", added["id"])
    assert "hives" not in json.dumps(search("how many hives"))
    assert "Sindre plays" in keepsake("chat", "--once", "Who plays the hardanger fiddle?", "--model", "none")
    keepsake("reflect", "--model", "none")
    keepsake("export", "--out", str(out))
    keepsake("import", str(out), data="there")
    assert "Sindre" in search(MUSIC, "there")[0]["text"]
    assert "nothing was added" in keepsake("import", str(out), data="there")
