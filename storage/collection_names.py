"""Names of Chroma collections: 3 to 512 of [a-zA-Z0-9._-], beginning and ending with a letter or digit."""

import hashlib
import re

LONGEST = 400
SEPARATOR = "--"
SAFE = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9._-]*[a-zA-Z0-9])?")


def collection_name(persona_id: str, embedder_key: str) -> str:
    """The collection of a persona's vectors by one embedder."""
    return f"{_safe(persona_id)}{SEPARATOR}{_safe(embedder_key)}"


def is_of_embedder(name: str, embedder_key: str) -> bool:
    """Whether a collection holds vectors by this embedder."""
    return name.endswith(f"{SEPARATOR}{_safe(embedder_key)}")


def _safe(part: str) -> str:
    """The part itself where Chroma takes it; else what is left of it, with a hash to tell it from others."""
    if len(part) <= LONGEST // 2 and SEPARATOR not in part and SAFE.fullmatch(part):
        return part
    left = re.sub(r"[^a-zA-Z0-9]+", "-", part).strip("-")[:40]
    return f"x{left}-{hashlib.sha256(part.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
