"""What the program and a model's process say to each other: JSON objects, one a message.

To the model, each with the `id` of a call:

    {"do": "stream", "id": 7, ...}    begin a call (serving.py knows what can be done)
    {"do": "stop", "id": 7}           end it soon

From the model, until `done` or `error` ends the call:

    {"is": "progress", "id": 7, "name": "reading", "share": 0.5}
    {"is": "chunk", "id": 7, "text": "Hello", "finish": null, "read": 0, "kind": "said"}
    {"is": "done", "id": 7, "value": ...}
    {"is": "error", "id": 7, "kind": "ModelError", "message": "...", "hint": "..."}

Nothing that crosses is code, as a pickled object would be.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from graphs.errors import ModelError, OutputCutError, PreemptedError, PromptTooLongError
from graphs.ports import ChatMessage, Sampling
from personas.errors import KeepsakeError

Message = dict[str, Any]
ERRORS: Final[Mapping[str, type[KeepsakeError]]] = {
    kind.__name__: kind for kind in (ModelError, OutputCutError, PreemptedError, PromptTooLongError)
}
"""Errors that keep their kind on the way; every other one arrives as a ModelError."""


@dataclass(frozen=True, slots=True)
class Orders:
    """How the model in the other process is to run, as its command line carries it."""

    name: str
    context_tokens: int
    threads: int | None = None
    states: str = ""
    thinking: bool = False
    gpu_layers: int = -1


@dataclass(frozen=True, slots=True)
class EmbedOrders:
    """How an embedding model in another process is to run."""

    key: str
    dimension: int
    most_tokens: int
    query_prefix: str
    passage_prefix: str
    threads: int


def orders_out(orders: Orders | EmbedOrders) -> str:
    """As one argument of a command line."""
    return json.dumps({"to": "embed" if isinstance(orders, EmbedOrders) else "talk", **asdict(orders)})


def orders_in(argument: str) -> Orders | EmbedOrders:
    """From one argument."""
    fields = json.loads(argument)
    return EmbedOrders(**fields) if fields.pop("to") == "embed" else Orders(**fields)


def vectors_out(vectors: NDArray[np.float32]) -> Message:
    """Vectors as text: of 32 bits each, in the machine's own order, since both ends are on it."""
    return {"shape": list(vectors.shape), "raw": base64.b64encode(vectors.tobytes()).decode("ascii")}


def vectors_in(fields: Message) -> NDArray[np.float32]:
    """Vectors as they arrived."""
    flat = np.frombuffer(base64.b64decode(fields["raw"]), dtype=np.float32)
    return flat.reshape(fields["shape"]).copy()


def packed(message: Message) -> bytes:
    """A message as it travels; half characters are replaced, since JSON cannot carry them."""
    return json.dumps(message, ensure_ascii=False).encode("utf-8", errors="replace")


def unpacked(raw: bytes) -> Message:
    """A message as it arrived."""
    message: Message = json.loads(raw)
    return message


def messages_out(messages: Sequence[ChatMessage]) -> list[list[str]]:
    """A prompt as pairs of role and content."""
    return [[message.role, message.content] for message in messages]


def messages_in(pairs: Sequence[Sequence[Any]]) -> list[ChatMessage]:
    """A prompt from pairs of role and content."""
    return [ChatMessage(role, content) for role, content in pairs]


def sampling_out(sampling: Sampling) -> Message:
    """How to draw tokens, as plain fields."""
    return asdict(sampling)


def error_out(error: BaseException) -> Message:
    """An error as plain fields."""
    if isinstance(error, KeepsakeError):
        return {"kind": type(error).__name__, "message": error.message, "hint": error.hint}
    words = f"The model failed for an unforeseen reason ({type(error).__name__})."
    return {"kind": ModelError.__name__, "message": words, "hint": "Try again; the log file says more."}


def error_in(fields: Message) -> KeepsakeError:
    """The error that was sent."""
    return ERRORS.get(fields["kind"], ModelError)(fields["message"], fields["hint"])
