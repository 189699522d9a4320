"""The count of what the guard reads, by a tiny model."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graphs import guard_paths
from graphs.ports import ChatMessage
from storage.records import Trust
from tests.benchmarks.guard_read import Counted, Question, costs, summary
from tests.fakes import tiny_gguf
from tests.fakes.counting_engine import CountingEngine
from tests.graphs.memories import memory

NOTE = "On Tuesdays the harbour shop puts the blue lamps out, says the sheet."


def test_a_reflection_in_between_costs_a_look_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("app.models.loaded.Engine", CountingEngine)
    monkeypatch.setattr("app.models.llama.WRITES_FROM_PARAMETERS", 0)
    monkeypatch.setattr(guard_paths, "_examples", lambda _name: (ChatMessage("system", "e" * 400),))
    path = tiny_gguf.build(tmp_path / "tiny.gguf")
    asked = [Question(f"Lamp {number}?", [memory(NOTE, trust=Trust.IMPORTED)]) for number in range(4)]
    lines = ["I moved to Bergen in the spring."] * 12
    found: dict[str, Any] = {}
    for name, states in (("kept", tmp_path / "states"), ("again", None)):
        model = Counted(path, now=lambda: datetime.now(UTC), context_tokens=1024, threads=1, states=states)
        taken = costs(model, asked, lines, 2)
        found[name] = [one.tokens for one in taken]
        assert summary(taken)["looked"] == 4
        model.close()
    assert found["kept"][0] > 400
    assert max(found["kept"][1:]) < 400 < found["again"][2]
