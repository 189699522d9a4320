import base64
import io
import zipfile
import zlib

import pytest
from PIL import Image

from personas.cards import CardError, limits, read_card, write_png
from tests.personas.cards import V2, V3, as_json, charx, chunk, picture, text_chunk, with_chunks

OTHER = {**V2, "data": {**V2["data"], "name": "Other"}}  # type: ignore[dict-item]


def encoded(card: object) -> bytes:
    return base64.b64encode(as_json(card))


def test_newer_card_in_a_picture_wins() -> None:
    data = with_chunks(text_chunk("chara", OTHER), text_chunk("ccv3", V3))
    card = read_card(data)
    assert card.persona.name == "Wren"
    assert card.picture == data


def test_older_card_is_taken_where_the_newer_one_is_damaged() -> None:
    for value in (base64.b64encode(b"{"), b"%%%"):
        broken = chunk(b"tEXt", b"ccv3\0" + value)
        assert read_card(with_chunks(broken, text_chunk("chara", V2))).persona.name == "Wren"


@pytest.mark.parametrize(
    "text",
    [
        chunk(b"tEXt", b"Chara\0" + encoded(V2)),
        chunk(b"tEXt", b"chara\0" + encoded(V2).rstrip(b"=")),
        chunk(b"tEXt", b"chara\0data:application/json;base64," + encoded(V2)),
        chunk(b"tEXt", b"chara\0" + b"\n".join(encoded(V2)[at : at + 76] for at in range(0, 9999, 76))),
        chunk(b"zTXt", b"chara\0\0" + zlib.compress(encoded(V2))),
        chunk(b"iTXt", b"chara\0\0\0en\0\0" + encoded(V2)),
        chunk(b"iTXt", b"chara\0\1\0en\0\0" + zlib.compress(encoded(V2))),
    ],
    ids=["upper case", "no padding", "data URL", "line breaks", "zTXt", "iTXt", "iTXt packed"],
)
def test_card_is_found_however_it_was_written(text: bytes) -> None:
    assert read_card(with_chunks(text)).persona.name == "Wren"


def test_card_before_a_cut_is_still_read() -> None:
    assert read_card(with_chunks(text_chunk("chara", V2))[:-12]).persona.name == "Wren"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (picture(), "holds no character"),
        (picture()[:20], "holds no character"),
        (with_chunks(chunk(b"tEXt", b"chara\0%%%")), "damaged"),
        (with_chunks(chunk(b"tEXt", b"chara")), "holds no character"),
        (with_chunks(chunk(b"zTXt", b"chara\0\0nonsense")), "damaged"),
        (with_chunks(chunk(b"zTXt", b"chara\0\0" + zlib.compress(bytes(2 * limits.JSON + 1)))), "too large"),
        (with_chunks(chunk(b"tEXt", b"chara\0" + b"A" * (2 * limits.JSON + 4))), "too large"),
    ],
)
def test_picture_without_a_sound_card_is_named(data: bytes, words: str) -> None:
    with pytest.raises(CardError, match=words):
        read_card(data)


def test_written_picture_holds_only_our_card_and_still_opens() -> None:
    persona = read_card(as_json(V3)).persona
    carrying = with_chunks(
        text_chunk("chara", OTHER), text_chunk("ccv3", OTHER), chunk(b"tEXt", b"chara-ext-asset_:x\0AAAA")
    )
    written = write_png(persona, carrying)
    assert b"chara-ext-asset" not in written
    assert written.count(b"tEXt") == 2
    with Image.open(io.BytesIO(written)) as image:
        image.load()
        assert set(image.info) == {"chara", "ccv3"}
    assert read_card(written).persona == persona


def test_older_card_beside_the_newer_one_has_only_older_fields() -> None:
    written = write_png(read_card(as_json(V3)).persona, picture())
    only_old = written.replace(b"ccv3", b"none")
    assert "nickname" not in read_card(only_old).persona.extensions
    assert read_card(only_old).persona.greeting == "Come in, {{user}}."


def test_no_card_is_written_into_a_picture_that_is_cut_off() -> None:
    with pytest.raises(CardError, match="cut off"):
        write_png(read_card(as_json(V3)).persona, picture()[:-12])


ICON = "assets/icon/images/main.png"


def with_assets(*assets: object) -> dict[str, object]:
    return {**V3, "data": {**V3["data"], "assets": list(assets)}}  # type: ignore[dict-item]


@pytest.mark.parametrize("head", ["embeded://", "embedded://"])
def test_charx_brings_its_main_icon(head: str) -> None:
    card = with_assets(
        {"type": "icon", "uri": head + "assets/other.png", "name": "side", "ext": "png"},
        {"type": "icon", "uri": head + ICON, "name": "main", "ext": "png"},
    )
    read = read_card(charx(card, {ICON: picture(), "assets/other.png": b"x"}))
    assert read.persona.name == "Wren"
    assert read.picture == picture()


def test_charx_behind_a_picture_is_read() -> None:
    assert read_card(b"\xff\xd8\xff picture" + charx(V3)).persona.name == "Wren"


def test_assets_of_the_file_are_not_promised_on_export() -> None:
    elsewhere = {"type": "background", "uri": "https://example.org/a.png", "name": "a", "ext": "png"}
    card = with_assets({"type": "icon", "uri": "embeded://" + ICON, "name": "main", "ext": "png"}, elsewhere)
    written = write_png(read_card(charx(card, {ICON: picture()})).persona, picture())
    assert read_card(written).persona.extensions["assets"] == [elsewhere]


@pytest.mark.parametrize(
    "uri",
    [
        "https://example.org/a.png",
        "file:///etc/passwd",
        "embeded://../../etc/passwd",
        "embeded://none.png",
        7,
    ],
)
def test_nothing_outside_the_charx_is_opened(uri: object) -> None:
    assert read_card(charx(with_assets({"type": "icon", "uri": uri, "name": "main"}))).picture is None


def zipped(name: str, content: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def lying() -> bytes:
    """Says that the unpacked card is small."""
    data = bytearray(zipped("card.json", bytes(limits.JSON + 10)))
    entry = data.index(b"PK\1\2")
    data[entry + 24 : entry + 28] = (100).to_bytes(4, "little")
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (zipped("readme.txt", b"x"), "no card.json"),
        (zipped("card.json", bytes(limits.JSON + 1)), "too large"),
        (lying(), "cannot be read|JSON"),
        (zipped("card.json", as_json(V3), zipfile.ZIP_LZMA), "not supported"),
        (b"PK\1\2" * (limits.ZIP_ENTRIES + 1) + charx(V3), "too many"),
        (charx(V3).replace(b"card.json", b"card.jsom", 1), "cannot be read"),
    ],
    ids=["no card", "bomb", "lying", "packing", "many", "damaged"],
)
def test_charx_that_is_unsound_is_named(data: bytes, words: str) -> None:
    with pytest.raises(CardError, match=words):
        read_card(data)


def test_picture_bomb_in_a_charx_is_refused() -> None:
    card = with_assets({"type": "icon", "uri": "embeded://" + ICON, "name": "main"})
    with pytest.raises(CardError, match="too large"):
        read_card(charx(card, {ICON: bytes(limits.PICTURE + 1)}))
