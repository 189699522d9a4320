from datetime import datetime

from graphs.memory.quoting import LONGEST, NOTHING, answer
from storage.records import Role, Trust
from tests.graphs.memories import memory


def day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def test_nothing_found_is_said_plainly() -> None:
    assert answer([], [], day) == NOTHING


def test_a_quotation_says_who_said_it_and_when() -> None:
    assert answer([memory()], [], day) == "You said on 3 May 2026: \u201cAna lives in Porto.\u201d"


def test_each_origin_is_named() -> None:
    leads = {
        Trust.TYPED: "You wrote on",
        Trust.NOTED: "Noted from what you said on",
        Trust.IMPORTED: "Imported, unconfirmed",
    }
    for trust, lead in leads.items():
        assert answer([memory(trust=trust)], [], day).startswith(lead)
    own = memory(trust=Trust.INFERRED, speaker=Role.ASSISTANT)
    assert answer([], [own], day).startswith("I said on")


def test_facts_come_before_what_is_unconfirmed() -> None:
    text = answer([memory("a fact")], [memory("hearsay", trust=Trust.IMPORTED, speaker_name="Tim")], day)
    assert text.index("a fact") < text.index("Tim") < text.index("hearsay")


def test_a_long_text_is_cut_at_a_word() -> None:
    text = answer([memory("word " * 200)], [], day)
    assert len(text) < LONGEST + 60
    assert text.endswith("word …\u201d")
