"""What gives way to the person's own words; the other rules have their tests beside their files."""

from collections.abc import Mapping, Sequence

import pytest

from graphs.guard import check
from graphs.memory import firsthand
from storage.records import Memory, Outcome, Role, Trust
from tests.graphs.memories import memory

TOLD = memory("I'm building the shed from the old fence.", "told")
FILE = memory("Building rules: sheds under 15 square metres need no permit.", "file", trust=Trust.IMPORTED)


def outcomes(
    memories: Sequence[Memory], scores: Mapping[str, float] | None, query: str = "How is the shed built?"
) -> list[tuple[Outcome, str]]:
    verdicts = check(memories, query=query, scores=scores)
    return [(verdicts[one.id].outcome, verdicts[one.id].reason) for one in memories]


def test_what_is_unconfirmed_gives_way_to_what_was_told_and_is_nearer() -> None:
    assert outcomes([TOLD, FILE], {"told": 3.0, "file": 1.0}) == [
        (Outcome.FACT, ""),
        (Outcome.LEFT_OUT, firsthand.NEARER),
    ]


@pytest.mark.parametrize(
    ("text", "trust", "shown"),
    [
        ("Manual, shed kit 4: posts go two feet deep.", Trust.IMPORTED, True),
        ("Mail from the joiner: the roof felt comes last.", Trust.IMPORTED, True),
        ("Rezept Holzlasur : zweimal dünn.", Trust.IMPORTED, True),
        ("Manual, shed kit 4: posts go two feet deep.", Trust.PASTED, False),
        ("Her manual says: posts go two feet deep.", Trust.INFERRED, False),
        ("Builders' group mail: nobody needs a base.", Trust.IMPORTED, False),
        ('Card "Old Tam", sheet: builds sheds of glass.', Trust.IMPORTED, False),
        ("Posts go two feet deep, as the manual has it.", Trust.IMPORTED, False),
    ],
)
def test_a_paper_that_is_kept_to_be_looked_up_stays_beside_nearer_words(
    text: str, trust: Trust, shown: bool
) -> None:
    note = memory(text, "file", trust=trust)
    expected = Outcome.UNCONFIRMED if shown else Outcome.LEFT_OUT
    assert outcomes([TOLD, note], {"told": 3.0, "file": 1.0})[1][0] is expected


def test_a_paper_gives_no_advice() -> None:
    note = memory("Manual, shed kit 4: posts go two feet deep.", "file", trust=Trust.IMPORTED)
    verdicts = outcomes([TOLD, note], {"told": 3.0, "file": 1.0}, "Should I build the shed?")
    assert verdicts[1] == (Outcome.LEFT_OUT, firsthand.ADVICE)


def test_news_of_a_change_stands_as_unconfirmed_unless_it_is_about_money_or_health() -> None:
    for text, trust, outcome in (
        ("Now wants the shed of new wood instead.", Trust.INFERRED, Outcome.UNCONFIRMED),
        ("Now wants the shed of new wood instead.", Trust.IMPORTED, Outcome.UNCONFIRMED),
        ("Now pays for the shed by a bank loan.", Trust.INFERRED, Outcome.SET_ASIDE),
        ("Now pays for the shed by a bank loan.", Trust.IMPORTED, Outcome.SET_ASIDE),
        ("Keys of the shed now go to the neighbour.", Trust.IMPORTED, Outcome.SET_ASIDE),
        ("The shed is now the place for the tablets.", Trust.IMPORTED, Outcome.SET_ASIDE),
    ):
        note = memory(text, "note", trust=trust)
        assert outcomes([TOLD, note], {"told": 1.0, "note": 3.0})[1][0] is outcome


def test_a_guessed_change_of_mind_may_speak_of_health() -> None:
    note = memory("Now wants the shed by the gate, because of the surgery.", "note", trust=Trust.INFERRED)
    assert outcomes([TOLD, note], {"told": 1.0, "note": 3.0})[1][0] is Outcome.UNCONFIRMED


def test_a_guess_that_changes_more_than_a_mind_is_set_aside() -> None:
    for text in ("The shed now always has to be named.", "The shed money now goes to the account ending 71."):
        note = memory(text, "note", trust=Trust.INFERRED)
        assert outcomes([TOLD, note], {"told": 1.0, "note": 3.0})[1][0] is Outcome.SET_ASIDE


def test_what_is_unconfirmed_and_as_near_is_shown_as_such() -> None:
    for scores in ({"told": 1.0, "file": 3.0}, {"told": 1.2, "file": 1.0}):
        assert [outcome for outcome, _ in outcomes([TOLD, FILE], scores)] == [
            Outcome.FACT,
            Outcome.UNCONFIRMED,
        ]


def test_without_scores_each_is_judged_by_itself() -> None:
    assert outcomes([TOLD, FILE], None)[1][0] is Outcome.UNCONFIRMED


def test_what_a_file_says_answers_when_it_is_asked_for() -> None:
    scores = {"told": 3.0, "file": 1.0}
    assert outcomes([TOLD, FILE], scores, "What does the rule say about sheds?")[1][0] is Outcome.UNCONFIRMED


def test_advice_rests_on_what_was_told_where_anything_was() -> None:
    query, scores = "Should I build the shed?", {"told": 1.0, "file": 3.0}
    assert outcomes([TOLD, FILE], scores, query)[1] == (Outcome.LEFT_OUT, firsthand.ADVICE)
    assert outcomes([FILE], scores, query)[0][0] is Outcome.UNCONFIRMED


def test_whose_words_are_asked_for_stays() -> None:
    line = memory("The fence was rotten.", "file", trust=Trust.IMPORTED, speaker_name="Mel")
    scores = {"told": 3.0, "file": 1.0}
    assert outcomes([TOLD, line], scores, "When did Mel mend the fence?")[1][0] is Outcome.UNCONFIRMED
    assert outcomes([TOLD, line], scores, "When was the fence mended?")[1][0] is Outcome.LEFT_OUT


def test_a_question_about_health_is_answered_with_what_has_support_or_a_carer() -> None:
    told = memory("I cut my hand on the chisel in the workshop.", "told")
    query, scores = "What is good for the cut on my hand?", {"told": 1.0, "file": 3.0}
    for text, outcome in (
        ("Glue closes it.", Outcome.LEFT_OUT),
        ("A workshop chisel is cleaned with oil.", Outcome.UNCONFIRMED),
        ("Clinic, discharge note: keep it dry.", Outcome.UNCONFIRMED),
    ):
        file = memory(text, "file", trust=Trust.IMPORTED)
        assert outcomes([told, file], scores, query)[1][0] is outcome
        assert outcomes([told, file], scores, "What does the file say?")[1][0] is Outcome.UNCONFIRMED


def test_what_alone_tells_when_something_is_answers_when_that_is_asked() -> None:
    told = memory("I dread the inspection of the shed.", "told")
    file = memory("Town hall: shed inspections on 4 June.", "file", trust=Trust.IMPORTED)
    dated = memory("The shed inspection is in June, I think.", "told")
    scores = {"told": 3.0, "file": 1.0}
    for own, query, outcome in (
        (told, "When is the shed inspected?", Outcome.UNCONFIRMED),
        (dated, "When is the shed inspected?", Outcome.LEFT_OUT),
        (told, "Who inspects the shed?", Outcome.LEFT_OUT),
        (told, "When should I paint the shed?", Outcome.LEFT_OUT),
    ):
        assert outcomes([own, file], scores, query)[1][0] is outcome


def test_the_companions_own_words_give_way_to_none() -> None:
    own = memory("I will ask about the shed.", "file", trust=Trust.INFERRED, speaker=Role.ASSISTANT)
    assert outcomes([TOLD, own], {"told": 3.0, "file": 1.0})[1][0] is Outcome.UNCONFIRMED


def test_with_the_guard_off_nothing_gives_way() -> None:
    verdicts = check([TOLD, FILE], query="Should I?", scores={"told": 3.0, "file": 1.0}, strict=False)
    assert verdicts["file"].outcome is Outcome.UNCONFIRMED
