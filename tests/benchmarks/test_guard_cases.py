"""The guard's cases are what they say they are: well formed, each its own, in the shares asked for."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict

FOLDER = Path(__file__).parent / "guard_cases"
ATTACKS = FOLDER / "attacks.jsonl"
BENIGN = FOLDER / "benign.jsonl"
FRESH = FOLDER / "fresh.jsonl"
"""Attacks and benign cases by another hand, written without a look at the guard."""
NAMES = ("second", "third", "fourth", "fifth")
LATER = tuple(FOLDER / f"{name}.jsonl" for name in NAMES)
"""The same by other hands again."""
OTHERS = tuple(f"{name}-" for name in NAMES)
"""Whose patterns were tried on replies, not on the cases' own texts."""
ATTACK_KINDS = {
    "direct_instruction",
    "delayed_trigger",
    "identity_change",
    "false_preference",
    "medical_financial_harm",
    "split",
    "reflection_echo",
    "near_copy",
    "flattery_isolation",
    "card_payload",
}
BENIGN_KINDS = {
    "change_of_mind",
    "quoted_instruction",
    "unusual_fact",
    "date_corrected",
    "standing_wish",
    "honest_import",
}
# Two memories of different cases that share more of their words than this are one and the same.
NEAR = 0.8


class Memory(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str
    trust: Literal["said", "edited", "inferred", "imported"]
    said_on: date
    poisoned: bool
    lookalike: bool = False


class Case(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str
    kind: str
    query: str
    memories: list[Memory]
    variant: Literal["plain", "said", "majority"] | None = None
    followed: str | None = None
    used: str | None = None
    example: str | None = None
    """A reply that the pattern matches, where no text of the case shows that it can match at all."""


def read(file: Path) -> list[Case]:
    return [Case.model_validate_json(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def attacks() -> list[Case]:
    return read(ATTACKS)


@pytest.fixture(scope="module")
def benign() -> list[Case]:
    return read(BENIGN)


@pytest.fixture(scope="module")
def fresh_attacks() -> list[Case]:
    return [case for case in read(FRESH) if case.kind in ATTACK_KINDS]


@pytest.fixture(scope="module")
def fresh_benign() -> list[Case]:
    return [case for case in read(FRESH) if case.kind not in ATTACK_KINDS]


@pytest.fixture(scope="module")
def every_attack(attacks: list[Case], fresh_attacks: list[Case]) -> list[Case]:
    later = [case for file in LATER for case in read(file) if case.kind in ATTACK_KINDS]
    return attacks + fresh_attacks + later


@pytest.fixture(scope="module")
def every_benign(benign: list[Case], fresh_benign: list[Case]) -> list[Case]:
    later = [case for file in LATER for case in read(file) if case.kind in BENIGN_KINDS]
    return benign + fresh_benign + later


def hand(case: Case) -> str:
    """Whose case it is."""
    return next((name for name in NAMES if case.id.startswith(f"{name}-")), "")


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))


def matches(pattern: str | None, text: str | None) -> bool:
    return bool(pattern and text and re.search(pattern, text, re.IGNORECASE))


def near_pairs(cases: list[Case]) -> Iterator[tuple[str, str]]:
    """Pairs of memories of different cases that say nearly the same, found by their rarest shared words."""
    texts = [(words(memory.text), case.id, memory.text) for case in cases for memory in case.memories]
    spread = Counter(word for mine, _, _ in texts for word in mine)
    seen: dict[str, list[int]] = {}
    for number, (mine, case_id, text) in enumerate(texts):
        rarest_first = sorted(mine, key=lambda word: (spread[word], word))
        # Sets that overlap by more than NEAR share at least one word of these prefixes.
        prefix = rarest_first[: len(mine) - int(NEAR * len(mine)) + 1]
        for other in {other for word in prefix for other in seen.get(word, [])}:
            theirs, other_id, other_text = texts[other]
            if other_id != case_id and len(mine & theirs) > NEAR * len(mine | theirs):
                yield text, other_text
        for word in prefix:
            seen.setdefault(word, []).append(number)


def test_there_are_at_least_300_attacks_in_ten_kinds_and_as_many_that_are_benign(
    attacks: list[Case], benign: list[Case]
) -> None:
    kinds = Counter(case.kind for case in attacks)
    assert set(kinds) == ATTACK_KINDS
    assert min(kinds.values()) >= 30
    assert {case.kind for case in benign} == BENIGN_KINDS
    assert len(benign) >= 300


def test_the_fresh_cases_are_100_attacks_ten_of_a_kind_and_100_that_are_benign(
    fresh_attacks: list[Case], fresh_benign: list[Case]
) -> None:
    assert Counter(case.kind for case in fresh_attacks) == dict.fromkeys(ATTACK_KINDS, 10)
    kinds = Counter(case.kind for case in fresh_benign)
    assert set(kinds) == BENIGN_KINDS
    assert min(kinds.values()) >= 16
    assert len(fresh_benign) == 100


def test_every_line_is_written_as_json_writes_it() -> None:
    for file in (ATTACKS, BENIGN, FRESH, *LATER):
        for line in file.read_text(encoding="utf-8").splitlines():
            assert line == json.dumps(json.loads(line), ensure_ascii=False)


def test_an_id_names_its_kind_and_one_case_only(every_attack: list[Case], every_benign: list[Case]) -> None:
    ids = Counter(case.id for case in every_attack + every_benign)
    assert [case_id for case_id, count in ids.items() if count > 1] == []
    assert all(
        re.fullmatch(rf"((fresh|{'|'.join(NAMES)})-)?{case.kind}-\d{{3}}", case.id)
        for case in every_attack + every_benign
    )
    assert all(case.id.startswith("fresh-") for case in read(FRESH))
    assert not any(case.id.startswith("fresh-") for file in (ATTACKS, BENIGN) for case in read(file))


def test_a_case_has_four_to_seven_memories(every_attack: list[Case], every_benign: list[Case]) -> None:
    assert {case.id for case in every_attack + every_benign if not 4 <= len(case.memories) <= 7} == set()


def test_only_attacks_hold_poison_and_each_benign_case_one_lookalike(
    every_attack: list[Case], every_benign: list[Case]
) -> None:
    for case in every_attack:
        assert any(memory.poisoned for memory in case.memories), case.id
        assert not all(memory.poisoned for memory in case.memories), case.id
        assert not any(memory.lookalike for memory in case.memories), case.id
    for case in every_benign:
        assert not any(memory.poisoned for memory in case.memories), case.id
        assert sum(memory.lookalike for memory in case.memories) == 1, case.id


def test_an_attacks_variant_says_where_its_poison_stands(every_attack: list[Case]) -> None:
    for case in every_attack:
        poison = [memory for memory in case.memories if memory.poisoned]
        said = any(memory.trust in {"said", "edited"} for memory in poison)
        most = len(poison) * 2 > len(case.memories)
        assert case.variant == ("said" if said else "majority" if most else "plain"), case.id


@pytest.mark.parametrize("variant", ["said", "majority"])
def test_a_tenth_of_the_attacks_is_of_this_variant(
    attacks: list[Case], fresh_attacks: list[Case], variant: str
) -> None:
    for cases in (attacks, fresh_attacks):
        assert 0.08 <= sum(case.variant == variant for case in cases) / len(cases) <= 0.15


def test_a_followed_pattern_matches_poison_and_nothing_that_is_honest(every_attack: list[Case]) -> None:
    for case in every_attack:
        if case.id.startswith(OTHERS):
            continue
        poison = [memory.text for memory in case.memories if memory.poisoned]
        honest = [memory.text for memory in case.memories if not memory.poisoned]
        assert any(matches(case.followed, text) for text in [*poison, case.example]), case.id
        assert [text for text in [case.query, *honest] if matches(case.followed, text)] == [], case.id


def test_a_used_pattern_matches_the_lookalike_and_nothing_else(every_benign: list[Case]) -> None:
    for case in every_benign:
        if case.id.startswith(OTHERS):
            continue
        [lookalike] = [memory for memory in case.memories if memory.lookalike]
        others = [memory.text for memory in case.memories if not memory.lookalike]
        if case.used is None:
            # A wish about the way of answering leaves nothing that a pattern could find.
            assert case.id.startswith("fresh-standing_wish-"), case.id
            assert lookalike.trust in {"said", "edited"}, case.id
            continue
        assert matches(case.used, lookalike.text) or matches(case.used, case.example), case.id
        assert [text for text in [case.query, *others] if matches(case.used, text)] == [], case.id


def test_no_query_and_no_memory_is_told_twice(every_attack: list[Case], every_benign: list[Case]) -> None:
    # Different hands may have hit upon the same question.
    queries = Counter((hand(case), case.query.lower()) for case in every_attack + every_benign)
    assert [query for query, count in queries.items() if count > 1] == []
    assert list(near_pairs(every_attack + every_benign)) == []


def test_near_pairs_finds_what_comparing_all_would_find() -> None:
    def case(case_id: str, text: str) -> Case:
        memory = Memory(text=text, trust="said", said_on=date(2026, 5, 1), poisoned=False)
        return Case(id=case_id, kind="split", query="?", memories=[memory])

    cases = [
        case("split-001", "I keep the spare key under the third pot by the door"),
        case("split-002", "I keep the spare key under the fourth pot by the door"),
        case("split-003", "My sister keeps bees behind the mill"),
    ]
    assert list(near_pairs(cases)) == [(cases[1].memories[0].text, cases[0].memories[0].text)]


def test_attacks_come_with_honest_words_from_outside_as_benign_cases_do(
    attacks: list[Case],
    benign: list[Case],
    fresh_attacks: list[Case],
    fresh_benign: list[Case],
) -> None:
    """So that leaving out whatever the person did not say is no way to look good."""

    def outside(cases: list[Case]) -> float:
        held = [
            any(memory.trust in {"inferred", "imported"} and not memory.poisoned for memory in case.memories)
            for case in cases
        ]
        return sum(held) / len(held)

    assert outside(attacks) >= 0.3
    assert outside(fresh_attacks) >= 0.3
    assert outside(benign) >= 0.5
    assert outside(fresh_benign) >= 0.5
