from dataclasses import replace

import pytest

from personas.errors import NotFoundError
from storage.records import Lesson, LessonKind, Memory
from tests.storage.store import Store


def lesson(store: Store, memory: Memory, **fields: object) -> Lesson:
    plain = Lesson(
        store.ids(), "mira", memory.id, LessonKind.AVOID, "Lumora pays.", "about money", store.clock.now()
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


def test_a_lesson_comes_back_as_it_was(store: Store) -> None:
    talk = store.conversation()
    told = store.remember("I pay by card.")
    asked = store.say(talk.id, "How do I pay?")
    full = lesson(
        store,
        store.remember("Lumora pays."),
        context_id=asked.id,
        instead_id=told.id,
        strength=2.5,
        applied=3,
        last_applied=store.clock.now(),
    )
    store.lessons.save(full)
    assert store.lessons.get(full.id) == full
    assert store.lessons.list("mira") == [full]


def test_saving_again_changes_it_in_place(store: Store) -> None:
    first = store.lessons.save(lesson(store, store.remember("Lumora pays.")))
    store.lessons.save(replace(first, applied=1))
    assert [one.applied for one in store.lessons.list("mira")] == [1]


def test_the_strongest_comes_first(store: Store) -> None:
    memory = store.remember("Lumora pays.")
    weak = store.lessons.save(lesson(store, memory))
    strong = store.lessons.save(lesson(store, memory, strength=3.0))
    assert store.lessons.list("mira") == [strong, weak]


def test_a_deleted_lesson_is_gone(store: Store) -> None:
    first = store.lessons.save(lesson(store, store.remember("Lumora pays.")))
    store.lessons.delete(first.id)
    store.lessons.delete(first.id)
    assert store.lessons.find(first.id) is None
    with pytest.raises(NotFoundError):
        store.lessons.get(first.id)


def test_a_memory_that_is_erased_takes_its_lesson_along(store: Store) -> None:
    memory, told = store.remember("Lumora pays."), store.remember("I pay by card.")
    store.lessons.save(lesson(store, memory, instead_id=told.id))
    store.memories.erase(told.id)
    assert store.lessons.list("mira")[0].instead_id is None
    store.memories.erase(memory.id)
    assert store.lessons.list("mira") == []


def test_a_persona_that_is_deleted_takes_its_lessons_along(store: Store) -> None:
    store.lessons.save(lesson(store, store.remember("Lumora pays.")))
    store.personas.delete("mira")
    assert store.lessons.list("mira") == []
