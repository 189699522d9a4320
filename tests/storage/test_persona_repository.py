from dataclasses import replace

import pytest

from personas.errors import NotFoundError, UserError
from personas.model import Persona
from tests.storage.store import Store

FULL = Persona(
    id="ada",
    name="Ada",
    tagline="exact, warm",
    avatar="ada.png",
    greeting="Hello {{user}}",
    description="d",
    personality="p",
    scenario="s",
    example_dialogue="<START>",
    reply_length="short",
    remembers="always",
    temperature=0.3,
    bundled=True,
    version=4,
    extensions={"depth": {"n": [1, "ü"]}},
)


def test_a_persona_comes_back_as_it_was(store: Store) -> None:
    store.personas.add(FULL)
    assert store.personas.get("ada") == FULL


def test_personas_are_listed_in_the_order_added(store: Store) -> None:
    for name in ("zoe", "ada"):
        store.personas.add(Persona(name, name.title()))
    assert [persona.id for persona in store.personas.list()] == ["mira", "zoe", "ada"]


def test_saving_raises_the_version_and_keeps_the_place(store: Store) -> None:
    store.personas.add(FULL)
    changed = replace(store.personas.get("mira"), tagline="dry", version=77)
    saved = store.personas.save(changed)
    assert saved == replace(changed, version=2) == store.personas.get("mira")
    assert store.personas.list()[0].id == "mira"


def test_an_id_can_be_taken_only_once(store: Store) -> None:
    with pytest.raises(UserError, match="mira"):
        store.personas.add(Persona("mira", "Another"))
    assert store.personas.get("mira").name == "Mira"


def test_what_is_not_there_is_said_to_be_not_there(store: Store) -> None:
    assert store.personas.find("nobody") is None
    for call in (store.personas.get, store.personas.delete):
        with pytest.raises(NotFoundError):
            call("nobody")
    with pytest.raises(NotFoundError):
        store.personas.save(Persona("nobody", "Nobody"))


def test_deleting_a_persona_deletes_what_belongs_to_it_and_nothing_else(store: Store) -> None:
    store.personas.add(FULL)
    for persona_id in ("mira", "ada"):
        talk = store.conversation(persona_id)
        store.remember("I like tea", store.say(talk.id, "I like tea"), persona_id=persona_id)
    kept = store.memories.ids("ada")
    gone = store.memories.ids("mira")
    store.personas.delete("mira")
    assert store.personas.list() == [FULL]
    assert store.conversations.list("mira") == []
    assert store.memories.ids("mira") == []
    assert store.memories.ids("ada") == kept
    assert [(entry.memory_id, entry.op) for entry in store.outbox.pending()] == [
        (kept[0], "upsert"),
        (gone[0], "remove"),
    ]
    for table in ("messages", "sessions", "sources", "revisions"):
        assert store.database.number(f"SELECT count(*) FROM {table}") == 1
