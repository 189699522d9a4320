"""What llama.cpp was built for, and where layers go: by scripted bindings, and once by the real ones."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.models import native
from app.models.build import Build, asked, build, look, processor
from app.models.native import ALL_LAYERS, NativeModel, placed
from graphs.errors import ModelError
from tests.fakes import tiny_gguf

TOLD = b"CPU : SSE3 = 1 | AVX2 = 1 | FMA = 1 | AVX512 = 0 | OPENMP = 1 | "


def bindings(*, gpu: bool) -> SimpleNamespace:
    """llama.cpp's bindings as a build with or without a graphics card has them; no model ever loads."""
    given: list[int] = []

    def load(_path: bytes, parameters: SimpleNamespace) -> None:
        given.append(parameters.n_gpu_layers)

    return SimpleNamespace(
        llama_print_system_info=lambda: TOLD,
        llama_supports_gpu_offload=lambda: gpu,
        llama_model_default_params=lambda: SimpleNamespace(n_gpu_layers=ALL_LAYERS, progress_callback=None),
        llama_progress_callback=lambda function: function,
        llama_model_load_from_file=load,
        given=given,
    )


def test_a_build_tells_what_it_uses() -> None:
    told = look(bindings(gpu=True))
    assert told == Build(gpu=True, uses=("SSE3", "AVX2", "FMA", "OPENMP"))
    assert told.lacks(frozenset({"avx2", "fma", "avx512f"})) == ["AVX512"]
    assert told.lacks(frozenset({"avx2"})) == []


@pytest.mark.parametrize(
    ("gpu", "wanted", "given"),
    [(True, ALL_LAYERS, -1), (True, 12, 12), (False, ALL_LAYERS, 0), (False, 12, 0)],
)
def test_layers_go_to_the_graphics_card_where_there_is_one(gpu: bool, wanted: int, given: int) -> None:
    assert placed(bindings(gpu=gpu), wanted) == given


def test_a_model_that_does_not_fit_the_card_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    scripted = bindings(gpu=True)
    monkeypatch.setattr(native, "library", lambda: scripted)
    with pytest.raises(ModelError, match="fewer layers"):
        NativeModel(tiny_gguf.build(tmp_path / "tiny.gguf"), gpu_layers=20)
    assert scripted.given == [20]


def test_the_real_build_is_asked_in_another_process() -> None:
    found = build()
    assert found is not None
    assert found.uses
    assert not asked([sys.executable, "-c", "print('no')"])
    assert not asked(["/no/such/program"])


def test_the_processor_is_read_from_the_system(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("processor: 0\nflags\t\t: fpu avx2 fma\n")
    assert processor(tmp_path / "cpuinfo") == {"fpu", "avx2", "fma"}
