"""The address of a server's OpenAI-compatible interface, from what a person typed."""

import re


def api_base(url: str) -> str:
    """Up to `/v1`, whichever part of it was given."""
    base = url.strip().rstrip("/")
    for path in ("/chat/completions", "/embeddings", "/models"):
        base = base.removesuffix(path)
    return base if re.search(r"/v\d+$", base) else f"{base}/v1"


def root(base: str) -> str:
    """Without `/v1`, where a server's own interface begins."""
    return re.sub(r"/v\d+$", "", base)
