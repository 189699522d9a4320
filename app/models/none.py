"""No language model: Keepsake recalls, and never pretends to talk."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphs.errors import ModelError
from graphs.ports import ChatMessage, Chunk, ModelInfo, Priority, Progress, Sampling, Skill, Stop


class NoModel:
    """A ChatModel that is not there."""

    @property
    def info(self) -> ModelInfo:
        """Its skill is NONE: nobody should ask it for more."""
        return ModelInfo(name="none", skill=Skill.NONE, context_tokens=0)

    def load(self, *, progress: Progress | None = None, stop: Stop | None = None) -> None:
        """There is nothing to load."""

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:  # noqa: ARG002
        """Nothing is read, so nothing counts."""
        return 0

    def stream(
        self,
        messages: Sequence[ChatMessage],  # noqa: ARG002
        sampling: Sampling,  # noqa: ARG002
        *,
        stop: Stop,  # noqa: ARG002
        priority: Priority = Priority.PERSON,  # noqa: ARG002
        progress: Progress | None = None,  # noqa: ARG002
    ) -> Iterator[Chunk]:
        """Raises ModelError."""
        raise _nobody()

    def structured(
        self,
        messages: Sequence[ChatMessage],  # noqa: ARG002
        schema: Mapping[str, Any],  # noqa: ARG002
        sampling: Sampling,  # noqa: ARG002
        *,
        stop: Stop,  # noqa: ARG002
        priority: Priority,  # noqa: ARG002
    ) -> dict[str, Any]:
        """Raises ModelError."""
        raise _nobody()

    def structured_many(
        self,
        prompts: Sequence[Sequence[ChatMessage]],  # noqa: ARG002
        schema: Mapping[str, Any],  # noqa: ARG002
        sampling: Sampling,  # noqa: ARG002
        *,
        stop: Stop,  # noqa: ARG002
        priority: Priority,  # noqa: ARG002
    ) -> list[dict[str, Any] | None]:
        """Raises ModelError."""
        raise _nobody()

    def read_ahead(self, messages: Sequence[ChatMessage], *, stop: Stop, later: bool = False) -> None:
        """There is nobody to read."""

    def keep(self) -> None:
        """There is nothing to keep."""

    def forget(self) -> None:
        """There is nothing to forget."""

    def close(self) -> None:
        """There is nothing to free."""


def _nobody() -> ModelError:
    return ModelError("No language model is chosen, so nobody can reply.", "Choose one on the model page.")
