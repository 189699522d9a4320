"""What a model server can do beyond what all of them can, found out from what it tells of itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

LLAMA_SERVER: Final = "llamacpp"
TAKE_OPTIONS: Final = frozenset({LLAMA_SERVER, "vllm", "sglang"})
"""`owned_by` of servers that pass options on to the model's chat template."""
TALK_SLOT, SIDE_SLOT = 0, 1


@dataclass(frozen=True, slots=True)
class Abilities:
    """What one server can do."""

    slots: int = 0
    """llama-server's, each of which keeps what it has read; 0 for other servers."""
    context_tokens: int | None = None
    """What its model holds; None where it does not tell."""
    takes_options: bool = False
    """Whether it passes options on to the chat template."""

    def options(self, *, side: bool, thinking: bool) -> dict[str, Any]:
        """What to send along: side work in a slot of its own leaves the talk read."""
        body: dict[str, Any] = {}
        if self.takes_options:
            body["chat_template_kwargs"] = {"enable_thinking": thinking}
        if self.slots:
            body |= {"cache_prompt": True, "return_progress": True}
        if self.slots > SIDE_SLOT:
            body["id_slot"] = SIDE_SLOT if side else TALK_SLOT
        return body


def listed(answer: Any) -> list[Mapping[str, Any]]:
    """The entries of a server's list of models."""
    entries = answer.get("data", []) if isinstance(answer, dict) else []
    return [entry for entry in entries if isinstance(entry, dict) and entry.get("id")]


def abilities(entry: Mapping[str, Any], props: Callable[[], Any]) -> Abilities:
    """From a model's entry in the list; `props` asks llama-server how it runs."""
    owner = str(entry.get("owned_by", "")).lower()
    context, slots = entry.get("max_model_len"), 0
    if owner == LLAMA_SERVER:
        told = props()
        told = told if isinstance(told, dict) else {}
        slots = _number(told.get("total_slots")) or 0
        settings = told.get("default_generation_settings")
        context = settings.get("n_ctx") if isinstance(settings, dict) else None
    return Abilities(slots=slots, context_tokens=_number(context), takes_options=owner in TAKE_OPTIONS)


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
