"""Several side tasks at the same time, over the part of their prompts that they share.

The shared part is read once, each task goes on from it in a sequence of its own, and one batch takes a token
of each: on two cores 1.3 to 1.5 times as quick as one after another, and nothing shared is read again.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Literal

from app.models.engine import BRANCHES, READ_TOKENS, SIDE_TOKENS, Engine, Lane, shared
from app.models.native import NativeModel
from graphs.errors import PromptTooLongError
from graphs.ports import Sampling, Stop


@dataclass(slots=True)
class Branch:
    """One task."""

    prompt: Sequence[int]
    finish: Literal["stop", "length"] | None = None
    drawn: list[int] = field(default_factory=list)

    @property
    def length(self) -> int:
        """Of all its tokens so far."""
        return len(self.prompt) + len(self.drawn)


class Begun:
    """What a batch had drawn when it was stopped: the next one like it goes on there."""

    def __init__(self) -> None:
        self._key: object = None
        self._branches: list[Branch] = []

    def keep(self, key: object, branches: Sequence[Branch]) -> None:
        """Remember them, in place of those before; `key` says how they were drawn."""
        self._key, self._branches = key, list(branches)

    def take(self, key: object, prompts: Sequence[Sequence[int]]) -> list[Branch]:
        """A branch for each prompt, begun or not; each is given once."""
        known = self._branches if key == self._key else []
        self._branches = []
        branches = []
        for prompt in prompts:
            found = next((one for one in known if list(one.prompt) == list(prompt)), None)
            known = [one for one in known if one is not found]
            branches.append(found or Branch(prompt))
        return branches

    def forget(self) -> None:
        """Remember nothing."""
        self._branches = []


def draw_all(
    engine: Engine,
    model: NativeModel,
    prompts: Sequence[Sequence[int]],
    sampling: Sampling,
    rules: str,
    *,
    stop: Stop,
    begun: Begun,
) -> list[Branch] | None:
    """What each prompt leads to, in the same order; None where `stop` ended it, and `begun` remembers.

    Raises PromptTooLongError.
    """
    common = min(len(prompt) - 1 for prompt in prompts)
    common = min([common, *(shared(prompts[0], prompt) for prompt in prompts[1:])])
    branches = begun.take((rules, sampling), prompts)
    left = [branch for branch in branches if branch.finish is None]
    done = not common or engine.read(prompts[0][:common], lane=Lane.SIDE, stop=stop)
    for group in _groups(left, common, sampling.max_tokens):
        done = done and _go_on(engine, model, group, sampling, rules, common=common, stop=stop)
    if not done:
        begun.keep((rules, sampling), branches)
    return branches if done else None


def _go_on(
    engine: Engine,
    model: NativeModel,
    group: Sequence[Branch],
    sampling: Sampling,
    rules: str,
    *,
    common: int,
    stop: Stop,
) -> bool:
    try:
        engine.branch(len(group) if common else 0)
        own_read = _read_own(engine, group, common, stop)
        return own_read and _draw(engine, model, group, sampling, rules, stop=stop)
    finally:
        engine.cut_branches()


def _groups(branches: Sequence[Branch], common: int, most: int) -> list[list[Branch]]:
    """As many at a time as fit into the side lane's room beside what they share."""
    groups: list[list[Branch]] = []
    room = 0
    for branch in branches:
        needs = len(branch.prompt) - common + most
        if common + needs > SIDE_TOKENS:
            raise PromptTooLongError("The question is too long for the model.", "Ask for less.")
        if not groups or needs > room or len(groups[-1]) == BRANCHES:
            groups.append([])
            room = SIDE_TOKENS - common
        groups[-1].append(branch)
        room -= needs
    return groups


def _read_own(engine: Engine, group: Sequence[Branch], common: int, stop: Stop) -> bool:
    """Read what each branch has of its own, but for the last token."""
    waiting = [
        (number, [*branch.prompt[common:], *branch.drawn][:-1], common) for number, branch in enumerate(group)
    ]
    while waiting := [(number, own, start) for number, own, start in waiting if own]:
        room, now = READ_TOKENS, []
        for place, (number, own, start) in enumerate(waiting):
            piece = own[:room]
            if piece:
                now.append((number, piece, start))
                waiting[place] = (number, own[len(piece) :], start + len(piece))
                room -= len(piece)
        if stop.is_set() or not engine.grow(now, stop=stop):
            return False
    return True


def _draw(
    engine: Engine,
    model: NativeModel,
    group: Sequence[Branch],
    sampling: Sampling,
    rules: str,
    *,
    stop: Stop,
) -> bool:
    """Draw a token of each, again and again, until all have ended."""
    with ExitStack() as drawing:
        draws = [drawing.enter_context(engine.drawing(sampling, rules, one.drawn)) for one in group]
        going = list(enumerate(group))
        while going:
            newest = [
                (number, (branch.drawn or branch.prompt)[-1:], branch.length - 1) for number, branch in going
            ]
            if stop.is_set() or not engine.grow(newest, stop=stop):
                return False
            for place, (number, branch) in enumerate(going):
                token = draws[number](place)
                if model.ends(token):
                    branch.finish = "stop"
                    continue
                branch.drawn.append(token)
                if len(branch.drawn) == sampling.max_tokens:
                    branch.finish = "length"
            going = [(number, branch) for number, branch in going if branch.finish is None]
    return True
