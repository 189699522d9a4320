"""A model that is missing, broken, or too small for what is asked."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app.main import run_command
from tests.faults.conftest import Told

Keepsake = Callable[..., Told]


def exported(keepsake: Keepsake) -> list[dict[str, object]]:
    return [json.loads(line) for line in keepsake("export").out.splitlines()]


def test_a_missing_model_file_is_named(keepsake: Keepsake, tmp_path: Path) -> None:
    told = keepsake("chat", "--once", "hi", "--model", str(tmp_path / "nowhere.gguf"))
    assert told.code == 1
    assert f"There is no model file at {tmp_path / 'nowhere.gguf'}" in told.err


def test_a_file_that_is_no_model_is_named(keepsake: Keepsake, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Ida")
    told = keepsake("chat", "--once", "hi", "--model", str(tmp_path / "letter.txt"))
    assert told.code == 1
    assert "letter.txt is not a GGUF model file" in told.err


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.5, 0.99])
def test_a_truncated_model_is_refused_before_it_is_loaded(
    keepsake: Keepsake, tmp_path: Path, tiny_model: Path, share: float
) -> None:
    whole = tiny_model.read_bytes()
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(whole[: max(5, int(len(whole) * share))])
    told = keepsake("chat", "--once", "hi", "--model", str(cut))
    assert told.code == 1
    assert told.err.startswith("cut.gguf is cut short")


def test_a_chosen_model_that_has_gone_leaves_recall_and_says_so(
    keepsake: Keepsake, tmp_path: Path, tiny_model: Path
) -> None:
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(tiny_model.read_bytes())
    assert keepsake("model", "use", str(mine)).code == 0
    assert keepsake("memories", "add", "My flatmate Sindre plays the hardanger fiddle.").code == 0
    mine.unlink()
    told = keepsake("chat", "--once", "Who plays the hardanger fiddle?")
    assert told.code == 0
    assert "Sindre plays the hardanger fiddle" in told.out
    assert "There is no model file" in keepsake("model", "list").out
    told = keepsake("doctor", "--json")
    assert told.code == 1
    assert not {check["name"]: check["ok"] for check in json.loads(told.out)}["model"]


def test_a_message_longer_than_the_context_is_refused_and_kept(keepsake: Keepsake, tiny_model: Path) -> None:
    told = keepsake("chat", "--once", "word " * 10_000, "--model", str(tiny_model))
    assert told.code == 1
    assert "too long" in told.err or "fit" in told.err
    kept = [row for row in exported(keepsake) if row.get("kind") == "message" and row["role"] == "user"]
    assert [str(row["text"]).split()[0] for row in kept] == ["word"]


def test_run_refuses_a_broken_model_before_it_serves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.gguf").write_text("Dear Ida")
    code = run_command(
        ["run", "--no-browser", "--data", str(tmp_path / "data"), "--model", str(tmp_path / "letter.gguf")]
    )
    assert code == 1
    assert capsys.readouterr().err.startswith("letter.gguf is not a GGUF model file.")
