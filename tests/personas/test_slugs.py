import re

from hypothesis import given
from hypothesis import strategies as st

from personas.slugs import LONGEST, slug


def test_name_becomes_a_plain_id() -> None:
    assert slug("Zoë  O'Hara") == "zoe-o-hara"


def test_taken_id_gets_a_number() -> None:
    assert slug("Mira", {"mira", "mira-2"}) == "mira-3"


def test_name_without_latin_letters_still_gets_an_id() -> None:
    assert slug("Мира") == "persona"
    assert slug("…") == "persona"


@given(st.text(max_size=200))
def test_every_id_fits_a_file_and_a_collection_name(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", slug(name))
    assert len(slug(name)) <= LONGEST
