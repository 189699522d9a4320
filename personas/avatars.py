"""Pictures that people bring along, made into avatars: square, small, with nothing beside the pixels."""

import io

from PIL import Image, ImageOps

from personas.errors import UserError

SIDE = 256
MOST_BYTES = 20_000_000
MOST_PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


class PictureError(UserError):
    """The file is no picture that can become an avatar."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "Choose a PNG, JPEG, WebP or GIF picture. The avatar stays as it was.")


def avatar_png(data: bytes, side: int = SIDE) -> bytes:
    """The middle square of a picture as a PNG of `side` pixels. Raises PictureError."""
    if len(data) > MOST_BYTES:
        raise PictureError(f"The picture is larger than {MOST_BYTES // 1_000_000} MB.")
    try:
        picture = _decoded(data)
    except PictureError:
        raise
    except Exception as error:
        # Pillow's decoders raise errors of many kinds on damaged files.
        raise PictureError("The picture cannot be read.") from error
    square = ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    Image.frombytes(square.mode, square.size, square.tobytes()).save(out, "PNG", optimize=True)
    return out.getvalue()


def _decoded(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            raise PictureError("The picture has too many pixels.")
        return ImageOps.exif_transpose(image).convert("RGBA")
