import struct
from pathlib import Path

import pytest

from app.models.gguf_file import read_info
from graphs.errors import ModelError
from tests.fakes import tiny_gguf


def test_header_tells_what_the_file_is(tiny_file: Path) -> None:
    info = read_info(tiny_file)
    assert (info.architecture, info.name, info.context_tokens) == ("llama", "Tiny", 2048)
    assert info.chat_template == tiny_gguf.CHATML
    assert info.pooling is None
    assert info.parameters == pytest.approx(128_000, rel=0.05)
    # 2 layers, 4 heads of 16 numbers, keys and values, 2 bytes each
    assert info.memory_bytes(1000) - info.size_bytes == 2 * 128 * 2 * 1000


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no model file at"):
        read_info(tmp_path / "nowhere.gguf")


def test_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no model file at"):
        read_info(tmp_path)


@pytest.mark.parametrize("content", [b"", b"GG", b"PK\x03\x04 a zip archive", b"not a model"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.gguf is not a GGUF model file"):
        read_info(path)


def test_file_cut_short_anywhere_is_refused(tiny_file: Path, tmp_path: Path) -> None:
    whole = tiny_file.read_bytes()
    path = tmp_path / "cut.gguf"
    for length in [4, 8, 20, 24, 100, 1000, 5000, len(whole) // 2, len(whole) - 1000]:
        path.write_bytes(whole[:length])
        with pytest.raises(ModelError, match="is cut short"):
            read_info(path)


def test_unknown_version_is_refused(tiny_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<I", 99) + tiny_file.read_bytes()[8:])
    with pytest.raises(ModelError, match="GGUF version 99"):
        read_info(path)


def test_header_of_nonsense_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.gguf"
    huge = 2**63
    for header in [
        struct.pack("<IQQ", 3, huge, 1) + struct.pack("<Q", huge) + b"x" * 64,
        struct.pack("<IQQ", 3, 1, 1) + struct.pack("<Q", 1) + b"k" + struct.pack("<I", 77) + b"x" * 64,
        struct.pack("<IQQ", 3, 1, 0) + struct.pack("<Q", 1) + b"t" + struct.pack("<I", 99) + b"x" * 64,
        struct.pack("<IQQ", 3, 0, 0) + b"x" * 64,
    ]:
        path.write_bytes(b"GGUF" + header)
        with pytest.raises(ModelError, match=r"is cut short|makes no sense"):
            read_info(path)
