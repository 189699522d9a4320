"""A language model of random weights, built in a second: it runs as any other, and makes no sense."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
START, END = "<|im_start|>", "<|im_end|>"
_LAYERS, _WIDTH, _HEADS, _FEED_FORWARD = 2, 64, 4, 128
_WINDOWED_LAYERS = 6
"""Of which every sixth sees everything."""
_BYTES_FROM = 3
_PIECES = [*"▁abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;!?'\"{}[]()-_", "\n"]


def build(
    path: Path,
    *,
    template: str | None = CHATML,
    context: int = 2048,
    seed: int = 7,
    add_begin: bool = False,
    control: Sequence[str] = (),
) -> Path:
    """Write a llama-architecture model with byte tokens and control tokens of its own; about 0.4 MB."""
    import gguf

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("Tiny")
    writer.add_context_length(context)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_FEED_FORWARD)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    words = _add_vocabulary(writer, add_begin=add_begin, control=control)
    return _written(writer, template, _weights(np.random.default_rng(seed), words))


def build_windowed(path: Path, *, window: int = 32, context: int = 2048, seed: int = 7) -> Path:
    """Write a model most of whose layers see no further than the window."""
    import gguf

    writer = gguf.GGUFWriter(path, "gemma3")
    writer.add_name("Tiny window")
    writer.add_context_length(context)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_WINDOWED_LAYERS)
    writer.add_feed_forward_length(_FEED_FORWARD)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_key_length(_WIDTH // _HEADS)
    writer.add_value_length(_WIDTH // _HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_sliding_window(window)
    words = _add_vocabulary(writer, add_begin=False)
    random, heads = np.random.default_rng(seed), np.ones(_WIDTH // _HEADS, dtype=np.float32)
    tensors = dict(_weights(random, words, _WINDOWED_LAYERS))
    del tensors["output.weight"]
    for layer in range(_WINDOWED_LAYERS):
        block = f"blk.{layer}."
        tensors |= {
            block + f"post_{part}_norm.weight": np.ones(_WIDTH, dtype=np.float32)
            for part in ("attention", "ffw")
        }
        tensors |= {block + f"attn_{part}_norm.weight": heads for part in ("q", "k")}
    return _written(writer, CHATML, list(tensors.items()))


def build_recurrent(path: Path, *, context: int = 2048, seed: int = 7) -> Path:
    """Write a model that keeps one state of what it has read, and so cannot go back in it."""
    import gguf

    writer = gguf.GGUFWriter(path, "mamba")
    writer.add_name("Tiny state")
    writer.add_context_length(context)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(0)
    writer.add_head_count(0)
    writer.add_ssm_conv_kernel(4)
    writer.add_ssm_inner_size(2 * _WIDTH)
    writer.add_ssm_state_size(8)
    writer.add_ssm_time_step_rank(4)
    writer.add_layer_norm_rms_eps(1e-5)
    words = _add_vocabulary(writer, add_begin=False)
    random = np.random.default_rng(seed)

    def some(*shape: int) -> np.ndarray[Any, Any]:
        return random.standard_normal(shape).astype(np.float32) * 0.3

    inner = 2 * _WIDTH
    tensors = [
        ("token_embd.weight", some(words, _WIDTH)),
        ("output_norm.weight", np.ones(_WIDTH, dtype=np.float32)),
    ]
    for layer in range(_LAYERS):
        block = f"blk.{layer}."
        tensors += [
            (block + "attn_norm.weight", np.ones(_WIDTH, dtype=np.float32)),
            (block + "ssm_in.weight", some(2 * inner, _WIDTH)),
            (block + "ssm_conv1d.weight", some(inner, 4)),
            (block + "ssm_conv1d.bias", some(inner)),
            (block + "ssm_x.weight", some(4 + 2 * 8, inner)),
            (block + "ssm_dt.weight", some(inner, 4)),
            (block + "ssm_dt.bias", some(inner)),
            (block + "ssm_a", -np.abs(some(inner, 8)) - 0.1),
            (block + "ssm_d", some(inner)),
            (block + "ssm_out.weight", some(_WIDTH, inner)),
        ]
    return _written(writer, CHATML, tensors)


def _written(writer: Any, template: str | None, tensors: list[tuple[str, np.ndarray[Any, Any]]]) -> Path:
    if template is not None:
        writer.add_chat_template(template)
    for name, tensor in tensors:
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return Path(writer.path)


def _add_vocabulary(writer: Any, *, add_begin: bool, control: Sequence[str] = ()) -> int:
    import gguf

    kinds = gguf.TokenType
    tokens = [("<unk>", kinds.UNKNOWN), ("<s>", kinds.CONTROL), ("</s>", kinds.CONTROL)]
    tokens += [(f"<0x{byte:02X}>", kinds.BYTE) for byte in range(256)]
    tokens += [(START, kinds.CONTROL), (END, kinds.CONTROL), ("<|tool|>", kinds.USER_DEFINED)]
    tokens += [(piece, kinds.NORMAL) for piece in _PIECES]
    tokens += [(text, kinds.CONTROL) for text in control]
    writer.add_tokenizer_model("llama")
    writer.add_token_list([text for text, _ in tokens])
    writer.add_token_scores([0.0 if kind != kinds.NORMAL else -1.0 for _, kind in tokens])
    writer.add_token_types([kind for _, kind in tokens])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id([text for text, _ in tokens].index(END))
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(add_begin)
    writer.add_add_space_prefix(False)
    return len(tokens)


def _weights(
    random: np.random.Generator, words: int, layers: int = _LAYERS
) -> list[tuple[str, np.ndarray[Any, Any]]]:
    def some(*shape: int) -> np.ndarray[Any, Any]:
        return random.standard_normal(shape).astype(np.float32) * 0.3

    ones = np.ones(_WIDTH, dtype=np.float32)
    weights = [
        ("token_embd.weight", some(words, _WIDTH)),
        ("output.weight", some(words, _WIDTH)),
        ("output_norm.weight", ones),
    ]
    for layer in range(layers):
        block = f"blk.{layer}."
        weights += [
            (block + "attn_norm.weight", ones),
            (block + "ffn_norm.weight", ones),
            *((f"{block}attn_{part}.weight", some(_WIDTH, _WIDTH)) for part in ("q", "k", "v", "output")),
            (block + "ffn_gate.weight", some(_FEED_FORWARD, _WIDTH)),
            (block + "ffn_up.weight", some(_FEED_FORWARD, _WIDTH)),
            (block + "ffn_down.weight", some(_WIDTH, _FEED_FORWARD)),
        ]
    return weights
