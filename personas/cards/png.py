"""The text chunks of a PNG file, read and written without decoding the picture."""

import base64
import binascii
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from personas.cards import limits
from personas.cards.errors import CardError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORDS = ("ccv3", "chara")
"""The best first: V3, then V2 and V1."""
ASSETS = "chara-ext-asset_"
TEXT = (b"tEXt", b"zTXt", b"iTXt")
_HEAD = struct.Struct(">I4s")


def cards(data: bytes) -> list[Callable[[], bytes]]:
    """What decodes the JSON texts of the cards inside a PNG, the best first; each may raise CardError."""
    found: dict[str, Callable[[], bytes]] = {}
    for kind, body in _chunks(data):
        if (keyword := _keyword(kind, body).lower()) in KEYWORDS:
            found.setdefault(keyword, partial(_decode, kind, body))
    return [found[keyword] for keyword in KEYWORDS if keyword in found]


def with_cards(picture: bytes, texts: Mapping[str, bytes]) -> bytes:
    """The picture with JSON texts by keyword in place of any cards that it had."""
    out = [SIGNATURE]
    for kind, body in _chunks(picture):
        keyword = _keyword(kind, body)
        if keyword.lower() in KEYWORDS or keyword.startswith(ASSETS):
            continue
        if kind == b"IEND":
            out += [
                _chunk(b"tEXt", key.encode() + b"\0" + base64.b64encode(text)) for key, text in texts.items()
            ]
        out.append(_chunk(kind, body))
    if b"IEND" not in out[-1]:
        raise CardError("This picture is cut off, so it cannot carry a character.")
    return b"".join(out)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not data.startswith(SIGNATURE):
        raise CardError("This is not a PNG picture.")
    at = len(SIGNATURE)
    while at + _HEAD.size <= len(data):
        length, kind = _HEAD.unpack_from(data, at)
        start = at + _HEAD.size
        if start + length > len(data):
            return
        yield kind, data[start : start + length]
        at = start + length + 4


def _chunk(kind: bytes, body: bytes) -> bytes:
    return _HEAD.pack(len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))


def _keyword(kind: bytes, body: bytes) -> str:
    """The keyword of a text chunk; empty for other chunks."""
    keyword, zero, _ = body.partition(b"\0") if kind in TEXT else (b"", b"", b"")
    return keyword.decode("latin-1") if zero else ""


def _value(kind: bytes, body: bytes) -> bytes:
    """The value of a text chunk, inflated."""
    rest = body.partition(b"\0")[2]
    if kind == b"tEXt":
        return rest
    if kind == b"zTXt":
        return _inflate(rest[1:])
    # iTXt: compressed or not, the method, language and translated keyword each ended by a zero, the text.
    value = rest[2:].split(b"\0", 2)[-1]
    return _inflate(value) if rest[:1] == b"\1" else value


def _inflate(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        value = unpacker.decompress(packed, 2 * limits.JSON)
    except zlib.error as error:
        raise CardError("The character inside this picture is damaged.") from error
    if unpacker.unconsumed_tail:
        raise CardError("The character inside this picture is too large.")
    return value


def _decode(kind: bytes, body: bytes) -> bytes:
    """The JSON inside base64, with or without padding, line breaks or a data URL's head."""
    plain = b"".join(_value(kind, body).rpartition(b",")[2].split()).rstrip(b"=")
    if len(plain) > 2 * limits.JSON:
        raise CardError("The character inside this picture is too large.")
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
    except binascii.Error as error:
        raise CardError("The character inside this picture is damaged.") from error
