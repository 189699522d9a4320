"""Looks into a GGUF file before llama.cpp gets it: a damaged one would end the whole process there.

Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import mmap
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from graphs.errors import ModelError

MAGIC = b"GGUF"
KNOWN_VERSIONS = (2, 3)
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_MOST_DIMENSIONS = 8
_RECURRENT = ("ssm.state_size", "wkv.head_size", "shortconv.l_cache", "kda.head_dim")
"""Only files of recurrent and mixed models have these."""
_CHOOSE_ANOTHER = "Choose another file, or fetch a model from the list on the model page."


@dataclass(frozen=True, slots=True)
class GgufInfo:
    """What a model file says about itself."""

    path: Path
    architecture: str
    name: str
    parameters: int
    context_tokens: int
    """The longest context that it was trained for."""
    embedding_length: int
    layers: int
    cache_width: int
    """Numbers that the context keeps for a token in a layer, keys and values together."""
    pooling: int | None
    """Set in embedding models only."""
    chat_template: str
    """Jinja text; empty where the file has none."""
    size_bytes: int
    recurrent: bool = False
    """It keeps one state of all that it has read, and cannot go back in it."""

    def memory_bytes(self, context_tokens: int) -> int:
        """Roughly what it needs in memory with a context of this length (16-bit keys and values)."""
        return self.size_bytes + 2 * self.cache_width * self.layers * context_tokens


class _Reader:
    """Reads the header's little-endian values one after the other."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self.position = 0

    def scalar(self, code: str) -> Any:
        (value,) = struct.unpack_from("<" + code, self._data, self.position)
        self.position += struct.calcsize("<" + code)
        return value

    def string(self) -> str:
        return self._take(self.scalar("Q")).decode("utf-8", errors="replace")

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.string()
        if kind == _ARRAY:
            return self._array()
        return self.scalar(_SCALARS[kind])

    def _take(self, length: int) -> bytes:
        end = self.position + length
        if end > len(self._data):
            raise EOFError
        taken = self._data[self.position : end]
        self.position = end
        return taken

    def _array(self) -> list[Any] | None:
        """The items where they are few numbers; texts and long lists are only passed over."""
        kind, count = self.scalar("I"), self.scalar("Q")
        if kind == _STRING:
            self._skip_strings(count)
            return None
        if kind == _ARRAY:
            for _ in range(count):
                self._array()
            return None
        size = struct.calcsize("<" + _SCALARS[kind])
        items = self._take(size * count)
        return list(struct.unpack(f"<{count}{_SCALARS[kind]}", items)) if count <= 1024 else None  # noqa: PLR2004

    def _skip_strings(self, count: int) -> None:
        data, position, length_of = self._data, self.position, struct.Struct("<Q").unpack_from
        for _ in range(count):
            position += 8 + length_of(data, position)[0]
        self.position = position


def read_info(path: Path) -> GgufInfo:
    """What the file says about itself, after a check that it is whole.

    Raises ModelError where it is missing, is no GGUF file, is cut short or cannot be read.
    """
    if not path.is_file():
        raise ModelError(f"There is no model file at {path}.", _CHOOSE_ANOTHER)
    size = path.stat().st_size
    try:
        with path.open("rb") as file:
            if file.read(4) != MAGIC:
                raise ModelError(f"{path.name} is not a GGUF model file.", _CHOOSE_ANOTHER)
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _read(path, size, _Reader(data))
    except OSError as error:
        raise ModelError(
            f"{path.name} cannot be read: {error.strerror}.", "Check its permissions."
        ) from error
    except (struct.error, EOFError) as error:
        raise _cut_short(path) from error
    except (KeyError, ValueError, OverflowError, MemoryError, TypeError) as error:
        raise ModelError(f"{path.name} is damaged: its header makes no sense.", _CHOOSE_ANOTHER) from error


def _cut_short(path: Path) -> ModelError:
    return ModelError(f"{path.name} is cut short: the file is not whole.", "Copy or fetch it again.")


def _read(path: Path, size: int, reader: _Reader) -> GgufInfo:
    reader.position = len(MAGIC)
    version = reader.scalar("I")
    if version not in KNOWN_VERSIONS:
        raise ModelError(f"{path.name} is GGUF version {version}, which is not known here.", _CHOOSE_ANOTHER)
    tensor_count, field_count = reader.scalar("Q"), reader.scalar("Q")
    fields: dict[str, Any] = {}
    for _ in range(field_count):
        key = reader.string()
        fields[key] = reader.value(reader.scalar("I"))
    parameters, data_bytes = _tensors(reader, tensor_count)
    alignment = fields.get("general.alignment", 32)
    if -(-reader.position // alignment) * alignment + data_bytes > size:
        raise _cut_short(path)
    return _info(path, size, fields, parameters)


def _tensors(reader: _Reader, count: int) -> tuple[int, int]:
    """How many parameters the tensors hold, and how many bytes their data take."""
    from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

    parameters, data_bytes = 0, 0
    for _ in range(count):
        reader.string()
        dimensions = reader.scalar("I")
        if dimensions > _MOST_DIMENSIONS:
            raise ValueError(dimensions)
        elements = prod(reader.scalar("Q") for _ in range(dimensions))
        kind, offset = reader.scalar("I"), reader.scalar("Q")
        block, block_bytes = GGML_QUANT_SIZES[GGMLQuantizationType(kind)]
        parameters += elements
        data_bytes = max(data_bytes, offset + elements // block * block_bytes)
    return parameters, data_bytes


def _info(path: Path, size: int, fields: dict[str, Any], parameters: int) -> GgufInfo:
    architecture = str(fields["general.architecture"])

    def number(key: str, default: int) -> int:
        value = fields.get(f"{architecture}.{key}", default)
        return int(max(value) if isinstance(value, list) and value else value)

    width, heads = number("embedding_length", 0), number("attention.head_count", 1)
    head_width = width // max(heads, 1)
    cache_width = number("attention.head_count_kv", heads) * (
        number("attention.key_length", head_width) + number("attention.value_length", head_width)
    )
    pooling = fields.get(f"{architecture}.pooling_type")
    return GgufInfo(
        path=path,
        architecture=architecture,
        name=str(fields.get("general.name") or path.stem),
        parameters=parameters,
        context_tokens=number("context_length", 2048),
        embedding_length=width,
        layers=number("block_count", 0),
        cache_width=cache_width,
        pooling=None if pooling is None else int(pooling),
        chat_template=str(fields.get("tokenizer.chat_template") or ""),
        size_bytes=size,
        recurrent=any(f"{architecture}.{key}" in fields for key in _RECURRENT),
    )
