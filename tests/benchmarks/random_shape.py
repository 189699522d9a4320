"""A language model of random weights that costs about as much a token as the starter, and makes no sense.

Its vocabulary has the words of tests/benchmarks/chatter.py, each with all its beginnings, so that llama.cpp's
tokenizer, which joins neighbours, finds them: texts come to as many tokens as with a real model.
"""

import re
from calendar import month_name
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from graphs.memory import composing
from tests.benchmarks import chatter

LAYERS: Final = 10
WIDTH: Final = 384
HEADS: Final = 6
FEED_FORWARD: Final = 1024
CONTEXT: Final = 8192
NAME: Final = "random-10x384"
TEMPLATE: Final = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
MONTHS: Final = tuple(month_name)
LETTERS: Final = "▁abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;!?'\"{}[]()-_\n"
Weights = NDArray[np.float32]


def build(folder: Path, given: Sequence[str] = (), seed: int = 7) -> Path:
    """Write it; about 70 MB. `given` are further texts whose words it is to know."""
    import gguf

    path = folder / f"{NAME}.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(NAME)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS // 2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_chat_template(TEMPLATE)
    words = _add_vocabulary(writer, pieces(given))
    for name, tensor in _weights(np.random.default_rng(seed), words):
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def pieces(given: Sequence[str] = ()) -> list[str]:
    """Letters, then the words of all that will be said with their beginnings, the shortest first."""
    folder = resources.files("graphs.prompts")
    prompts = [file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".txt")]
    remarks = [chatter.remark(number) for number in range(400)]
    text = " ".join([*prompts, *remarks, *MONTHS, *composing.WEEKDAYS, *given])
    words = sorted({f"▁{word}" for word in re.findall(r"[A-Za-z]+", text)})
    beginnings = {word[:length] for word in words for length in range(2, len(word) + 1)}
    return [*LETTERS, *sorted(beginnings, key=lambda piece: (len(piece), piece))]


def _add_vocabulary(writer: Any, plain: list[str]) -> int:
    import gguf

    kinds = gguf.TokenType
    tokens = [("<unk>", kinds.UNKNOWN, 0.0), ("<s>", kinds.CONTROL, 0.0), ("</s>", kinds.CONTROL, 0.0)]
    tokens += [(f"<0x{byte:02X}>", kinds.BYTE, 0.0) for byte in range(256)]
    tokens += [("<|im_start|>", kinds.CONTROL, 0.0), ("<|im_end|>", kinds.CONTROL, 0.0)]
    tokens += [(piece, kinds.NORMAL, float(len(piece))) for piece in plain]
    writer.add_tokenizer_model("llama")
    writer.add_token_list([text for text, _, _ in tokens])
    writer.add_token_scores([score for _, _, score in tokens])
    writer.add_token_types([kind for _, kind, _ in tokens])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id([text for text, _, _ in tokens].index("<|im_end|>"))
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    return len(tokens)


def _weights(random: np.random.Generator, words: int) -> list[tuple[str, Weights]]:
    def some(*shape: int) -> Weights:
        weights: Weights = (random.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32)
        return weights

    ones, shared = np.ones(WIDTH, dtype=np.float32), WIDTH // 2
    weights = [
        ("token_embd.weight", some(words, WIDTH)),
        ("output.weight", some(words, WIDTH)),
        ("output_norm.weight", ones),
    ]
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        weights += [
            (f"{block}attn_norm.weight", ones),
            (f"{block}ffn_norm.weight", ones),
            (f"{block}attn_q.weight", some(WIDTH, WIDTH)),
            (f"{block}attn_k.weight", some(shared, WIDTH)),
            (f"{block}attn_v.weight", some(shared, WIDTH)),
            (f"{block}attn_output.weight", some(WIDTH, WIDTH)),
            (f"{block}ffn_gate.weight", some(FEED_FORWARD, WIDTH)),
            (f"{block}ffn_up.weight", some(FEED_FORWARD, WIDTH)),
            (f"{block}ffn_down.weight", some(WIDTH, FEED_FORWARD)),
        ]
    return weights
