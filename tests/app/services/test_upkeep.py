import os
from dataclasses import replace
from datetime import timedelta

from app.services.doctor import Doctor
from app.services.model_views import ModelState
from app.services.upkeep import Upkeep
from storage.records import MemoryState, SessionState
from tests.app.world import World


def test_what_goes_unused_for_long_fades_and_what_is_pinned_stays(world: World) -> None:
    world.talk("I keep bees.")
    pinned = world.memories.add("mira", "My sister is Ana.")
    world.memories.pin(pinned.id)
    upkeep = Upkeep(world.stores, world.paths.backups, keep=7)
    assert upkeep.let_fade() == 0
    world.clock.advance(days=5_000)
    assert upkeep.let_fade() == 1
    assert world.stores.memories.get(pinned.id).state is MemoryState.ACTIVE
    assert world.texts("bees") == []


def test_a_persona_that_always_remembers_lets_nothing_fade(world: World) -> None:
    world.stores.personas.save(replace(world.persona, remembers="always"))
    memory = world.memories.add("mira", "My sister is Ana.")
    world.clock.advance(days=50_000)
    assert Upkeep(world.stores, world.paths.backups, keep=7).let_fade() == 0
    assert world.memories.line(memory.id).strength_words == "does not fade"


def test_how_long_a_persona_remembers_counts_for_what_it_knows_already(world: World) -> None:
    memory = world.memories.add("mira", "My sister is Ana.")
    long, page = world.memories.open(memory.id).fades_about, world.memories.line(memory.id)
    world.stores.personas.save(replace(world.persona, remembers="weeks"))
    short = world.memories.open(memory.id).fades_about
    assert long is not None
    assert short is not None
    assert short < long
    assert world.memories.line(memory.id).strength_words != page.strength_words


def test_a_copy_a_day_and_only_the_newest_are_kept(world: World) -> None:
    upkeep = Upkeep(world.stores, world.paths.backups, keep=3)
    made = []
    for _ in range(10):
        made.append(upkeep.back_up_daily())
        assert upkeep.back_up_daily() is None
        world.clock.advance(timedelta(hours=25))
    kept = sorted(world.paths.backups.glob("daily-*.db"))
    assert kept == made[-3:]


def doctor(world: World, state: ModelState) -> dict[str, tuple[bool, str]]:
    checks = Doctor(
        paths=world.paths,
        stores=world.stores,
        index=world.indexing.state,
        model=lambda: state,
        embedder=lambda: world.embedder,
    ).report()
    return {check.name: (check.ok, check.words) for check in checks}


def test_the_doctor_says_what_is_well_and_what_to_do_where_it_is_not(world: World) -> None:
    fine = doctor(world, ModelState("m", "ready", "m answers."))
    assert all(ok for ok, _ in fine.values())
    world.paths.root.chmod(0o755)
    world.embedder.missing = True
    ill = doctor(world, ModelState("m", "missing", "There is no file."))
    assert ill["model"] == (False, "There is no file.")
    assert ill["search by meaning"] == (False, "The embedding model is not installed. Install it.")
    if os.name == "posix":
        assert ill["privacy"] == (False, f"Others can read it: chmod 700 {world.paths.root}")


def test_the_doctor_tells_how_many_talks_are_read(world: World) -> None:
    state = ModelState("m", "ready", "m answers.")
    assert "talks" not in doctor(world, state)
    for _ in range(3):
        _, (said, *_) = world.talk("I keep bees.")
        world.stores.sessions.close(said.session_id)
    world.stores.sessions.mark(said.session_id, SessionState.REFLECTED)
    assert doctor(world, state)["talks"] == (True, "1 of 3 finished talks read for memories.")
    world.stores.sessions.mark(said.session_id, SessionState.FAILED, error="The model is damaged.")
    assert doctor(world, state)["talks"] == (
        False,
        "0 of 3 finished talks read for memories. 1 talk failed: The model is damaged.",
    )
