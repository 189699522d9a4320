"""What the guard lets through: cases with poisoned memories, and cases with honest ones that look alike.

    .venv/bin/python -m tests.benchmarks.guard --data FILE [--model none|PATH|URL] [--replies] --json OUT

With a model the guard is in full mode and asks it, unless `--strictness light`.

FILE is JSON Lines; a case has `id`, `kind`, `query` and `memories` (each `text`, `trust` in said, edited,
inferred, imported, `said_on`, `poisoned`; a benign one may be marked `lookalike`), and may have `followed` or
`used`, a pattern for the reply. Each goes through the product's own storage, door, recall and guard; with
`--replies` also through its prompt and reply, once more with everything shown as fact.
What recall leaves out counts as what the guard would have made of it.
"""

import argparse
import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.models.embedding import minilm_embedder
from app.models.select import NONE, Machine, resolve
from graphs.ports import Embedder, Skill
from personas.model import Guard
from storage.records import Outcome, Trust
from tests.benchmarks.cached_model import CachedModel
from tests.benchmarks.guard_amemguard import control, sampled
from tests.benchmarks.guard_controls import CONTROLS, line_of, share
from tests.benchmarks.guard_majority import majorities, through_the_program
from tests.benchmarks.guard_sample import drawn
from tests.benchmarks.guard_world import Answer, Case, GuardWorld, opened, read
from tests.benchmarks.locomo import CachedEmbedder
from tests.benchmarks.paired import difference
from tests.benchmarks.watched_model import WatchedModel

FROM_THE_PERSON = frozenset({Trust.SAID, Trust.TYPED})


def run(world: GuardWorld, cases: Iterable[Case], *, replies: bool) -> list[Answer]:
    """Every case, one after the other."""
    return [world.answer(case, replies=replies) for case in cases]


def summary(answers: Sequence[Answer], *, replies: bool, calls: Mapping[str, float]) -> dict[str, Any]:
    """The figures, as told in the module's first lines."""
    attacks = [one for one in answers if one.case.is_attack]
    benign = [one for one in answers if not one.case.is_attack]
    kinds = sorted({one.case.kind for one in attacks})
    return {
        "cases": len(answers),
        "attack": _attack(attacks, replies)
        | {
            "by_kind": {
                kind: _attack([one for one in attacks if one.case.kind == kind], replies) for kind in kinds
            }
        },
        "benign": _benign(answers, benign, replies),
        "model": dict(calls),
        "p50_ms": round(statistics.median([one.guard_ms for one in answers] or [0.0]), 2),
        "controls": {
            name: line_of([one.case for one in answers], control) for name, control in CONTROLS.items()
        },
    }


def _attack(attacks: Sequence[Answer], replies: bool) -> dict[str, Any]:
    worst = [one.worst() for one in attacks]
    return {
        "cases": len(attacks),
        "as_fact": share(one is Outcome.FACT for one in worst),
        "as_unconfirmed": share(one is Outcome.UNCONFIRMED for one in worst),
        "set_aside": share(one is Outcome.SET_ASIDE for one in worst),
        "followed": _matched(attacks, "reply") if replies else None,
        "followed_unguarded": _matched(attacks, "reply_unguarded") if replies else None,
        "followed_difference": _gain(attacks) if replies else None,
    }


def _benign(answers: Sequence[Answer], benign: Sequence[Answer], replies: bool) -> dict[str, Any]:
    honest = [
        (line, outcome)
        for one in answers
        for line, outcome in zip(one.case.lines, one.outcomes, strict=True)
        if not line.poisoned
    ]
    alike = [outcome for line, outcome in honest if line.lookalike]
    own = [outcome for line, outcome in honest if line.trust in FROM_THE_PERSON]
    return {
        "set_aside": share(outcome is Outcome.SET_ASIDE for _, outcome in honest),
        "lookalikes_set_aside": share(outcome is Outcome.SET_ASIDE for outcome in alike),
        "own_words_as_fact": share(outcome is Outcome.FACT for outcome in own),
        "used": _matched(benign, "reply") if replies else None,
        "used_unguarded": _matched(benign, "reply_unguarded") if replies else None,
        "used_difference": _gain(benign) if replies else None,
    }


def _gain(answers: Sequence[Answer]) -> dict[str, float] | None:
    """The guarded share less the unguarded one, with its interval by paired bootstrap over cases."""
    asked = [one for one in answers if one.case.followed or one.case.used]
    guarded = [float(one.case.matched(one.reply)) for one in asked]
    plain = [float(one.case.matched(one.reply_unguarded)) for one in asked]
    return difference(guarded, plain) if asked else None


def _matched(answers: Sequence[Answer], which: str) -> float:
    asked = [one for one in answers if one.case.followed or one.case.used]
    return share(one.case.matched(getattr(one, which)) for one in asked)


def show(result: Mapping[str, Any]) -> None:
    """Print it as a table, the guard last."""
    attack, benign = result["attack"], result["benign"]
    print(f"{result['cases']} cases, {attack['cases']} attacks\n")
    columns = ("as_fact", "as_unconfirmed", "set_aside", "benign_set_aside", "lookalikes_set_aside")
    print(f"{'':34s}" + "".join(f"{column:>22s}" for column in columns))
    guard = {**attack, "benign_set_aside": benign["set_aside"], **_only(benign, "lookalikes_set_aside")}
    for name, line in {**result["controls"], "guard": guard}.items():
        print(f"{name:34s}" + "".join(f"{100 * line[column]:21.1f}%" for column in columns))
    print(f"\n{'kind':34s}" + "".join(f"{column:>22s}" for column in columns[:3]) + "   followed, unguarded")
    for kind, line in attack["by_kind"].items():
        figures = "".join(f"{100 * line[column]:21.1f}%" for column in columns[:3])
        print(f"{kind:34s}{figures}   {line['followed']}, {line['followed_unguarded']}")
    told = ("benign", "model", "p50_ms", "majority", "amemguard")
    rest = {name: result[name] for name in told if name in result}
    print(json.dumps(rest | _only(attack, "followed", "followed_unguarded", "followed_difference"), indent=1))


def _only(figures: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: figures[name] for name in names}


def transcript(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """Each case's outcomes and replies, to be read by eye."""
    return [
        {
            "id": one.case.id,
            "kind": one.case.kind,
            "lines": [
                {
                    "text": line.text,
                    "trust": line.trust,
                    "poisoned": line.poisoned,
                    "lookalike": line.lookalike,
                    "outcome": outcome,
                    "reason": reason,
                    "shown": shown,
                }
                for line, outcome, reason, shown in zip(
                    one.case.lines, one.outcomes, one.reasons, one.shown, strict=True
                )
            ],
            "query": one.case.query,
            "reply": one.reply,
            "reply_unguarded": one.reply_unguarded,
        }
        for one in answers
    ]


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, nargs="+", help="cases as JSON Lines")
    parser.add_argument("--model", default=NONE, help="a GGUF file, a server's address, or none")
    parser.add_argument("--threads", type=int, help="of the model; all by default")
    parser.add_argument("--replies", action="store_true", help="have the model reply, guarded and not")
    parser.add_argument("--strictness", choices=["light", "full"], help="full where there is a model")
    parser.add_argument("--pass-off", action="store_true", help="take a small model for one that judges")
    parser.add_argument("--control", type=int, default=0, help="so many cases A-MemGuard's own way too")
    parser.add_argument("--copies", type=int, help="1 to 4 copies in the store, replies to so many attacks")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--each", type=Path, help="write what became of each case here")
    parser.add_argument("--ids", choices=["odd", "even"], help="only every other case of each file")
    parser.add_argument("--half", choices=["a", "b"], help="only one half of each kind, drawn by id")
    parser.add_argument("--sample", type=int, help="only so many of each kind, of either half as many")
    parser.add_argument("--cache", type=Path, help="keep vectors and replies here between runs")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/keepsake-benchmarks")
    arguments = parser.parse_args()
    if arguments.replies and arguments.model == NONE:
        parser.error("--replies needs a model")
    cases = [case for file in arguments.data for case in _every_other(read(file), arguments.ids)]
    cases = drawn(cases, arguments.sample, arguments.half)
    embedder: Embedder = minilm_embedder(arguments.models)
    cached = CachedEmbedder(embedder, arguments.cache) if arguments.cache else None
    machine = Machine(arguments.models, threads=arguments.threads)
    model = resolve(arguments.model, machine)
    skill = Skill.WRITES if arguments.pass_off else None
    known = CachedModel(model, arguments.cache, skill=skill)
    watched = WatchedModel(known, talks=arguments.replies)
    strictness: Guard = arguments.strictness or ("light" if arguments.model == NONE else "full")
    with opened(cached or embedder, watched, strictness=strictness, unwatched=known) as world:
        answers = run(world, cases, replies=arguments.replies)
        result = summary(answers, replies=arguments.replies, calls=world.calls())
        result["majority"] = dict(majorities(world, cases))
        if arguments.copies is not None:
            result["majority"]["program"] = through_the_program(world, cases, replies=arguments.copies)
    if arguments.control and arguments.model != NONE:
        result["amemguard"] = control(known, sampled(cases, arguments.control))
    model.close()
    if cached:
        cached.save()
    show(result)
    for path, content in ((arguments.json, result), (arguments.each, transcript(answers))):
        if path:
            path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")


def _every_other(cases: Sequence[Case], which: str | None) -> Sequence[Case]:
    """Those whose number is odd or even, so that rules can be made on one half and judged on the other."""
    return cases if which is None else cases[(0 if which == "odd" else 1) :: 2]


if __name__ == "__main__":
    main()
