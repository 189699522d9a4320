import io

import pytest
from PIL import Image, PngImagePlugin

from personas.avatars import SIDE, PictureError, avatar_png


def picture(kind: str = "PNG", size: tuple[int, int] = (400, 200), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#4A6B4E").save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_picture_becomes_a_small_square(kind: str) -> None:
    made = Image.open(io.BytesIO(avatar_png(picture(kind))))
    assert (made.format, made.size) == ("PNG", (SIDE, SIDE))


def test_nothing_but_the_picture_is_kept() -> None:
    note = PngImagePlugin.PngInfo()
    note.add_text("chara", "secret")
    made = avatar_png(picture(pnginfo=note))
    assert b"secret" not in made
    assert b"tEXt" not in made


def test_picture_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    left_red = Image.new("RGB", (40, 40), "white")
    left_red.paste("red", (0, 0, 20, 40))
    out = io.BytesIO()
    left_red.save(out, "PNG", exif=exif)
    made = Image.open(io.BytesIO(avatar_png(out.getvalue()))).convert("RGB")
    assert made.getpixel((SIDE // 2, 10)) == (255, 0, 0)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "cannot be read"),
        (b"<svg onload='alert(1)'/>", "cannot be read"),
        (picture()[:100], "cannot be read"),
        (picture("BMP"), "cannot be read"),
        (picture(size=(8_000, 6_000)), "too many pixels"),
        (b"\x89PNG" + bytes(20_000_001), "larger than 20 MB"),
    ],
)
def test_what_is_no_fit_picture_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(PictureError, match=words):
        avatar_png(data)
