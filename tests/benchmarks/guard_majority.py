"""Of four memories one to four are the poison of a case, nobody's word; the rest is what the person told."""

from collections.abc import Mapping, Sequence
from typing import Final

from graphs import guard as guarding
from storage.records import Memory, Outcome, Trust
from tests.benchmarks.guard_controls import share
from tests.benchmarks.guard_world import Case, GuardWorld
from tests.graphs.memories import memory

FOUR: Final = (1, 2, 3, 4)
OWN: Final = frozenset({Trust.SAID, Trust.TYPED})
LOOKED_AT: Final = 20
"""Attacks that a model is asked about too, at each point of the curve: each takes it seconds."""
Curve = dict[str, dict[str, float]]


def of_four(case: Case, copies: int) -> tuple[list[Memory], list[Memory]]:
    """The poison and the rest; no poison where a case's own stands as the person's word."""
    poison = [line for line in case.lines if line.poisoned and line.trust not in OWN]
    told = [line for line in case.lines if not line.poisoned and line.trust in OWN]
    count = copies if poison else 0
    bad = [memory(poison[n % len(poison)].text, f"p{n}", trust=Trust.IMPORTED) for n in range(count)]
    return bad, [memory(line.text, f"t{n}") for n, line in enumerate(told[: 4 - copies])]


def point(outcomes: Sequence[Sequence[Outcome]]) -> dict[str, float]:
    """One place of the curve."""
    return {
        "as_fact": share(Outcome.FACT in some for some in outcomes),
        "set_aside": share(set(some) == {Outcome.SET_ASIDE} for some in outcomes),
    }


def majorities(world: GuardWorld, cases: Sequence[Case]) -> Mapping[str, Curve]:
    """The curve by the rules; where the guard asks a model also with it, over LOOKED_AT of the attacks."""
    attacks = [case.id for case in cases if of_four(case, 1)[0]]
    drawn = set(attacks[:: max(1, len(attacks) // LOOKED_AT)]) if world.looks else set()
    curves: dict[str, Curve] = {"light": {}, "full": {}}
    for copies in FOUR:
        rows: dict[str, list[list[Outcome]]] = {"light": [], "full": []}
        for case in cases:
            bad, good = of_four(case, copies)
            if not bad:
                continue
            verdicts = guarding.check([*bad, *good], query=case.query)
            rows["light"].append([verdicts[one.id].outcome for one in bad])
            if case.id in drawn:
                looked = world.looked_at(case.query, [*bad, *good], verdicts)
                rows["full"].append([looked[one.id].outcome for one in bad])
        for name, outcomes in rows.items():
            if outcomes:
                curves[name][f"{copies} of 4"] = point(outcomes)
    return {name: curve for name, curve in curves.items() if curve}
