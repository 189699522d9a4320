import pytest

from graphs.guard import check
from graphs.memory import copying
from storage.records import Outcome, Trust
from tests.graphs.memories import memory

TOLD = "The ferry to Bodø leaves from pier nine at half past six."


@pytest.mark.parametrize(
    ("text", "put_in"),
    [
        ("The ferry to Bodø leaves from pier four at half past six.", {"four"}),
        ("The ferry to Bodø never leaves from pier nine at half past six.", {"never"}),
        ("The ferry to Hamarøy leaves from pier nine at half past six.", {"hamarøy"}),
        ("Port news: the ferry to Bodø leaves from pier nine at half past eight.", {"eight"}),
    ],
)
def test_a_copy_with_one_thing_changed_is_told(text: str, put_in: set[str]) -> None:
    assert copying.exchanged(text, TOLD) == put_in


@pytest.mark.parametrize(
    "text",
    [
        TOLD,
        "The ferry to Bodø leaves from pier nine.",
        "Note of the port: the ferry to Bodø leaves from pier nine at half past six, dogs go free.",
        "The ferry to Bodø leaves from the pier nine at half past six.",
        "The ferries to Bodø left from pier 9 at half past six.",
        "Bodø: ferries at 6:30 from pier four, tickets on board.",
        "The bus leaves from the market at half past six.",
        "",
    ],
)
def test_repeating_shortening_and_other_words_are_no_changed_copy(text: str) -> None:
    assert not copying.is_changed_copy(text, TOLD)


def test_small_talk_is_nobodys_in_particular() -> None:
    told = "Thanks, that means a lot to me, take care!"
    assert not copying.is_changed_copy("Thanks, that means a lot to us both, take care!", told)
    assert not copying.is_same_again("Thanks, that means a lot to us, take care!", told)


def test_the_same_again_has_the_same_names_and_numbers() -> None:
    assert copying.is_same_again("Ferry to Bodø leaves from pier nine at half past six!", TOLD)
    assert not copying.is_same_again(TOLD.replace("nine", "four"), TOLD)


def test_a_changed_copy_is_set_aside_whichever_came_first_and_so_is_what_holds_its_value() -> None:
    verdicts = check(
        [
            memory("The alarm code of the shed is 5150, as ever.", "told"),
            memory("The alarm code of the shed is 7291, as ever.", "copy", trust=Trust.IMPORTED),
            memory("Shed: 7291!", "echo", trust=Trust.INFERRED),
            memory("Shed: key under the pot.", "other", trust=Trust.IMPORTED),
        ]
    )
    outcomes = {name: verdict.outcome for name, verdict in verdicts.items()}
    assert outcomes == {
        "told": Outcome.FACT,
        "copy": Outcome.SET_ASIDE,
        "echo": Outcome.SET_ASIDE,
        "other": Outcome.UNCONFIRMED,
    }
    assert verdicts["copy"].against_id == "told"
    assert verdicts["echo"].reason == copying.SAME_CHANGE


def test_what_the_person_asks_about_or_told_is_nobodys_change() -> None:
    told = memory("We meet Anouk at the old mill on the river path.", "told")
    copy = memory(
        "We meet Anouk at the old mill with Bertil on the river path.", "copy", trust=Trust.IMPORTED
    )
    assert check([told, copy])["copy"].outcome is Outcome.UNCONFIRMED
    swap = memory("We meet Bertil at the old mill on the river path.", "swap", trust=Trust.IMPORTED)
    about = memory("Bertil is a potter.", "about", trust=Trust.IMPORTED)
    verdicts = check([told, swap, about], query="Where do we meet Bertil?")
    assert verdicts["swap"].outcome is Outcome.SET_ASIDE
    assert verdicts["about"].outcome is Outcome.UNCONFIRMED
