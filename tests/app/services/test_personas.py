import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from app.services.personas import PersonaService
from personas.errors import NotFoundError, UserError
from tests.app.world import World


@pytest.fixture
def service(world: World) -> PersonaService:
    return PersonaService(world.stores.personas, world.paths.avatars)


def picture(path: Path, colour: str = "green") -> Path:
    Image.new("RGB", (40, 30), colour).save(path)
    return path


def test_bundled_personas_come_into_an_empty_store_alone(world: World, service: PersonaService) -> None:
    service.bring_bundled()
    assert [one.id for one in service.list()] == ["mira"]
    world.stores.personas.delete("mira")
    service.bring_bundled()
    assert [one.id for one in service.list()] == ["mira", "anselm", "juno"]


def test_a_persona_is_chosen_by_id_or_name_and_the_first_by_default(service: PersonaService) -> None:
    fresh = service.create("Ana Lucia")
    assert service.choose(None).id == "mira"
    assert service.choose("ana lucia") == service.choose(fresh.id) == fresh
    with pytest.raises(NotFoundError, match="mira, ana-lucia"):
        service.choose("bob")


def test_a_copy_has_its_own_name_and_picture(service: PersonaService, tmp_path: Path) -> None:
    service.set_avatar("mira", picture(tmp_path / "a.png"))
    first, second = service.duplicate("mira"), service.duplicate("mira")
    assert (first.name, second.name) == ("Mira (copy)", "Mira (copy 2)")
    path = service.avatar_path(first)
    assert path is not None
    service.delete("mira")
    assert path.is_file()


def test_the_last_persona_stays(service: PersonaService) -> None:
    with pytest.raises(UserError, match="only persona"):
        service.delete("mira")


def test_a_new_picture_takes_the_place_of_the_old_one(service: PersonaService, tmp_path: Path) -> None:
    first = service.avatar_path(service.set_avatar("mira", picture(tmp_path / "a.png")))
    second = service.avatar_path(service.set_avatar("mira", picture(tmp_path / "b.png", "red")))
    assert first is not None
    assert second is not None
    assert not first.exists()
    assert Image.open(io.BytesIO(second.read_bytes())).size == (256, 256)


def test_a_card_goes_out_and_comes_in_again(service: PersonaService, tmp_path: Path) -> None:
    service.save(replace(service.get("mira"), description="Collects maps."))
    for name in ("card.png", "card.json"):
        file = service.export_card("mira", tmp_path / name)
        persona, _ = service.import_card(file)
        assert (persona.name, persona.description) == ("Mira", "Collects maps.")
        assert persona.id != "mira"


def test_an_avatar_name_cannot_point_out_of_the_folder(world: World, service: PersonaService) -> None:
    persona = service.save(replace(service.get("mira"), avatar="../keepsake.db"))
    assert service.avatar_path(persona) is None
