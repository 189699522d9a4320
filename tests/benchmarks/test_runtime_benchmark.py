"""The parts of the runtime's proof that can be wrong without anybody noticing."""

import mmap
import os
import re
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from app.models.native import NativeModel
from app.models.schema import grammar
from app.paths import Paths
from app.settings import Settings
from app.wiring import build_services
from graphs.ports import ChatMessage
from storage.memory_filter import MemoryFilter
from tests.benchmarks import random_shape
from tests.benchmarks.chatter import memory_text, remark
from tests.benchmarks.runtime_browser import at_top
from tests.benchmarks.runtime_figures import Row
from tests.benchmarks.runtime_memory import held
from tests.benchmarks.runtime_plot import drawing
from tests.benchmarks.runtime_program import STAGES, Watch, rows
from tests.benchmarks.runtime_store import fill
from tests.benchmarks.runtime_talk import SHOWN, TURNS, Talk, memory
from tests.benchmarks.runtime_work import forms

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("row", "ok"),
    [
        (Row(0.12, 0.12, at_most=True), True),
        (Row(0.13, 0.12, at_most=True), False),
        (Row(99, 100, at_most=False), False),
        (Row(3, 600, at_most=True, measured=False), None),
    ],
)
def test_a_row_is_met_on_its_side_and_says_nothing_where_it_was_not_measured(
    row: Row, ok: bool | None
) -> None:
    assert row.as_json()["ok"] is ok


def test_every_schema_that_the_program_asks_for_is_among_those_that_are_tried() -> None:
    asking = {
        file.relative_to(ROOT).as_posix()
        for folder in ("graphs", "app/services")
        for file in (ROOT / folder).rglob("*.py")
        if re.search(r"\.structured(_many)?\(", file.read_text(encoding="utf-8"))
    }
    assert asking == set(forms())
    for of_module in forms().values():
        for schema, prompt in of_module:
            assert grammar(schema)
            assert prompt(3)[-1].content


def test_each_turn_is_shown_other_memories() -> None:
    ids = [memory(SHOWN * turn + place).text for turn in range(TURNS) for place in range(SHOWN)]
    assert len(set(ids)) == len(ids)
    assert len({remark(turn) for turn in range(TURNS)}) == TURNS


def test_memories_are_moved_to_the_top_and_nothing_else() -> None:
    talk = Talk(model=None, reply_tokens=0)  # type: ignore[arg-type]
    talk.told("I see.")
    moved = at_top(talk.prompt(), remark(1))
    assert moved[-1] == ChatMessage("user", remark(1))
    assert moved[1:-1] == talk.prompt()[1:-1]
    assert moved[0].content.startswith(talk.prompt()[0].content)
    for place in range(SHOWN):
        assert memory_text(SHOWN + place) in moved[0].content


def test_a_crash_counts_by_the_worst_that_came_of_it() -> None:
    told = {"clear": 5, "kept": 5, "lost": 0, "fine": 4, "before": 50.0}
    made = rows(told, 5, quick=True)
    assert made["crashes"].value == 4
    assert not made["crashes"].ok
    assert made["before_first_token_ms"].ok


def test_the_stages_add_up_to_the_turn() -> None:
    watch = Watch()
    spent = {"embed": 4.0, "recall": 20.0, "rank": 1.0, "guard": 1.0, "compose": 2.0}
    watch.spent.update(spent, reply=900.0, attribute=3.0, record=6.0)
    stages = watch.stages(300.0)
    assert tuple(stages) == STAGES
    assert sum(stages.values()) == 20.0 + 1.0 + 1.0 + 2.0 + 900.0 + 3.0 + 6.0
    assert (stages["recall"], stages["first_token"], stages["rest"]) == (16.0, 300.0, 600.0)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_pages_of_the_models_file_are_told_from_the_programs_own(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(bytes(range(256)) * 4_096)
    _, none = held(os.getpid(), file)
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        assert sum(data[::4096]) >= 0
        own, mapped = held(os.getpid(), file)
    assert (none, mapped) == (0, 2**20)
    assert own > 0


def test_a_filled_folder_is_one_that_the_program_could_have_filled(tmp_path: Path) -> None:
    folder = Paths(tmp_path / "data")
    persona_id = fill(folder, 450)
    services = build_services(folder, Settings(), model="none")
    try:
        services.index.open()
        state = services.index.state()
        assert (state.state, state.indexed, state.pending) == ("ready", 450, 0)
        assert services.memories.search(persona_id, MemoryFilter()).total == 450
        found = services.memories.recall(persona_id, memory_text(7), limit=3)
        assert found[0].text == memory_text(7)
        assert len(services.chat.conversations(persona_id)) == 3
    finally:
        services.close()


def test_random_weights_know_whole_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random_shape, "LAYERS", 1)
    model = NativeModel(random_shape.build(tmp_path, ["hedgehogs"]))
    try:
        said = " " + remark(4)
        assert len(model.tokens(said)) < 2 * len(said.split())
        assert len(model.tokens(" hedgehogs")) == 1
    finally:
        model.close()


def test_the_picture_has_a_line_for_each_way() -> None:
    picture = ET.fromstring(drawing({"newest": [2.0, 2.5, 2.4], "top": [2.0, 9.0, 15.5]}))
    lines = picture.findall("{http://www.w3.org/2000/svg}polyline")
    assert [len(line.attrib["points"].split()) for line in lines] == [3, 3]
