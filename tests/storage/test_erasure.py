"""What is deleted for good is not in any byte of the store's files."""

from pathlib import Path

from storage.backup import backup
from storage.records import Author, MemoryState, Outcome, Recall, Role, Source
from tests.storage.store import Store

SECRET = "zanzibarquux"
"""Its stem, `zanzibarquux`, is itself, so the full-text index would hold it in one piece."""


def files_with(folder: Path, words: str) -> list[str]:
    needle = words.encode()
    return [path.name for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes().lower()]


def fill(store: Store) -> None:
    """Enough other memories that pages are shared and split."""
    for n in range(200):
        store.remember(f"harmless memory number {n} about tea and the weather")


def test_an_erased_memory_is_in_no_byte_of_the_files(store: Store, tmp_path: Path) -> None:
    fill(store)
    memory = store.remember(f"I was born in {SECRET}")
    store.memories.change(memory.id, Author.USER, "edit", text=f"I was born near {SECRET} " * 300)
    store.memories.change(memory.id, Author.USER, "edit", text="short", reason=f"not {SECRET}")
    fill(store)
    assert files_with(tmp_path, SECRET)
    assert store.memories.erase(memory.id) == 1
    assert files_with(tmp_path, SECRET) == []
    backup(store.database, tmp_path / "copies" / "copy.db")
    assert files_with(tmp_path, SECRET) == []


def test_erasing_takes_everything_about_the_memory(store: Store) -> None:
    reply = store.say(store.conversation().id, "hello", Role.ASSISTANT)
    memory = store.remember("tea", reply)
    newer = store.remember("green tea")
    store.memories.change(
        newer.id, Author.REFLECTION, "supersede", state=MemoryState.SUPERSEDED, superseded_by=memory.id
    )
    store.recalls.add_many([Recall(reply.id, memory.id, 0, {}, Outcome.FACT)])
    store.memories.erase(memory.id)
    assert store.memories.find(memory.id) is None
    assert store.memories.history(memory.id) == []
    assert store.recalls.for_message(reply.id) == []
    assert store.memories.from_message(reply.id) == []
    assert store.memories.get(newer.id).superseded_by is None
    assert [entry.op for entry in store.outbox.pending() if entry.memory_id == memory.id] == ["remove"]
    assert store.messages.get(reply.id).text == "hello"


def test_erasing_what_is_gone_does_nothing(store: Store) -> None:
    assert store.memories.erase("gone") == 0
    assert store.outbox.size() == 0


def test_a_deleted_conversation_is_in_no_byte_of_the_files(store: Store, tmp_path: Path) -> None:
    fill(store)
    other = store.say(store.conversation().id, "harmless")
    talk = store.conversation(title=f"About {SECRET}")
    for n in range(30):
        said = store.say(talk.id, f"{n}: {SECRET} is where I was born")
    store.remember(f"{SECRET} is where I was born", said)
    both = store.remember("born far away", other)
    sources = (Source(other.id), Source(said.id, f"{SECRET} is"))
    store.memories.change(both.id, Author.REFLECTION, "merge", sources=sources)
    store.conversations.delete(talk.id)
    assert files_with(tmp_path, SECRET) == []


def test_a_deleted_persona_is_in_no_byte_of_the_files(store: Store, tmp_path: Path) -> None:
    talk = store.conversation(title=SECRET)
    store.remember(f"born in {SECRET}", store.say(talk.id, f"I was born in {SECRET}"))
    store.personas.delete("mira")
    assert files_with(tmp_path, SECRET) == []


def test_an_edited_message_leaves_nothing_of_its_old_text(store: Store, tmp_path: Path) -> None:
    talk = store.conversation()
    said = store.say(talk.id, f"{SECRET} " * 500)
    store.messages.update(said.id, text="short")
    store.conversations.delete(talk.id)
    assert files_with(tmp_path, SECRET) == []
