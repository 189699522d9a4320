import os
from datetime import timedelta

from app.services.doctor import Doctor
from app.services.upkeep import Upkeep
from app.services.views import ModelState
from storage.records import MemoryState
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
