"""An embedding model of random weights in BERT's architecture: it runs as any other, and means nothing."""

from pathlib import Path
from typing import Any

import numpy as np

from app.models.minilm import add_vocabulary

LAYERS, HEADS, FEED_FORWARD, POSITIONS = 2, 4, 64, 128
MEAN, FIRST, NONE = 1, 2, 0
"""GGUF's pooling types."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,:;!?'-"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_LETTERS, *(f"##{letter}" for letter in _LETTERS)]


def build(path: Path, *, width: int = 32, pooling: int | None = MEAN, seed: int = 7) -> Path:
    """Write the model; about 0.2 MB. Other `pooling`, same `seed`: the same weights."""
    import gguf

    writer = gguf.GGUFWriter(path, "bert")
    writer.add_name("Tiny finder")
    writer.add_context_length(POSITIONS)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_block_count(LAYERS)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    if pooling is not None:
        writer.add_pooling_type(gguf.PoolingType(pooling))
    add_vocabulary(writer, WORDS)
    for name, tensor in _weights(np.random.default_rng(seed), width):
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _weights(random: np.random.Generator, width: int) -> list[tuple[str, np.ndarray[Any, Any]]]:
    def some(*shape: int) -> np.ndarray[Any, Any]:
        return random.standard_normal(shape).astype(np.float32) * 0.3

    def norm(name: str) -> list[tuple[str, np.ndarray[Any, Any]]]:
        return [
            (f"{name}.weight", np.ones(width, dtype=np.float32)),
            (f"{name}.bias", np.zeros(width, dtype=np.float32)),
        ]

    def linear(name: str, rows: int, columns: int) -> list[tuple[str, np.ndarray[Any, Any]]]:
        return [(f"{name}.weight", some(rows, columns)), (f"{name}.bias", some(rows))]

    weights = [
        ("token_embd.weight", some(len(WORDS), width)),
        ("position_embd.weight", some(POSITIONS, width)),
        ("token_types.weight", some(2, width)),
        *norm("token_embd_norm"),
    ]
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            weights += linear(f"{block}.{part}", width, width)
        weights += norm(f"{block}.attn_output_norm")
        weights += linear(f"{block}.ffn_up", FEED_FORWARD, width)
        weights += linear(f"{block}.ffn_down", width, FEED_FORWARD)
        weights += norm(f"{block}.layer_output_norm")
    return weights
