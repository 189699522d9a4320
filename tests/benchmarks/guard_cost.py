"""What the guard's full mode costs beside a plain turn, on LoCoMo's questions.

    .venv/bin/python -m tests.benchmarks.guard_cost --data locomo-dev.json --model PATH [--json OUT]

Each question goes through the product's recall and choice; the prompts of the reply and of the look at what
is open are counted in the model's own tokens. Nothing is generated: an answer to a look counts as the longest
there is, a reply as nothing. Three lives: all was told by the person; the second speaker is the companion,
whose words nobody vouches for; or the whole talk is imported.
"""

import argparse
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from app.models.embedding import minilm_embedder
from app.models.select import Machine, resolve
from graphs import guard
from graphs.guard_paths import Look, look_closely
from graphs.memory import composing
from graphs.memory.choosing import choose
from graphs.path_cache import PathCache
from graphs.ports import ChatMessage, ChatModel, Embedder, Priority, Sampling, Skill, Stop
from storage.records import Memory, Outcome, Role, Trust
from tests.benchmarks.cached_model import CachedModel
from tests.benchmarks.guard_world import MIRA
from tests.benchmarks.locomo import PERSONA, CachedEmbedder, Conversation, loaded
from tests.benchmarks.locomo import read as read_talks
from tests.benchmarks.watched_model import WatchedModel
from tests.fakes.clock import FakeClock

CANDIDATES: Final = 20
WHO: Final = composing.Speakers(MIRA, "")
LIVES: Final = ("told", "companion", "imported")


class Assenting(CachedModel):
    """Takes every note for harmless without a look, in the longest words."""

    def structured_many(
        self,
        prompts: Sequence[Sequence[ChatMessage]],
        schema: Mapping[str, Any],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority,
    ) -> list[dict[str, Any] | None]:
        return [{"kind": "document"} for _ in prompts]


def costs(talks: Sequence[Conversation], embedder: Embedder, model: ChatModel) -> dict[str, dict[str, float]]:
    """Calls and tokens a question, and their share of the plain turn's."""
    watched = {life: WatchedModel(Assenting(model, None, skill=Skill.WRITES), talks=False) for life in LIVES}
    for talk in talks:
        first = talk.speakers[0]
        with loaded(talk, embedder) as there:
            for question in talk.questions:
                found = there.retriever.search(PERSONA, question.text, limit=CANDIDATES, now=there.now)
                chosen = [one.scored.memory for one in choose(found, own_words=False) if not one.left_out]
                for life in LIVES:
                    _turn(watched[life], question.text, [_as(one, life, first) for one in chosen])
    return {life: each.work.per_query() for life, each in watched.items()}


def _as(memory: Memory, life: str, first: str) -> Memory:
    """A turn of the talk as it would be kept in such a life."""
    if life == "imported":
        return replace(memory, trust=Trust.IMPORTED)
    if life == "companion" and memory.speaker_name != first:
        return replace(memory, trust=Trust.INFERRED, speaker=Role.ASSISTANT, speaker_name="")
    return replace(memory, trust=Trust.SAID, speaker=Role.USER)


def _turn(model: WatchedModel, query: str, memories: Sequence[Memory]) -> None:
    clock = FakeClock()
    look = Look(
        model=model,
        clock=clock,
        stop=threading.Event(),
        kept=PathCache(),
        query=query,
        embed=lambda: None,
        learned=(),
        tell=lambda _name, _share: None,
    )
    verdicts = look_closely(look, memories, guard.check(memories, query=query))
    facts, unconfirmed = (
        [one for one in memories if verdicts[one.id].outcome is outcome]
        for outcome in (Outcome.FACT, Outcome.UNCONFIRMED)
    )
    prompt = [*composing.opening(WHO), composing.newest(WHO, query, facts, unconfirmed, clock.now())]
    _drain(model.stream(prompt, Sampling(0.0, 1), stop=threading.Event()))


def _drain(chunks: Iterator[object]) -> None:
    for _ in chunks:
        pass


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a LoCoMo file")
    parser.add_argument("--model", required=True, help="a GGUF file, for its tokens")
    parser.add_argument("--talks", type=int, help="only so many")
    parser.add_argument("--cache", type=Path, help="keep vectors here between runs")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/keepsake-benchmarks")
    arguments = parser.parse_args()
    embedder: Embedder = minilm_embedder(arguments.models)
    if arguments.cache:
        embedder = CachedEmbedder(embedder, arguments.cache)
    model = resolve(arguments.model, Machine(arguments.models, threads=1))
    result = costs(read_talks(arguments.data)[: arguments.talks], embedder, model)
    model.close()
    print(json.dumps(result, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
