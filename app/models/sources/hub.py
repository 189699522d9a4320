"""A file of the model hub. The hub's own metadata tell its size and hash before anything is fetched."""

from collections.abc import Generator

import httpx

from app.models.catalogue import HubSource
from app.models.sources import url as plain
from app.models.sources.progress import Facts, FetchProgress, SourceError, Wanted

_MOST_REDIRECTS = 5
_SHA256_LENGTH = 64
_REACH_S = 4.0


def fetch(
    source: HubSource, hub: str, wanted: Wanted, http: httpx.Client
) -> Generator[FetchProgress, None, Facts]:
    """Fetch into `wanted.target`, held to the hub's hash where the catalogue has none.

    Raises SourceError, StoppedError.
    """
    base = hub.rstrip("/")
    address = f"{base}/{source.repo}/resolve/main/{source.file}"
    yield FetchProgress("asking", 0, wanted.size_bytes or 0, f"Asking {httpx.URL(base).host}")
    try:
        size, sha256 = _metadata(address, http)
        licence = _licence(f"{base}/api/models/{source.repo}", http)
    except httpx.TransportError as error:
        raise SourceError(f"{httpx.URL(base).host} cannot be reached.") from error
    if wanted.sha256 and sha256 and sha256 != wanted.sha256:
        raise SourceError(f"{source.repo} has another file than the known one (its hash differs).")
    known = Wanted(wanted.target, size or wanted.size_bytes, wanted.sha256 or sha256, wanted.stop)
    facts = yield from plain.fetch(address, known, http)
    return Facts(facts.size_bytes, known.sha256, licence, f"{base}/{source.repo}")


def reachable(hub: str) -> bool:
    """Whether the hub answers at all; asks for a moment only."""
    try:
        httpx.head(hub, timeout=_REACH_S, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return True


def _metadata(address: str, http: httpx.Client) -> tuple[int | None, str | None]:
    """Size and SHA-256 of the file, from the hub itself rather than from where it redirects to."""
    for _ in range(_MOST_REDIRECTS):
        response = http.head(address, follow_redirects=False)
        mark = response.headers.get("X-Linked-Etag", "").strip('"')
        onward = response.headers.get("Location", "")
        if (
            not mark
            and response.is_redirect
            and httpx.URL(address).join(onward).host == httpx.URL(address).host
        ):
            address = str(httpx.URL(address).join(onward))
            continue
        if response.is_error:
            raise SourceError(_why(response))
        size = response.headers.get("X-Linked-Size", "")
        is_hash = len(mark) == _SHA256_LENGTH and all(letter in "0123456789abcdef" for letter in mark)
        return (int(size) if size.isdigit() else None), (mark if is_hash else None)
    raise SourceError(f"{httpx.URL(address).host} redirects too often.")


def _why(response: httpx.Response) -> str:
    if response.status_code in {401, 403}:
        return f"{response.url.host} gives this file only to people who signed in and agreed to its licence."
    return f"{response.url.host} answered {response.status_code} {response.reason_phrase}."


def _licence(address: str, http: httpx.Client) -> str:
    """The licence as the hub states it; empty where it does not."""
    response = http.get(address)
    if response.is_error:
        return ""
    try:
        card = response.json().get("cardData") or {}
        licence = card.get("license_name") or card.get("license") or ""
    except (ValueError, AttributeError):
        return ""
    return licence if isinstance(licence, str) else ""
