"""Card files for tests, put together by hand."""

import base64
import io
import json
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image

V1 = {
    "name": "Wren",
    "description": "{{char}} keeps a lighthouse.",
    "personality": "quiet",
    "scenario": "A storm.",
    "first_mes": "Come in, {{user}}.",
    "mes_example": "<START>\n{{user}}: Hello\n{{char}}: Mind the step.",
}
V2 = {
    "spec": "chara_card_v2",
    "spec_version": "2.0",
    "data": {
        **V1,
        "creator_notes": "Made on a ferry.",
        "system_prompt": "",
        "post_history_instructions": "",
        "alternate_greetings": ["The lamp is out."],
        "character_book": {
            "extensions": {},
            "entries": [{"keys": ["lamp"], "content": "It turns.", "enabled": True}],
        },
        "tags": ["sea"],
        "creator": "somebody",
        "character_version": "3",
        "extensions": {"elsewhere/mood": {"depth": [1, 2, {"x": None}]}},
        "future_field": {"kept": True},
    },
}
V3 = {
    "spec": "chara_card_v3",
    "spec_version": "3.0",
    "data": {
        **V2["data"],  # type: ignore[dict-item]
        "group_only_greetings": [],
        "nickname": "Wrennie",
        "creation_date": 1_700_000_000,
        "source": ["a shelf"],
        "assets": [{"type": "icon", "uri": "ccdefault:", "name": "main", "ext": "png"}],
    },
}


def as_json(card: object) -> bytes:
    return json.dumps(card).encode()


def picture(size: tuple[int, int] = (8, 8)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#8DB592").save(out, "PNG")
    return out.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunks(*chunks: bytes) -> bytes:
    """A picture with chunks before its end."""
    end = chunk(b"IEND", b"")
    return picture().removesuffix(end) + b"".join(chunks) + end


def text_chunk(keyword: str, card: object) -> bytes:
    return chunk(b"tEXt", keyword.encode() + b"\0" + base64.b64encode(as_json(card)))


def charx(card: object, files: dict[str, bytes] | None = None, **options: Any) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        archive.writestr("card.json", as_json(card))
        for name, content in (files or {}).items():
            archive.writestr(name, content)
    return out.getvalue()
