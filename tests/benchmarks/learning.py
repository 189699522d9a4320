"""What learning from use brings, online within one conversation: each question is asked, then learnt from.

    .venv/bin/python -m tests.benchmarks.learning --data locomo-dev.json [--orders 3] [--json OUT]
    ... --replies MODEL.gguf --questions 60     the product's attribution on replies instead of the evidence

Each conversation is stored and searched by the product; then its questions are gone through in several
orders. The signal: evidence turns among the five memories shown count as used. In `wrong`, one in five of
these citations goes to another memory shown; in `chance`, all do, as a control: what is learnt from that is
no knowledge of the person. Differences are to the plain order, in the same question.
"""

import argparse
import itertools
import json
import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.models.embedding import minilm_embedder
from graphs.learning import Experience
from graphs.memory.choosing import choose
from graphs.memory.ranking import Scored
from graphs.ports import Embedder
from graphs.retrieval import Retriever
from tests.benchmarks.learners import DEPTH, LEARNERS, Learner, Plain, Row, Sitting, shown_of, sittings
from tests.benchmarks.locomo import PERSONA, CachedEmbedder, Loaded, read
from tests.benchmarks.replies import Replies
from tests.benchmarks.retrieval import measure
from tests.benchmarks.ways import Method
from tests.benchmarks.ways import asked as understood

AFTER = 30
"""Questions after which something should have been learnt."""
WRONG = 0.2
Signal = Callable[[frozenset[str], Sequence[Scored]], Sequence[bool]]
"""Which of the memories shown count as used; the evidence is given by memory ids."""


def learned_method(product: Method) -> Method:
    """The product's own way to search, with learning."""
    return replace(product, name="product+learned", find=online())


def with_learning(chosen: Sequence[Method]) -> list[Method]:
    """The same ways to search, and the product's with learning."""
    product = next(method for method in chosen if method.name == "product")
    return [*chosen, learned_method(product)]


def online() -> Callable[[Loaded, str, NDArray[np.float32] | None], list[str]]:
    """The product's search, which learns from each question after it: a fifth of the citations are wrong."""
    learnt: dict[str, Experience] = defaultdict(Experience.begin)
    signal = misled(WRONG, random.Random(1))

    def find(talk: Loaded, text: str, vector: NDArray[np.float32] | None) -> list[str]:
        experience = learnt[talk.conversation.id]
        retriever = Retriever(
            talk.memories, talk.words, talk.index, talk.embedder, weights=experience.weights
        )
        found = retriever.find(PERSONA, understood(talk, text), vector, limit=DEPTH, now=talk.now)
        shown = [choice.scored for choice in choose(found) if not choice.left_out]
        question = next(one for one in talk.conversation.questions if one.text == text)
        answers = frozenset(
            one.memory.id for one in shown if talk.turn_of[one.memory.id] in question.evidence
        )
        used = signal(answers, shown)
        learnt[talk.conversation.id] = experience.after(np.array([one.features for one in shown]), used)
        return [one.memory.id for one in found]

    return find


def evidence(answers: frozenset[str], shown: Sequence[Scored]) -> list[bool]:
    """The evidence turns are what is used."""
    return [one.memory.id in answers for one in shown]


def misled(share: float, chance: random.Random) -> Signal:
    """The evidence, but such a share of the citations go to another memory shown."""

    def signal(answers: frozenset[str], shown: Sequence[Scored]) -> list[bool]:
        used = evidence(answers, shown)
        for place in [at for at, hit in enumerate(used) if hit]:
            others = [at for at, hit in enumerate(used) if not hit]
            if others and chance.random() < share:
                used[place], used[chance.choice(others)] = False, True
        return used

    return signal


def by_chance(chance: random.Random) -> Signal:
    """As many as are evidence, but any of those shown."""

    def signal(answers: frozenset[str], shown: Sequence[Scored]) -> list[bool]:
        used = evidence(answers, shown)
        chance.shuffle(used)
        return used

    return signal


def go_through(
    sitting: Sitting, order: Sequence[int], learner: Learner, signal: Signal, by: Learner | None = None
) -> list[dict[str, float]]:
    """Each question in this order: how it was answered, then what is learnt from it.

    What is shown is chosen by the learner's own order, or by another one.
    """
    uses: dict[str, int] = {}
    measured = []
    for place in order:
        asked = sitting.asked[place]
        candidates = [one._replace(uses=uses.get(one.id, 0)) for one in asked.candidates]
        found = learner.order(asked, candidates)
        measured.append(measure([one.id for one in found], asked.evidence))
        found = by.order(asked, candidates) if by else found
        shown = shown_of(sitting, asked, found)
        used = signal(asked.cited, shown)
        ids = {one.memory.id for one in shown}
        learner.learn(asked, [one for one in found if one.id in ids], used)
        for one, hit in zip(shown, used, strict=True):
            uses[one.memory.id] = uses.get(one.memory.id, 0) + hit
    return measured


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
    """One learner gone through one conversation: its gains over the plain order."""

    order: Sequence[int]
    recall: Row
    ndcg: Row


def compare(
    measured: Sequence[Mapping[str, float]], places: Sequence[int], plain: Sequence[Mapping[str, float]]
) -> Run:
    """The gains in recall@10 and nDCG@10, question by question as they were asked."""
    gains = {
        name: np.array([one[name] - plain[place][name] for one, place in zip(measured, places, strict=True)])
        for name in ("recall@10", "ndcg@10")
    }
    return Run(places, gains["recall@10"], gains["ndcg@10"])


def summary(runs: Sequence[tuple[str, Run]], kind: str) -> dict[str, float]:
    """One line of the table; `runs` are told apart by conversation."""
    half = kind.startswith("other")
    late = [(name, run, len(run.order) // 2 if half else AFTER) for name, run in runs]
    recall, low, high = _spread([(name, run.order[at:], run.recall[at:]) for name, run, at in late])
    ndcg, ndcg_low, ndcg_high = _spread([(name, run.order[at:], run.ndcg[at:]) for name, run, at in late])
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
    sat: Sequence[Sitting],
    seeds: int,
    chosen: Sequence[str],
    signals: Mapping[str, Callable[[random.Random], Signal]] = SIGNALS,
    by: Learner | None = None,
) -> dict[str, dict[str, dict[str, float]]]:
    """Every learner with every signal, by the kind of order; `by` as in `go_through`."""
    found: dict[str, dict[str, list[tuple[str, Run]]]] = {}
    for sitting in sat:
        plain = go_through(sitting, range(len(sitting.asked)), Plain(), evidence)
        for kind, some in orders(sitting, seeds).items():
            for name, signal in itertools.product(chosen, signals):
                runs = found.setdefault(kind, {}).setdefault(f"{name}; {signal}", [])
                for seed, places in enumerate(some):
                    told = signals[signal](random.Random(seed))
                    measured = go_through(sitting, places, LEARNERS[name](), told, by)
                    runs.append((sitting.conversation.id, compare(measured, places, plain)))
    return {
        kind: {name: summary(runs, kind) for name, runs in lines.items()} for kind, lines in found.items()
    }


def sampled(sitting: Sitting, replies: Replies, count: int) -> Sitting:
    """So many of a conversation's questions, with what replies used of what the plain order shows."""
    now = sitting.conversation.turns[-1].at + timedelta(days=1)
    asked, right, wrong, missed = [], 0, 0, 0
    for place in orders(sitting, 1)["at random"][0][:count]:
        one = sitting.asked[place]
        shown = [found.memory for found in shown_of(sitting, one, Plain().order(one, one.candidates))]
        hits = replies.used(one.question.text, shown, now)
        cited = frozenset(memory.id for memory, hit in zip(shown, hits, strict=True) if hit)
        asked.append(replace(one, cited=cited))
        right += len(cited & one.evidence)
        wrong += len(cited - one.evidence)
        missed += len(one.evidence.intersection(memory.id for memory in shown) - cited)
    print(
        f"{sitting.conversation.id}: {right} of {right + wrong} marked as used are evidence, {missed} missed"
    )
    return replace(sitting, asked=asked)


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
    parser.add_argument("--replies", type=Path, help="a GGUF chat model whose replies teach")
    parser.add_argument("--questions", type=int, default=60, help="of each conversation, with --replies")
    parser.add_argument("--conversations", type=int, default=10, help="so many of the first")
    parser.add_argument("--cache", type=Path, help="keep vectors here between runs")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/keepsake-benchmarks")
    arguments = parser.parse_args()
    embedder: Embedder = minilm_embedder(arguments.models)
    cached = CachedEmbedder(embedder, arguments.cache) if arguments.cache else None
    sat = list(sittings(read(arguments.data)[: arguments.conversations], cached or embedder))
    if arguments.replies:
        with Replies(arguments.replies, arguments.cache or arguments.models) as replies:
            sat = [sampled(sitting, replies, arguments.questions) for sitting in sat]
        signals = {"replies": SIGNALS["evidence"]}
        result = results(sat, arguments.orders, arguments.learners, signals, Plain())
    else:
        result = results(sat, arguments.orders, arguments.learners)
    show(result)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
