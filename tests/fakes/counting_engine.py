"""An Engine that counts the tokens which it takes in."""

from collections.abc import Sequence

from app.models.engine import Engine
from graphs.ports import Stop


class CountingEngine(Engine):
    """Put in the place of `app.models.loaded.Engine`, it tells what a model really reads."""

    taken = 0
    """Tokens read or drawn, of all lanes and branches."""

    def grow(self, tokens: Sequence[tuple[int, Sequence[int], int]], *, stop: Stop) -> bool:
        self.taken += sum(len(own) for _, own, _ in tokens)
        return super().grow(tokens, stop=stop)

    def _decode(self, tokens: Sequence[int]) -> bool:
        self.taken += len(tokens)
        return super()._decode(tokens)
