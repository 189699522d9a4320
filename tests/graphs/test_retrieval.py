from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from graphs.memory.question import understand
from graphs.memory.turns import remember_turn
from graphs.retrieval import Retriever, Scored
from storage.index import VectorIndex
from storage.records import Author, Granularity, Memory, MemoryState, Message, Role, Trust
from tests.benchmarks.locomo import take_in
from tests.fakes.embedder import BagOfWords
from tests.storage.store import Store, open_store


class Talk:
    """A store, an index in step with it, and a way to search both."""

    def __init__(self, folder: Path) -> None:
        self.store: Store = open_store(folder)
        self.embedder = BagOfWords()
        self.index = VectorIndex(folder / "index", self.embedder.key, self.embedder.dimension)
        self.retriever = Retriever(
            self.store.memories,
            self.store.words,
            self.index,
            self.embedder,
            prepare=lambda: take_in(self.store.outbox, self.index, self.embedder),
        )

    def say(self, *texts: str, speaker: str = "") -> list[Message]:
        """A conversation of the person alone, each message remembered at once."""
        conversation = self.store.conversation()
        said = [self.store.say(conversation.id, text) for text in texts]
        for message in said:
            memory = remember_turn(message, "mira", memory_id=self.store.ids(), now=self.store.clock.now())
            assert memory is not None
            self.store.memories.add(memory, Author.USER)
        return said

    def search(self, query: str, limit: int = 5, **more: object) -> list[Scored]:
        return self.retriever.search("mira", query, limit=limit, now=self.store.clock.now(), **more)  # type: ignore[arg-type]

    def texts(self, query: str, limit: int = 5, **more: object) -> list[str]:
        return [one.memory.text for one in self.search(query, limit, **more)]


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    opened = Talk(tmp_path)
    yield opened
    opened.index.close()
    opened.store.database.close()


def test_what_was_said_is_found_by_its_words(talk: Talk) -> None:
    talk.say("I moved to Trondheim in April", "Sindre plays the fiddle", "The weather is dull")
    assert talk.texts("Who plays the fiddle?")[0] == "Sindre plays the fiddle"


def test_every_part_of_the_score_is_kept_by_name(talk: Talk) -> None:
    talk.say("Sindre plays the fiddle", "The weather is dull")
    found = talk.search("fiddle")[0]
    assert {"meaning", "words", "speaker", "session", "cosine", "bm25"} <= set(found.parts)
    assert found.parts["cosine"] > 0


def test_a_cosine_is_true_also_of_what_lies_far_from_the_question(talk: Talk) -> None:
    talk.say(*(f"The fiddle, take {number}" for number in range(230)), "Zebras and a bagpipe")
    found = talk.search("fiddle bagpipe", limit=60)
    [far] = [one for one in found if "Zebras" in one.memory.text]
    question, passage = (
        talk.embedder.embed([text], "query")[0] for text in ("fiddle bagpipe", far.memory.text)
    )
    assert far.parts["cosine"] == pytest.approx(float(question @ passage), abs=1e-3)


def test_without_index_or_embedder_words_alone_find(talk: Talk) -> None:
    talk.say("Sindre plays the fiddle", "The weather is dull")
    bare = Retriever(talk.store.memories, talk.store.words, None, None)
    found = bare.search("mira", "fiddle", limit=5, now=talk.store.clock.now())
    assert found[0].memory.text == "Sindre plays the fiddle"
    assert found[0].parts["cosine"] == 0


def test_an_embedder_that_cannot_be_loaded_leaves_the_words(talk: Talk) -> None:
    talk.say("Sindre plays the fiddle", "The weather is dull")
    talk.texts("fiddle")
    talk.embedder.missing = True
    assert talk.texts("fiddle")[0] == "Sindre plays the fiddle"


def test_forgotten_memory_is_not_found_though_the_index_still_holds_it(talk: Talk) -> None:
    [message] = talk.say("Sindre plays the fiddle")
    talk.texts("fiddle")
    [memory] = talk.store.memories.from_message(message.id)
    talk.store.memories.change(memory.id, Author.USER, "forget", state=MemoryState.FORGOTTEN)
    stale = Retriever(talk.store.memories, talk.store.words, talk.index, talk.embedder)
    assert stale.search("mira", "fiddle", limit=5, now=talk.store.clock.now()) == []


def test_another_personas_memories_stay_hers(talk: Talk) -> None:
    talk.say("Sindre plays the fiddle")
    assert talk.retriever.search("oskar", "fiddle", limit=5, now=talk.store.clock.now()) == []


def test_the_turn_beside_a_match_is_found_too(talk: Talk) -> None:
    talk.say("What does Sindre play?", "The hardanger one, until midnight", "Something else entirely")
    assert "The hardanger one, until midnight" in talk.texts("Sindre")


def test_memories_of_messages_that_the_prompt_repeats_are_passed_over(talk: Talk) -> None:
    earlier = talk.say("My sister Ana plays the fiddle")
    now = talk.say("Ana plays the fiddle very well", "Ana bought a fiddle")
    found = talk.texts("fiddle", without=[message.id for message in now])
    assert found == [earlier[0].text]


def test_a_memory_that_also_rests_on_something_older_is_not_passed_over(talk: Talk) -> None:
    [old] = talk.say("Ana has a fiddle")
    [new] = talk.say("Ana still has it")
    topic = talk.store.remember("Ana owns a fiddle", old, new, granularity=Granularity.TOPIC)
    assert topic.text in talk.texts("fiddle", without=[new.id])


def test_a_named_speaker_comes_first(talk: Talk) -> None:
    for name in ("Caroline", "Melanie"):
        talk.store.remember("I adopted a child in May", speaker_name=name, trust=Trust.IMPORTED)
    found = talk.search("When did Melanie adopt a child?")
    assert found[0].memory.speaker_name == "Melanie"


def test_the_persons_own_words_come_first_when_they_ask_about_themselves(talk: Talk) -> None:
    for speaker, trust in ((Role.ASSISTANT, Trust.INFERRED), (Role.USER, Trust.SAID)):
        talk.store.remember("Porto is where home is", speaker=speaker, trust=trust)
    assert talk.search("Where is my home?")[0].memory.speaker is Role.USER
    assert talk.search("What did you say about home?")[0].memory.speaker is Role.ASSISTANT


def test_what_was_said_in_the_time_asked_about_comes_first(talk: Talk) -> None:
    for days in (60, 40, 40):
        talk.say("We had dinner with Ana")
        talk.store.clock.advance(timedelta(days=days))
    first = talk.search("Who had dinner with us 2 months ago?", 3)[0].memory
    assert first.said_on.month == (talk.store.clock.now().month - 3) % 12 + 1


def test_a_line_with_a_time_in_it_answers_when(talk: Talk) -> None:
    talk.say("The new flat is lovely, we moved", "Something else entirely", "We moved on Tuesday, it rained")
    assert talk.texts("When did we move?")[0] == "We moved on Tuesday, it rained"


def test_a_topic_brings_its_turn_and_lifts_it(talk: Talk) -> None:
    told, *_ = talk.say("He chews everything, that one", "The weather is dull", "It might rain again")
    topic = talk.store.remember("Their dog Rex is a puppy", told, granularity=Granularity.TOPIC)
    found = [one.memory.id for one in talk.search("What is the dog called?")]
    [turn] = [one for one in talk.store.memories.from_message(told.id) if one.id != topic.id]
    assert found[:2] == [topic.id, turn.id]


def test_a_memory_changed_since_the_last_search_is_seen_as_it_is_now(talk: Talk) -> None:
    [message] = talk.say("Sindre plays the fiddle")
    assert talk.texts("fiddle") == ["Sindre plays the fiddle"]
    [memory] = talk.store.memories.from_message(message.id)
    talk.store.memories.change(memory.id, Author.USER, "edit", text="Sindre plays the harp")
    assert talk.texts("harp") == ["Sindre plays the harp"]
    talk.store.memories.change(memory.id, Author.USER, "forget", state=MemoryState.FORGOTTEN)
    assert talk.texts("harp") == []


def test_an_old_weak_memory_is_found_when_asked_for(talk: Talk) -> None:
    talk.say("My first bicycle was green")
    talk.store.clock.advance(timedelta(days=3000))
    talk.say("My bicycle is at the shop", "The weather is dull")
    assert "My first bicycle was green" in talk.texts("What colour was my first bicycle?", 2)


def test_retention_decides_between_equals(talk: Talk) -> None:
    weak: Memory = talk.store.remember("Porto is lovely", strength=1.0)
    strong: Memory = talk.store.remember("Porto is lovely", strength=400.0)
    talk.store.clock.advance(timedelta(days=90))
    assert [one.memory.id for one in talk.search("Porto")] == [strong.id, weak.id]


def test_an_empty_store_and_odd_queries_find_nothing_and_do_no_harm(talk: Talk) -> None:
    for query in ("", "   ", '"; DROP TABLE memories; --', "a" * 5000, "\x00", "*", "NEAR("):
        assert talk.search(query) == []


def test_an_old_memory_that_is_asked_for_comes_before_fresh_ones_that_fit_less(talk: Talk) -> None:
    [old] = talk.say("The piano in the cellar belonged to Grandmother Ilse")
    talk.store.clock.advance(timedelta(days=3650))
    talk.say(*(f"The cellar is damp, day {number}" for number in range(20)), "A piano is heavy")
    found = talk.search("Whose was the piano in the cellar?")
    assert found[0].memory.sources[0].message_id == old.id


def test_texts_are_compared_on_the_scale_of_the_bundled_embedder(talk: Talk) -> None:
    level = Retriever(
        talk.store.memories, talk.store.words, talk.index, talk.embedder, level=lambda cosine: cosine / 2
    )
    question = understand("the fiddle", [])
    [plain] = talk.retriever.cosines(question, ["the fiddle"])
    [halved] = level.cosines(question, ["the fiddle"])
    assert plain == pytest.approx(1.0, abs=1e-5)
    assert halved == pytest.approx(0.5, abs=1e-5)
