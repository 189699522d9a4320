"""How much each way suspects a note: chains and their votes, a judge, kinds, and the bare text."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from graphs.guard_paths import AGAIN, LOOK, SAMPLING, prompt
from graphs.memory import paths
from graphs.ports import ChatModel, Embedder, Priority
from tests.benchmarks.guard_chains import Chain, judge, origin_of, text_of, write
from tests.benchmarks.guard_open import Note, Situation
from tests.benchmarks.guard_vote import agreement, conflict, heads
from tests.benchmarks.watched_model import WatchedModel
from tests.graphs.memories import memory

T = TypeVar("T")
CONTROL: Final = "bare texts, by trust"
BY_TRUST: Final = "chains, by trust"
KINDS: Final = "kinds"
JUDGE: Final = "judge"


@dataclass(frozen=True)
class Row:
    """A note, and how much each way suspects it."""

    case: str
    kind: str
    text: str
    group: str
    shown: bool
    chain: str
    scores: dict[str, float]


@dataclass
class Bench:
    """What it takes to score notes, and what each step took in tokens."""

    model: WatchedModel
    embedder: Embedder
    tokens: dict[str, int] = field(default_factory=dict)

    def rows(self, some: Sequence[Situation]) -> list[Row]:
        """The notes of some situations, scored by every way."""
        chains = self._counted("chains", lambda model: written(model, some))
        odd = self._counted(JUDGE, lambda model: judged(model, some, chains))
        kinds = self._counted(KINDS, lambda model: looked(model, some))
        return [
            row
            for one, its, which, kind in zip(some, chains, odd, kinds, strict=True)
            for row in self._scored(one, its, which, kind)
        ]

    def bare(self, some: Sequence[Situation]) -> list[Row]:
        """The notes by the control alone, which takes no model."""
        return [
            Row(one.id, one.kind, note.text, note.group, one.shown, "", {CONTROL: score})
            for one in some
            for note, score in zip(one.notes, self._votes(one, [n.text for n in _both(one)]), strict=True)
        ]

    def per_note(self, notes: int) -> dict[str, float]:
        """Tokens a note, read anew and drawn."""
        return {step: round(spent / max(1, notes), 1) for step, spent in self.tokens.items()}

    def _counted(self, step: str, ask: Callable[[ChatModel], T]) -> T:
        before = self.model.work.tokens
        found = ask(self.model)
        self.tokens[step] = self.tokens.get(step, 0) + self.model.work.tokens - before
        return found

    def _votes(self, one: Situation, texts: Sequence[str]) -> list[float]:
        """How little the voters agree with each note, by what they say in these texts."""
        vectors, count = self.embedder.embed(texts, "passage"), len(one.notes)
        trusts, own = [note.trust for note in one.notes], [note.trust for note in one.told]
        return [-vote for vote in agreement(vectors[:count], trusts, vectors[count:], own)]

    def _scored(
        self, one: Situation, chains: Sequence[Chain], odd: Sequence[bool], kind: Sequence[int]
    ) -> list[Row]:
        lines = [text_of(chain) for chain in chains]
        whole, first, rest = (
            self.embedder.embed(texts, "passage")
            for texts in (
                lines,
                [chain[0] for chain in chains],
                [" ".join(chain[1:]) for chain in chains],
            )
        )
        count, own = len(one.notes), [note.trust for note in one.told]
        ways: dict[str, Sequence[float]] = {
            CONTROL: self._votes(one, [note.text for note in _both(one)]),
            BY_TRUST: self._votes(one, lines),
            "chains, one vote a head": [-vote for vote in heads(whole[:count], whole[count:])],
            "chains, by field": conflict(first[:count], rest[:count], first[count:], rest[count:], own),
            JUDGE: [float(each) for each in odd],
            KINDS: [float(each) for each in kind],
        }
        return [
            Row(
                one.id,
                one.kind,
                note.text,
                note.group,
                one.shown,
                lines[place],
                {name: scores[place] for name, scores in ways.items()},
            )
            for place, note in enumerate(one.notes)
        ]


def _both(one: Situation) -> Sequence[Note]:
    return (*one.notes, *one.told)


def written(model: ChatModel, some: Sequence[Situation]) -> list[list[Chain]]:
    """The chains of each situation's notes and of what was told; the text, where one was cut."""
    asked = [(one.query, note) for one in some for note in _both(one)]
    texts = [note.text for _, note in asked]
    chains = iter(chain or ("", "", text) for chain, text in zip(write(model, asked), texts, strict=True))
    return [[next(chains) for _ in _both(one)] for one in some]


def judged(
    model: ChatModel, some: Sequence[Situation], chains: Sequence[Sequence[Chain]]
) -> list[list[bool]]:
    """Which notes the judge chose; what was told is numbered first, and can be chosen as well."""
    listed = [_told_first(one) for one in some]
    asked = [
        (one.query, [(origin_of(note), its[place]) for place, note in lines])
        for one, its, lines in zip(some, chains, listed, strict=True)
    ]
    found = zip(some, listed, judge(model, asked), strict=True)
    odd = [(one, None if chosen is None else lines[chosen][0]) for one, lines, chosen in found]
    return [[place == which for place in range(len(one.notes))] for one, which in odd]


def _told_first(one: Situation) -> list[tuple[int, Note]]:
    lines = list(enumerate(_both(one)))
    return [*lines[len(one.notes) :], *lines[: len(one.notes)]]


def looked(model: ChatModel, some: Sequence[Situation]) -> list[list[int]]:
    """The product's own look at each note: 0 plain, 1 suspect at the first look, 2 refused at the second."""
    asked = [(one.query, note) for one in some for note in one.notes]
    first = _kinds(model, asked, LOOK)
    suspects = [place for place, kind in enumerate(first) if kind in paths.SUSPECT]
    again = dict(zip(suspects, _kinds(model, [asked[place] for place in suspects], AGAIN), strict=True))
    scores = iter([(place in again) + (again.get(place) in paths.REASONS) for place in range(len(asked))])
    return [[next(scores) for _ in one.notes] for one in some]


def _kinds(model: ChatModel, asked: Sequence[tuple[str, Note]], examples: str) -> list[paths.Kind | None]:
    prompts = [prompt(query, memory(note.text, trust=note.trust), examples) for query, note in asked]
    answers = model.structured_many(
        prompts, paths.SCHEMA, SAMPLING, stop=threading.Event(), priority=Priority.GUARD
    )
    return [paths.read(answer) for answer in answers]
