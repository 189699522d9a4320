from datetime import timedelta
from pathlib import Path

import pytest

from personas.errors import NotFoundError
from storage.records import Author, Granularity, Memory, MemoryState, Source, Trust
from tests.storage.store import Store
from tests.storage.test_erasure import SECRET, files_with


def note(store: Store, quote: str, **fields: object) -> Memory:
    said = store.say(store.conversation().id, quote)
    fields = {"granularity": Granularity.TOPIC, "trust": Trust.NOTED, "said_on": said.created} | fields
    return store.remember(quote, **fields, sources=(Source(said.id, quote),))  # type: ignore[arg-type]


def values(store: Store, memory: Memory) -> list[tuple[str, str]]:
    return [(claim.attribute, claim.value) for claim in store.claims.of(memory.id)]


def test_a_memorys_claims_are_written_with_it(store: Store) -> None:
    memory = note(store, "I live in Lyon and I work at the zoo.")
    assert values(store, memory) == [("home", "lyon"), ("work", "zoo")]


def test_claims_follow_an_edit_and_its_undoing(store: Store) -> None:
    memory = note(store, "I live in Lyon.")
    store.memories.change(
        memory.id, Author.USER, "edit", batch_id="b", text="I live in Nice.", trust=Trust.TYPED
    )
    assert values(store, memory) == [("home", "nice")]
    store.memories.undo("b", Author.USER)
    assert values(store, memory) == [("home", "lyon")]


def test_another_wording_by_a_model_leaves_claims_and_their_ends_as_they_are(store: Store) -> None:
    memory = note(store, "I live in Lyon and I work at the zoo.")
    other = note(store, "I moved to Kyoto.")
    store.claims.end(store.claims.of(memory.id)[0], by=other.id)
    store.memories.change(
        memory.id, Author.REFLECTION, "edit", text="Ida lives in Lyon and works at the zoo."
    )
    home, work = store.claims.of(memory.id)
    assert (home.ended_by, work.ended_by) == (other.id, None)


def test_only_claims_of_standing_memories_count(store: Store) -> None:
    lyon, nice = note(store, "I live in Lyon."), note(store, "I live in Nice.")
    assert [held.memory_id for held in store.claims.rivals(nice, ["home"])] == [lyon.id]
    assert store.claims.rivals(nice, ["work"]) == []
    store.memories.change(lyon.id, Author.USER, "forget", state=MemoryState.FORGOTTEN)
    assert store.claims.rivals(nice, ["home"]) == []
    assert store.claims.rivals(nice, []) == []


def test_claims_of_another_persona_are_none_of_ours(store: Store) -> None:
    from personas.model import Persona

    store.personas.add(Persona("ada", "Ada"))
    note(store, "I live in Lyon.", persona_id="ada")
    nice = note(store, "I live in Nice.")
    assert store.claims.rivals(nice, []) == []


def test_a_repeated_memory_counts_from_when_it_was_said_last(store: Store) -> None:
    memory = note(store, "I live in Lyon.")
    store.clock.advance(timedelta(days=9))
    again = store.say(store.conversation().id, "I live in Lyon.")
    sources = (*memory.sources, Source(again.id, again.text))
    held = store.claims.held(store.memories.change(memory.id, Author.REFLECTION, "merge", sources=sources))
    assert held
    assert held.last_said == again.created


def test_a_claim_counts_again_when_what_ended_it_is_forgotten(store: Store) -> None:
    memory, other = note(store, "I live in Lyon and I work at the zoo."), note(store, "I moved to Kyoto.")
    store.claims.end(store.claims.of(memory.id)[0], by=other.id)
    held = store.claims.held(memory)
    assert held
    assert [claim.attribute for claim in held.claims] == ["work"]
    assert store.memories.parts_over([memory.id]) == {memory.id: [("home: lyon", other.said_on)]}
    store.memories.change(other.id, Author.USER, "forget", state=MemoryState.FORGOTTEN)
    held = store.claims.held(memory)
    assert held
    assert [claim.attribute for claim in held.claims] == ["home", "work"]
    assert store.memories.parts_over([memory.id]) == {}


def test_names_are_those_that_were_known_before(store: Store) -> None:
    memory = note(store, "My sister Ana lives in Porto.")
    assert store.claims.names("mira", memory.said_on) == set()
    assert store.claims.names("mira", memory.said_on + timedelta(days=1)) == {"sister", "ana"}


def test_a_proposal_waits_once_while_both_memories_stand(store: Store) -> None:
    old, new = note(store, "I live in Lyon."), note(store, "I moved to Kyoto.")
    for _ in range(2):
        store.claims.propose(old.id, new.id, new.said_on)
    (waiting,) = store.claims.waiting("mira")
    assert (waiting.old_id, waiting.new_id, waiting.since) == (old.id, new.id, new.said_on)
    store.memories.change(old.id, Author.USER, "forget", state=MemoryState.FORGOTTEN)
    assert store.claims.waiting("mira") == []
    store.memories.change(old.id, Author.USER, "revive", state=MemoryState.ACTIVE)
    store.claims.decided(waiting.id)
    assert store.claims.waiting("mira") == []
    with pytest.raises(NotFoundError):
        store.claims.proposal(waiting.id)


def test_claims_and_proposals_go_with_an_erased_memory(store: Store, tmp_path: Path) -> None:
    talk = store.conversation()
    said = store.say(talk.id, f"I live in {SECRET}.")
    fields = {"granularity": Granularity.TOPIC, "trust": Trust.NOTED}
    old = store.remember(said.text, **fields, sources=(Source(said.id, said.text),))
    new = note(store, "I moved to Kyoto.")
    store.claims.propose(old.id, new.id, new.said_on)
    store.claims.end(store.claims.of(new.id)[0], by=old.id)
    assert SECRET.casefold() in store.claims.of(old.id)[0].value
    store.memories.erase(old.id)
    store.conversations.delete(talk.id)
    assert store.claims.of(old.id) == []
    assert store.claims.waiting("mira") == []
    assert store.claims.of(new.id)[0].ended_by is None
    assert files_with(tmp_path, SECRET) == []
    assert files_with(tmp_path, SECRET.casefold()) == []


def test_memories_from_before_there_were_claims_are_read(store: Store) -> None:
    memory = note(store, "I live in Lyon.")
    store.database.execute("DELETE FROM claims")
    store.memories.read_missing_claims()
    assert values(store, memory) == [("home", "lyon")]
