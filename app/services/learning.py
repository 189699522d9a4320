"""What a persona has learnt about what the person needs: to be seen, and to be let go."""

from collections.abc import Mapping, Sequence
from typing import Final

from app.services.stores import Stores
from app.services.views import LearntView
from app.services.words import count
from graphs.learning import Experience

PARTS: Final[Mapping[str, str]] = {
    "meaning": "what a memory means",
    "words": "the very words",
    "speaker": "who said it",
    "beside_meaning": "what the words around it mean",
    "beside_words": "the words around it",
    "session": "the talk that it is from",
    "length": "how much it says",
    "statement": "that it states something",
    "turn": "that it is just as it was said",
    "trust": "where it comes from",
    "past_use": "that it was of use before",
    "period": "that it is of the time asked about",
    "when": "that it tells when",
    "kin_meaning": "what was made of the same words",
    "kin_words": "the words of what was made of it",
    "oneself": "that somebody speaks of themselves",
}
CLEARLY: Final = 0.15
"""A part counts for clearly more or less once its weight has moved so far, in shares of it."""
NOTHING: Final = (
    "Nothing yet. Each reply that uses some of the memories shown to it and not others teaches a little."
)


class LearningService:
    """What was learnt from replies, in words."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def state(self, persona_id: str) -> LearntView:
        """How much a persona has learnt, what, and whether it helps."""
        try:
            learned = self._stores.learned.newest(persona_id)
            learnt = Experience.of(learned) if learned else Experience.begin()
        except ValueError:
            return LearntView(
                0, 0.0, "What was learnt is damaged and not used; it is learnt anew.", can_reset=True
            )
        if not learnt.turns:
            return LearntView(0, 0.0, NOTHING, can_reset=False)
        weight = learnt.blend.weight
        return LearntView(learnt.turns, weight, _sentences(learnt), can_reset=True)

    def reset(self, persona_id: str) -> str:
        """Let go of what a persona has learnt, and say so. Memories stay as they are."""
        self._stores.personas.get(persona_id)
        turns = self._stores.learned.reset(persona_id)
        if not turns:
            return "There was nothing learnt to let go of."
        return f"Let go of what {count(turns, 'reply', 'replies')} had taught; memories are as they were."


def _sentences(learnt: Experience) -> str:
    start = dict(zip(learnt.ranker.names, learnt.ranker.start.tolist(), strict=True))
    moved = dict(zip(learnt.ranker.names, learnt.ranker.weights.tolist(), strict=True))
    share = {name: (moved[name] - start[name]) / (start[name] or 1.0) for name in start}
    more = [
        PARTS.get(name, name)
        for name in sorted(share, key=lambda name: -share[name])
        if share[name] > CLEARLY
    ]
    less = [
        PARTS.get(name, name)
        for name in sorted(share, key=lambda name: share[name])
        if share[name] < -CLEARLY
    ]
    told = [f"Learnt from {count(learnt.turns, 'reply', 'replies')}."]
    told += [f"Counts for more than at first: {_first(more)}."] if more else []
    told += [f"Counts for less: {_first(less)}."] if less else []
    return " ".join([*told, _how_it_does(learnt.blend.weight)])


def _first(names: Sequence[str], most: int = 3) -> str:
    return ", ".join(names[:most])


def _how_it_does(weight: float) -> str:
    if weight == 1:
        return "So far this brings what was used further up, so it is followed."
    if weight > 0:
        return "It seems to help, so it is followed in part."
    return "It is not sure that this helps, so it is not followed yet."
