from storage.records import Outcome, Recall, Role
from tests.storage.store import Store


def test_recalls_come_back_by_reply_and_by_memory(store: Store) -> None:
    talk = store.conversation()
    first, second = (store.say(talk.id, text, Role.ASSISTANT) for text in ("one", "two"))
    tea, cake = store.remember("tea"), store.remember("cake")
    shown = Recall(first.id, tea.id, 0, {"total": 0.75, "words": 1.5}, Outcome.FACT)
    aside = Recall(first.id, cake.id, 1, {"total": 0.1}, Outcome.SET_ASIDE, reason="from a file")
    again = Recall(second.id, tea.id, 0, {"total": 0.5}, Outcome.UNCONFIRMED, used=True, usage=0.25)
    store.recalls.add_many([aside, shown, again])
    assert store.recalls.for_message(first.id) == [shown, aside]
    assert store.recalls.for_memory(tea.id) == [(again, second), (shown, first)]
    assert store.recalls.for_memory("gone") == []


def test_what_a_reply_used_is_marked(store: Store) -> None:
    reply = store.say(store.conversation().id, "one", Role.ASSISTANT)
    tea, cake = store.remember("tea"), store.remember("cake")
    store.recalls.add_many([Recall(reply.id, m.id, n, {}, Outcome.FACT) for n, m in enumerate([tea, cake])])
    store.recalls.mark_used(reply.id, {cake.id: 0.8, "gone": 1.0})
    assert [(recall.used, recall.usage) for recall in store.recalls.for_message(reply.id)] == [
        (False, 0.0),
        (True, 0.8),
    ]


def test_a_memory_erased_while_the_reply_was_written_is_passed_over(store: Store) -> None:
    reply = store.say(store.conversation().id, "one", Role.ASSISTANT)
    gone = store.remember("tea")
    store.memories.erase(gone.id)
    store.recalls.add_many([Recall(reply.id, gone.id, 0, {}, Outcome.FACT)])
    assert store.recalls.for_message(reply.id) == []
