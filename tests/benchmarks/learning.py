"""What learning from use brings, online within one conversation: each question is asked, then learnt from.

    .venv/bin/python -m tests.benchmarks.learning --data locomo-dev.json [--orders 3] [--json OUT]
    ... --replies MODEL.gguf --questions 60     the product's attribution on replies instead of the evidence

Each conversation is stored and searched by the product; then its questions are gone through in several
orders. The signal: evidence turns among the five memories shown count as used. In `wrong`, one in five of
these citations goes to another memory shown; in `chance`, all do, as a control: what is learnt from that is
no knowledge of the person. Differences are to the plain order, in the same question.
"""

import argparse
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from app.models.embedding import minilm_embedder
from graphs import retrieval
from graphs.memory import ranking
from graphs.memory.blending import Blend, quality
from graphs.memory.choosing import choose
from graphs.memory.feature_ranker import FeatureRanker
from graphs.memory.question import understand
from graphs.memory.ranking import WEIGHTS, Candidate, Ranked, Scored
from graphs.memory.reranker import Reranker
from graphs.ports import Embedder
from storage.records import Memory
from tests.benchmarks.locomo import PERSONA, CachedEmbedder, Conversation, Loaded, Question, loaded, read
from tests.benchmarks.retrieval import measure

DEPTH = 20
AFTER = 30
"""Questions after which something should have been learnt."""
WRONG = 0.2
Row = NDArray[np.float64]
Signal = Callable[["Asked", Sequence[Scored]], Sequence[bool]]
START = np.array(list(WEIGHTS.values()))


@dataclass(frozen=True)
class Asked:
    """A question with all that the product found for it before ranking."""

    question: Question
    vector: Row
    candidates: Sequence[Candidate]
    vectors: Mapping[str, Row]
    evidence: frozenset[str]
    """As memory ids."""


@dataclass(frozen=True)
class Sitting:
    """A conversation with its questions, ready to be gone through in any order."""

    conversation: Conversation
    asked: Sequence[Asked]
    memories: Mapping[str, Memory]
    chosen: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict)
    """Which are shown, by question and order; the same for most learners and rounds."""


def sittings(conversations: Sequence[Conversation], embedder: Embedder) -> Iterator[Sitting]:
    """Every conversation, stored and searched once."""
    for conversation in conversations:
        with loaded(conversation, embedder) as talk:
            asked = [_asked(talk, question) for question in conversation.questions]
            ids = {one.id for some in asked for one in some.candidates}
            yield Sitting(conversation, asked, {one.id: one for one in talk.memories.get_many(list(ids))})


def _asked(talk: Loaded, question: Question) -> Asked:
    met: list[Sequence[Candidate]] = []

    def keep(candidates: Sequence[Candidate], *rest: object, **named: object) -> list[Ranked]:
        met.append(candidates)
        return []

    with mock.patch.object(retrieval, "rank", keep):
        talk.retriever.search(PERSONA, question.text, limit=DEPTH, now=talk.now)
    understood = understand(question.text, talk.memories.speaker_names(PERSONA))
    vector = talk.retriever.embed(understood)
    assert vector is not None
    vectors = talk.index.vectors(PERSONA, [one.id for one in met[0]])
    return Asked(
        question,
        vector.astype(np.float64),
        met[0],
        {memory_id: own.astype(np.float64) for memory_id, own in vectors.items()},
        frozenset(memory_id for memory_id, turn in talk.turn_of.items() if turn in question.evidence),
    )


class Learner(Protocol):
    """An order that learns."""

    def order(self, asked: Asked, candidates: Sequence[Candidate]) -> list[Ranked]:
        """The best candidates, best first."""

    def learn(self, asked: Asked, shown: Sequence[Ranked], used: Sequence[bool]) -> None:
        """One turn has passed."""


class Plain:
    """The order as it is without learning."""

    def order(self, asked: Asked, candidates: Sequence[Candidate]) -> list[Ranked]:
        return ranking.rank(candidates, limit=DEPTH)

    def learn(self, asked: Asked, shown: Sequence[Ranked], used: Sequence[bool]) -> None:
        pass


@dataclass
class Features:
    """The ranker over features; `trust` says how far it is trusted, its blend unless told."""

    trust: Callable[[Blend], float] = lambda blend: blend.weight
    ranker: FeatureRanker = field(default_factory=lambda: FeatureRanker.untrained(WEIGHTS))
    blend: Blend = field(default_factory=Blend)

    def order(self, asked: Asked, candidates: Sequence[Candidate]) -> list[Ranked]:
        weights = START + self.trust(self.blend) * (self.ranker.weights - START)
        return ranking.rank(candidates, dict(zip(WEIGHTS, weights, strict=True)), limit=DEPTH)

    def learn(self, asked: Asked, shown: Sequence[Ranked], used: Sequence[bool]) -> None:
        if all(used) or not any(used):
            return
        features = np.array([one.features for one in shown])
        gain = quality(features @ self.ranker.weights, used) - quality(features @ START, used)
        self.blend = self.blend.after(gain)
        self.ranker = self.ranker.learn(features, used)


@dataclass
class Adapted:
    """RMM's reranker on the twenty best of another order."""

    inner: Learner
    trust: Callable[[Blend], float] = lambda blend: blend.weight
    step: float = 0.1
    reranker: Reranker = field(default_factory=lambda: Reranker.untrained(384))
    blend: Blend = field(default_factory=Blend)
    noise: np.random.Generator = field(default_factory=lambda: np.random.default_rng(3))

    def order(self, asked: Asked, candidates: Sequence[Candidate]) -> list[Ranked]:
        best = self.inner.order(asked, candidates)
        trust = self.trust(self.blend)
        if not trust:
            return best
        totals = self._totals(best) + trust * self._shift(asked, best)
        return [best[place] for place in np.argsort(-totals, kind="stable")]

    def learn(self, asked: Asked, shown: Sequence[Ranked], used: Sequence[bool]) -> None:
        best = self.inner.order(asked, asked.candidates)
        place = {one.id: at for at, one in enumerate(best)}
        seen = [(place[one.id], hit) for one, hit in zip(shown, used, strict=True) if one.id in place]
        if any(hit for _, hit in seen) and not all(hit for _, hit in seen):
            at, hits = [one for one, _ in seen], [hit for _, hit in seen]
            totals, shift = self._totals(best), self._shift(asked, best)
            gain = quality((totals + shift)[at], hits) - quality(totals[at], hits)
            self.blend = self.blend.after(gain)
            rewards = np.full(len(best), np.nan)
            rewards[at] = np.where(hits, 1.0, -1.0)
            rows = self._rows(asked, best)
            self.reranker = self.reranker.learn(asked.vector, rows, rewards, self.noise, step=self.step)
        self.inner.learn(asked, shown, used)

    def _shift(self, asked: Asked, best: Sequence[Ranked]) -> Row:
        return self.reranker.shift(asked.vector, self._rows(asked, best))

    @staticmethod
    def _totals(best: Sequence[Ranked]) -> Row:
        return np.array([one.total for one in best])

    @staticmethod
    def _rows(asked: Asked, best: Sequence[Ranked]) -> NDArray[np.float64]:
        return np.stack([asked.vectors[one.id] for one in best])


def always(blend: Blend) -> float:
    """Trusted without asking how it does."""
    return 1.0


LEARNERS: Mapping[str, Callable[[], Learner]] = {
    "features": Features,
    "features, unblended": lambda: Features(always),
    "reranker": lambda: Adapted(Plain()),
    "reranker, unblended": lambda: Adapted(Plain(), always),
    "reranker, the paper's step, unblended": lambda: Adapted(Plain(), always, 0.001),
    "both": lambda: Adapted(Features()),
}


def evidence(asked: Asked, shown: Sequence[Scored]) -> list[bool]:
    """The evidence turns are what is used."""
    return [one.memory.id in asked.evidence for one in shown]


def misled(share: float, chance: random.Random) -> Signal:
    """The evidence, but such a share of the citations go to another memory shown."""

    def signal(asked: Asked, shown: Sequence[Scored]) -> list[bool]:
        used = evidence(asked, shown)
        for place in [at for at, hit in enumerate(used) if hit]:
            others = [at for at, hit in enumerate(used) if not hit]
            if others and chance.random() < share:
                used[place], used[chance.choice(others)] = False, True
        return used

    return signal


def by_chance(chance: random.Random) -> Signal:
    """As many as are evidence, but any of those shown."""

    def signal(asked: Asked, shown: Sequence[Scored]) -> list[bool]:
        used = evidence(asked, shown)
        chance.shuffle(used)
        return used

    return signal


def go_through(
    sitting: Sitting, order: Sequence[int], learner: Learner, signal: Signal
) -> list[dict[str, float]]:
    """Each question in this order: how it was answered, then what is learnt from it."""
    uses: dict[str, int] = {}
    measured = []
    for place in order:
        asked = sitting.asked[place]
        candidates = [one._replace(uses=uses.get(one.id, 0)) for one in asked.candidates]
        found = learner.order(asked, candidates)
        measured.append(measure([one.id for one in found], asked.evidence))
        shown = _shown(sitting, asked, found)
        used = signal(asked, shown)
        ids = {one.memory.id for one in shown}
        learner.learn(asked, [one for one in found if one.id in ids], used)
        for one, hit in zip(shown, used, strict=True):
            uses[one.memory.id] = uses.get(one.memory.id, 0) + hit
    return measured


def _shown(sitting: Sitting, asked: Asked, found: Sequence[Ranked]) -> list[Scored]:
    """Those that the product would show to the model."""
    bm25 = {one.id: one.bm25 for one in asked.candidates}
    scored = [
        Scored(
            sitting.memories[one.id],
            one.total,
            {"cosine": float(asked.vectors[one.id] @ asked.vector), "bm25": bm25[one.id]},
        )
        for one in found
    ]
    key = (asked.question.text, *(one.id for one in found))
    if key not in sitting.chosen:
        sitting.chosen[key] = frozenset(one.scored.memory.id for one in choose(scored) if not one.left_out)
    return [one for one in scored if one.memory.id in sitting.chosen[key]]


SIGNALS: Mapping[str, Callable[[random.Random], Signal]] = {
    "evidence": lambda chance: evidence,
    "wrong": lambda chance: misled(WRONG, chance),
    "chance": by_chance,
}


def orders(sitting: Sitting, seeds: int) -> dict[str, list[list[int]]]:
    """Places of the questions: at random, by the time of what they ask for, one half of the topics first."""
    whole = range(len(sitting.asked))
    first = [min(_place(turn) for turn in one.question.evidence) for one in sitting.asked]
    by_time = sorted(whole, key=lambda place: first[place])
    shuffled, halved = [], []
    for seed in range(seeds):
        chance = random.Random(seed)
        shuffled.append(chance.sample(whole, len(whole)))
        halves = [by_time[: len(by_time) // 2], by_time[len(by_time) // 2 :]]
        chance.shuffle(halves)
        halved.append([place for half in halves for place in chance.sample(half, len(half))])
    return {"at random": shuffled, "in order of time": [by_time], "other topics in the second half": halved}


def _place(turn: str) -> tuple[int, int]:
    session, line = turn.removeprefix("D").split(":")
    return int(session), int(line)


@dataclass
class Run:
    """One learner gone through one conversation in one order: its gains over the plain order."""

    order: Sequence[int]
    recall: Row
    ndcg: Row


def compare(
    sitting: Sitting,
    places: Sequence[int],
    learner: Learner,
    signal: Signal,
    plain: Sequence[Mapping[str, float]],
) -> Run:
    """The gains in recall@10 and nDCG@10, question by question as they were asked."""
    measured = go_through(sitting, places, learner, signal)
    gains = {
        name: np.array([one[name] - plain[place][name] for one, place in zip(measured, places, strict=True)])
        for name in ("recall@10", "ndcg@10")
    }
    return Run(places, gains["recall@10"], gains["ndcg@10"])


def summary(runs: Sequence[tuple[str, Run]], kind: str) -> dict[str, float]:
    """One line of the table; `runs` are told apart by conversation."""
    begin = max(len(run.order) for _, run in runs) // 2 if kind.startswith("other") else AFTER
    recall, low, high = _spread([(name, run.order[begin:], run.recall[begin:]) for name, run in runs])
    ndcg, ndcg_low, ndcg_high = _spread([(name, run.order[begin:], run.ndcg[begin:]) for name, run in runs])
    shortest = min(len(run.order) for _, run in runs)
    paths = np.array([np.cumsum(run.recall[:shortest]) for _, run in runs]) / np.arange(1, shortest + 1)
    return {
        "recall@10": recall,
        "low": low,
        "high": high,
        "nDCG@10": ndcg,
        "nDCG low": ndcg_low,
        "nDCG high": ndcg_high,
        "worst point": float(paths.mean(axis=0).min()),
        "worst run": float(paths[:, AFTER:].min()),
    }


def _spread(parts: Sequence[tuple[str, Sequence[int], Row]], draws: int = 2000) -> tuple[float, float, float]:
    """The mean gain, and where 95% of the means lie if the questions are drawn anew."""
    own: dict[tuple[str, int], list[float]] = {}
    for name, places, gains in parts:
        for place, gain in zip(places, gains.tolist(), strict=True):
            own.setdefault((name, place), []).append(gain)
    means = np.array([float(np.mean(some)) for some in own.values()])
    drawn = np.random.default_rng(5).choice(means, (draws, len(means))).mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5]).tolist()
    return float(means.mean()), low, high


def results(
    sat: Sequence[Sitting], seeds: int, chosen: Sequence[str]
) -> dict[str, dict[str, dict[str, float]]]:
    """Every learner with every signal, by the kind of order."""
    found: dict[str, dict[str, list[tuple[str, Run]]]] = {}
    for sitting in sat:
        plain = go_through(sitting, range(len(sitting.asked)), Plain(), evidence)
        for kind, some in orders(sitting, seeds).items():
            for learner in chosen:
                for signal, make in SIGNALS.items():
                    runs = found.setdefault(kind, {}).setdefault(f"{learner}; {signal}", [])
                    runs += [
                        (
                            sitting.conversation.id,
                            compare(sitting, one, LEARNERS[learner](), make(random.Random(seed)), plain),
                        )
                        for seed, one in enumerate(some)
                    ]
    return {
        kind: {name: summary(runs, kind) for name, runs in lines.items()} for kind, lines in found.items()
    }


def show(result: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
    """Print it as tables."""
    for kind, lines in result.items():
        columns = list(next(iter(lines.values())))
        print(f"\n{kind:52s}" + "".join(f"{column:>13s}" for column in columns))
        for name, line in lines.items():
            print(f"{name:52s}" + "".join(f"{line[column]:+13.4f}" for column in columns), flush=True)


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a LoCoMo file")
    parser.add_argument("--orders", type=int, default=3, help="so many random orders of the questions")
    parser.add_argument("--learners", nargs="+", choices=list(LEARNERS), default=list(LEARNERS))
    parser.add_argument("--cache", type=Path, help="keep vectors here between runs")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/keepsake-benchmarks")
    arguments = parser.parse_args()
    embedder: Embedder = minilm_embedder(arguments.models)
    cached = CachedEmbedder(embedder, arguments.cache) if arguments.cache else None
    sat = list(sittings(read(arguments.data), cached or embedder))
    result = results(sat, arguments.orders, arguments.learners)
    show(result)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
